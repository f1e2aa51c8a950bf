package paper

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
)

// Sheet of a workbook: words above, a table, totals below it.
type Sheet struct {
	Name  string // of the tab; cut to what programs take
	Above [][]any
	Cols  []SheetCol
	Rows  [][]any // money.Fen, clock.Day, int64, string
	Below [][]any // in the same columns
}

// SheetCol is a column with its width in characters.
type SheetCol struct {
	Label string
	Wide  float64
}

// MaxSheetRows bounds a workbook; more is cut by the caller into several.
const MaxSheetRows = 100_000

// styles of cells.
type styles struct{ head, text, fen, day, num, strong int }

// XLSX writes a workbook of one sheet: frozen head, typed cells, a filter.
func XLSX(w io.Writer, s Sheet) error {
	if len(s.Rows) > MaxSheetRows {
		return fmt.Errorf("paper: a sheet of %d rows, at most %d", len(s.Rows), MaxSheetRows)
	}
	f := excelize.NewFile()
	defer f.Close()
	name := tabName(s.Name)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	st, err := makeStyles(f)
	if err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	head := len(s.Above) + 1
	for i, c := range s.Cols {
		if err := sw.SetColWidth(i+1, i+1, c.Wide); err != nil {
			return err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: head, TopLeftCell: fmt.Sprintf("A%d", head+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := s.write(sw, st, head); err != nil {
		return err
	}
	if err := sw.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

func (s Sheet) write(sw *excelize.StreamWriter, st styles, head int) error {
	at := 1
	put := func(cells []any) error {
		ref, err := excelize.CoordinatesToCellName(1, at)
		at++
		if err != nil {
			return err
		}
		return sw.SetRow(ref, cells)
	}
	for _, r := range s.Above {
		if err := put(st.row(r)); err != nil {
			return err
		}
	}
	labels := make([]any, len(s.Cols))
	for i, c := range s.Cols {
		labels[i] = excelize.Cell{StyleID: st.head, Value: safe(c.Label)}
	}
	if err := put(labels); err != nil {
		return err
	}
	for _, r := range s.Rows {
		if err := put(st.row(r)); err != nil {
			return err
		}
	}
	for _, r := range s.Below {
		if err := put(st.row(r)); err != nil {
			return err
		}
	}
	return nil
}

func makeStyles(f *excelize.File) (st styles, err error) {
	money := "#,##0.00"
	day := "yyyy-mm-dd"
	for to, s := range map[*int]*excelize.Style{
		&st.head: {Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"164E38"}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}},
		&st.text: {NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}},
		&st.fen:  {CustomNumFmt: &money},
		&st.day:  {CustomNumFmt: &day},
		&st.num:  {NumFmt: 3},
	} {
		if *to, err = f.NewStyle(s); err != nil {
			return st, err
		}
	}
	return st, nil
}

// row types the cells.
func (st styles) row(r []any) []any {
	out := make([]any, len(r))
	for i, v := range r {
		switch x := v.(type) {
		case money.Fen:
			out[i] = excelize.Cell{StyleID: st.fen, Value: float64(x) / 100} // a double holds 15 digits: exact to the fen below 10^13 yuan
		case clock.Day:
			if x == 0 {
				continue
			}
			out[i] = excelize.Cell{StyleID: st.day, Value: x.Time()}
		case int64:
			out[i] = excelize.Cell{StyleID: st.num, Value: x}
		case nil:
		default:
			out[i] = excelize.Cell{StyleID: st.text, Value: safe(fmt.Sprint(x))}
		}
	}
	return out
}

// Safe is a text that no program reads as a formula, for other tables.
func Safe(s string) string { return safe(s) }

// safe puts an apostrophe before what a program might read as a formula
// (OWASP, CSV injection): the cell is text already, but not after a copy.
func safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func tabName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, s)
	for utf8.RuneCountInString(s) > 31 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	if strings.TrimSpace(s) == "" {
		return "1"
	}
	return s
}
