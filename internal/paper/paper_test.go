package paper

import (
	"bytes"
	"compress/zlib"
	_ "embed" // the table of characters
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
)

func doc(rows int) Document {
	d := Document{Lang: "zh-CN", Title: "货款结算单", Subtitle: "2026 年 11 月 1 日 – 15 日", Stamp: "演示数据",
		Head:    []Pair{{"供货方", "李长山家"}, {"村屯", "上甘岭 红松村"}, {"收款卡", "尾号 1234"}, {"单号", "JS20261101-0003"}},
		Promise: "承诺一：本县农户卖货，一分佣金不收。本单佣金 0.00 元。",
		Cols:    []Col{{"日期 / 订单", 40, false}, {"货品", 58, false}, {"数量 × 单价", 30, true}, {"货款", 24, true}, {"佣金", 16, true}, {"实得", 24, true}},
		Totals:  []Pair{{"卖了", "¥12,345.00"}, {"退款和理赔", "−¥36.90"}, {"上期结转", "¥0.00"}, {"这次打给您", "¥12,308.10"}},
		Notes:   []string{"对不上就打电话：0458-1234567。"}, QR: "https://lindu.example/r/abc", QRWords: "扫码看这张单的凭证", Foot: "林都电商中心",
		Made:   time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC),
		PageOf: func(n int, all string) string { return fmt.Sprintf("第 %d 页，共 %s 页", n, all) },
		Lacks:  func(l string) string { return "字库里没有这些字：" + l }}
	for i := range rows {
		r := Row{Cells: []Cell{{"11 月 3 日", fmt.Sprintf("2026110300000000%04d", i)}, {"鲜蓝莓 大果 2 盒", "特级 · 批次 BL-1103-1"}, {"2 份 × ¥36.90", ""}, {"¥73.80", ""}, {"0.00", ""}, {"¥73.80", ""}}}
		if i%7 == 3 {
			r.Minus = true
			r.Cells[1].Sub += "\n退款：质量问题，农户承担"
		}
		d.Rows = append(d.Rows, r)
	}
	return d
}

// text reads the words of a PDF's pages back out of its content streams, a
// page each, words apart by a line.
func text(t *testing.T, pdf []byte) (pages []string) {
	t.Helper()
	for part := range strings.SplitSeq(string(pdf), "stream\n") {
		z, err := zlib.NewReader(strings.NewReader(part))
		if err != nil {
			continue
		}
		raw, _ := io.ReadAll(z)
		if !bytes.Contains(raw, []byte("Tj ET")) {
			continue
		}
		var b strings.Builder
		for _, m := range shown.FindAllSubmatch(raw, -1) {
			s := escaped.ReplaceAll(m[1], []byte("$1"))
			s = bytes.ReplaceAll(s, []byte(`\r`), []byte("\r"))
			var u []uint16
			for i := 0; i+1 < len(s); i += 2 {
				u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
			}
			b.WriteString(string(utf16.Decode(u)) + "\n")
		}
		pages = append(pages, b.String())
	}
	return pages
}

var (
	shown   = regexp.MustCompile(`(?s)\(((?:[^\\()]|\\.)*)\) ?Tj`)
	escaped = regexp.MustCompile(`(?s)\\([\\()])`)
)

func TestLongStatementRepeatsItsHeadAndCountsPages(t *testing.T) {
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := PDF(w, doc(60)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same document gave other bytes")
	}
	if a.Len() > 300_000 {
		t.Errorf("%d bytes: the whole font went in", a.Len())
	}
	pages := text(t, a.Bytes())
	s := strings.Join(pages, "")
	if len(pages) < 2 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		if !strings.Contains(p, fmt.Sprintf("第 %d 页，共 %d 页", i+1, len(pages))) {
			t.Errorf("page %d does not say so:\n%s", i+1, p)
		}
		if strings.Contains(p, "大果") && !strings.Contains(p, "数量") {
			t.Errorf("page %d has rows without their head", i+1)
		}
	}
	for i := range 60 {
		if no := fmt.Sprintf("2026110300000000%04d", i); strings.Count(s, no) != 1 {
			t.Errorf("order %s stands there %d times", no, strings.Count(s, no))
		}
	}
}

//go:embed testdata/table-2013.txt
var table2013 string

// TestEveryNameCanBePrinted: all 8,105 characters of the Table of General
// Standard Chinese Characters (2013; Unihan 15.0, kTGH), by which names are
// registered, and those of Extension A that older names have.
func TestEveryNameCanBePrinted(t *testing.T) {
	all := strings.ReplaceAll(table2013, "\n", "")
	if n := len([]rune(all)); n != 8105 {
		t.Fatalf("%d characters in the table", n)
	}
	for r := rune(0x3400); r <= 0x4DB5; r++ {
		all += string(r)
	}
	m, err := Missing(all, "龑、犇、喆、翀、〓¥−·×—…é")
	if err != nil || len(m) != 0 {
		t.Errorf("missing %q (%v)", m, err)
	}
}

// TestRareNamesAreDrawn: in a font of their own, in the middle of a line and in
// a figure's column, and that font is in no paper that does not need it.
func TestRareNamesAreDrawn(t *testing.T) {
	var plain, rare bytes.Buffer
	d := doc(1)
	if err := PDF(&plain, d); err != nil {
		t.Fatal(err)
	}
	d.Head[0].Value, d.Rows[0].Cells[1].Main, d.Totals[0].Value = "杨𬭸家", "㑇家的鲜蓝莓", "𬍛 ¥1.00"
	if err := PDF(&rare, d); err != nil {
		t.Fatal(err)
	}
	s := strings.Join(text(t, rare.Bytes()), "")
	f, err := rareFace()
	if err != nil {
		t.Fatal(err)
	}
	at, ok := f.in('𬭸')
	if !ok || !strings.Contains(s, "杨\n"+string(at)+"\n家\n") || !strings.Contains(s, "㑇\n家的鲜蓝莓") || strings.Contains(s, "〓") || strings.Contains(s, "字库里没有这些字") {
		t.Errorf("drawn as:\n%q", s)
	}
	if strings.Count(rare.String(), "/FontFile2 ") != 2 || strings.Count(plain.String(), "/FontFile2 ") != 1 {
		t.Error("the second font is in every paper, or in none")
	}
	if rare.Len() > plain.Len()+60_000 {
		t.Errorf("%d bytes, without the rare characters %d: the whole font went in", rare.Len(), plain.Len())
	}
}

func TestCharactersWithoutGlyphAreNamed(t *testing.T) {
	m, err := Missing("杨𬭸家 😀\uE000")
	if err != nil || string(m) != "😀\uE000" {
		t.Errorf("missing %q (%v)", m, err)
	}
	d := doc(1)
	d.Head[0].Value = "杨😀家"
	var w bytes.Buffer
	if err := PDF(&w, d); err != nil {
		t.Fatal(err)
	}
	if s := strings.Join(text(t, w.Bytes()), ""); !strings.Contains(s, "杨〓家") || !strings.Contains(s, "字库里没有这些字：U+1F600") {
		t.Errorf("not named:\n%s", s)
	}
}

func TestWorkbookKeepsTypesAndNoFormula(t *testing.T) {
	var w bytes.Buffer
	err := XLSX(&w, Sheet{Name: "a/b", Above: [][]any{{"=1+1"}}, Cols: []SheetCol{{"Day", 12}, {"Net", 12}, {"N", 8}, {"Name", 20}},
		Rows: [][]any{{clock.Day(20261103), money.Fen(-7380), int64(3), "@SUM(A1)"}}, Below: [][]any{{nil, money.Fen(1), nil, "total"}}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&w)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]string{"A1": "'=1+1", "A3": "2026-11-03", "B3": "-73.80", "C3": "3", "D3": "'@SUM(A1)", "B4": "0.01"} {
		if got, err := f.GetCellValue("a b", cell); got != want || err != nil {
			t.Errorf("%s is %q, want %q (%v)", cell, got, want, err)
		}
	}
	for cell, want := range map[string]excelize.CellType{"B3": excelize.CellTypeUnset, "D3": excelize.CellTypeInlineString} {
		if got, _ := f.GetCellType("a b", cell); got != want {
			t.Errorf("%s has type %d, want %d", cell, got, want)
		}
		if x, _ := f.GetCellFormula("a b", cell); x != "" {
			t.Errorf("%s is a formula %q", cell, x)
		}
	}
	if p, err := f.GetPanes("a b"); err != nil || !p.Freeze || p.YSplit != 2 {
		t.Errorf("panes %+v (%v)", p, err)
	}
	if err := XLSX(&w, Sheet{Rows: make([][]any, MaxSheetRows+1)}); err == nil {
		t.Error("a sheet without end was written")
	}
}
