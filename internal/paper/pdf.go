package paper

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"
)

// Pair is a label with its value.
type Pair struct{ Label, Value string }

// Col is a column of a document's table. Wide is its part of the page's width.
type Col struct {
	Label string
	Wide  float64
	Num   bool // to the right
}

// Cell is what stands in a row, with smaller words below it.
type Cell struct{ Main, Sub string }

// Row of a table; a Minus row is money that goes back.
type Row struct {
	Cells []Cell
	Minus bool
}

// Document is a page (or more) to print, in the reader's language.
type Document struct {
	Lang     string // BCP 47, for screen readers
	Title    string
	Subtitle string
	Stamp    string // in a corner of each page: paid, or that this is a demo
	Head     []Pair
	Promise  string // what was promised of the money, in a box of its own
	Cols     []Col
	Rows     []Row
	None     string // instead of the table when there are no rows
	Totals   []Pair // the last one large
	Notes    []string
	QR       string // address; "" for none
	QRWords  string
	Foot     string
	Made     time.Time
	// PageOf words "page n of all"; all is a token that is filled in at the end.
	PageOf func(n int, all string) string
	// Lacks words that characters are missing, listed as "x (U+XXXX)".
	Lacks func(list string) string
}

// Measures in mm.
const (
	pageW, pageH = 210.0, 297.0
	edge         = 14.0
	bottom       = 18.0
	inner        = pageW - 2*edge
	mainPt       = 11.5
	subPt        = 9.0
	lineH        = 5.6
	subH         = 4.4
	allPages     = "{nb}"
)

type color struct{ r, g, b int }

var (
	ink    = color{28, 38, 32}
	soft   = color{92, 104, 96}
	forest = color{22, 78, 56}
	pale   = color{236, 244, 238}
	rule   = color{200, 210, 203}
	minus  = color{166, 42, 28}
	white  = color{255, 255, 255}
)

type drawing struct {
	*fpdf.Fpdf
	d    Document
	lack []rune
	pt   float64
	y    float64
}

// PDF draws a document. It is the same bytes for the same document.
func PDF(w io.Writer, d Document) error {
	p := &drawing{Fpdf: fpdf.New("P", "mm", "A4", ""), d: d}
	var err error
	if p.lack, err = Missing(d.texts()...); err != nil {
		return err
	}
	p.SetCreationDate(d.Made)
	p.SetModificationDate(d.Made)
	p.SetCatalogSort(true)
	p.SetLang(d.Lang)
	p.SetTitle(d.Title, true)
	p.SetAutoPageBreak(false, 0)
	p.SetMargins(edge, edge, edge)
	p.SetCellMargin(0)
	p.AliasNbPages(allPages)
	if err := p.fonts(); err != nil {
		return err
	}
	p.SetFooterFunc(p.footer)
	p.AddPage()
	if err := p.top(); err != nil {
		return err
	}
	p.table()
	p.totals()
	p.notes()
	return p.Output(w)
}

// texts is everything that is printed.
func (d Document) texts() []string {
	out := []string{d.Title, d.Subtitle, d.Stamp, d.Promise, d.None, d.QRWords, d.Foot}
	for _, l := range [][]Pair{d.Head, d.Totals} {
		for _, x := range l {
			out = append(out, x.Label, x.Value)
		}
	}
	for _, c := range d.Cols {
		out = append(out, c.Label)
	}
	for _, r := range d.Rows {
		for _, c := range r.Cells {
			out = append(out, c.Main, c.Sub)
		}
	}
	return append(out, d.Notes...)
}

// fonts hands over the fonts that the document needs.
func (p *drawing) fonts() error {
	needed := map[string]*typeface{}
	for _, s := range append(p.d.texts(), " ") {
		rs, _, err := runs(s)
		if err != nil {
			return err
		}
		for _, r := range rs {
			needed[r.face.name] = r.face
		}
	}
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		p.AddUTF8FontFromBytes(name, "", bytes.Clone(needed[name].ttf)) // fpdf writes into what it is given
	}
	return nil
}

func (p *drawing) ink(c color) { p.SetTextColor(c.r, c.g, c.b) }

func (p *drawing) size(pt float64) {
	p.pt = pt
	p.SetFont("wqy", "", pt)
}

// runs parts a text by font; the fonts are open since the document was begun.
func (p *drawing) runs(s string) (rs []run, plain bool) {
	rs, _, _ = runs(s)
	return rs, len(rs) == 1 && rs[0].face.name == "wqy"
}

// width is how wide a line becomes.
func (p *drawing) width(s string) float64 {
	rs, plain := p.runs(s)
	if plain {
		return p.GetStringWidth(rs[0].text)
	}
	var w float64
	for _, r := range rs {
		p.SetFont(r.face.name, "", p.pt)
		w += p.GetStringWidth(r.text)
	}
	p.size(p.pt)
	return w
}

// bold strokes the letters: the font has one weight.
func (p *drawing) bold(on bool, c color) {
	if on {
		p.SetTextRenderingMode(2)
		p.SetDrawColor(c.r, c.g, c.b)
		p.SetLineWidth(0.18)
		return
	}
	p.SetTextRenderingMode(0)
}

// say writes one line in a box; align L, R or C.
func (p *drawing) say(x, y, w, h float64, s, align string) {
	rs, plain := p.runs(s)
	if plain {
		p.SetXY(x, y)
		p.CellFormat(w, h, rs[0].text, "", 0, align+"M", false, 0, "")
		return
	}
	switch align {
	case "R":
		x += w - p.width(s)
	case "C":
		x += (w - p.width(s)) / 2
	}
	for _, r := range rs {
		p.SetFont(r.face.name, "", p.pt)
		wide := p.GetStringWidth(r.text)
		p.SetXY(x, y)
		p.CellFormat(wide, h, r.text, "", 0, "LM", false, 0, "")
		x += wide
	}
	p.size(p.pt)
}

// lines breaks a text to a width, at line feeds too.
func (p *drawing) lines(s string, w float64) []string {
	var out []string
	for part := range strings.SplitSeq(s, "\n") {
		if part != "" {
			out = append(out, p.wrap(part, w)...)
		}
	}
	return out
}

// wrap breaks before the character that does not fit: at a space if the line
// has one, else anywhere, as Chinese is broken; never before closing marks.
func (p *drawing) wrap(s string, w float64) []string {
	var out []string
	line, space := []rune{}, -1
	for _, r := range s {
		if p.width(string(append(line, r))) > w && len(line) > 0 && !strings.ContainsRune(closing, r) {
			cut := len(line)
			if space > 0 && r != ' ' {
				cut = space + 1
			}
			out = append(out, strings.TrimRight(string(line[:cut]), " "))
			line, space = append([]rune{}, line[cut:]...), -1
		}
		if r == ' ' {
			space = len(line)
		}
		line = append(line, r)
	}
	return append(out, string(line))
}

const closing = "\uff0c\u3002\uff1b\uff1a\u3001\uff09\u300d\u300f\u201d\u2019\uff01\uff1f,.;:)!?"

func (p *drawing) footer() {
	p.bold(false, ink)
	p.size(subPt)
	p.ink(soft)
	p.say(edge, pageH-12, inner*0.75, 5, p.d.Foot, "L")
	if p.d.PageOf != nil {
		p.say(edge, pageH-12, inner, 5, p.d.PageOf(p.PageNo(), allPages), "R")
	}
}

// room begins a new page unless h mm are left; again draws what is repeated.
func (p *drawing) room(h float64, again func()) {
	if p.y+h <= pageH-bottom {
		return
	}
	p.AddPage()
	p.y = edge
	if again != nil {
		again()
	}
}

// top is the title, the QR code, who and when, and the promise.
func (p *drawing) top() error {
	right := inner
	p.y = edge
	if p.d.QR != "" {
		code, err := qrcode.Encode(p.d.QR, qrcode.Medium, 360)
		if err != nil {
			return fmt.Errorf("paper: QR: %w", err)
		}
		p.RegisterImageOptionsReader("qr", fpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(code))
		p.ImageOptions("qr", pageW-edge-30, edge-2, 30, 30, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
		p.size(8)
		p.ink(soft)
		for i, l := range p.lines(p.d.QRWords, 34) {
			p.say(pageW-edge-32, edge+28+float64(i)*3.6, 34, 3.6, l, "C")
		}
		right -= 38
	}
	p.size(22)
	p.ink(forest)
	p.bold(true, forest)
	for _, l := range p.lines(p.d.Title, right) {
		p.say(edge, p.y, right, 10, l, "L")
		p.y += 10
	}
	p.bold(false, ink)
	p.size(13)
	p.ink(soft)
	p.say(edge, p.y, right, 7, p.d.Subtitle, "L")
	p.y += 9
	if p.d.Stamp != "" {
		p.stamp()
	}
	if p.d.QR != "" {
		p.y = max(p.y, edge+38)
	}
	p.head()
	p.promise()
	return nil
}

func (p *drawing) stamp() {
	p.size(11)
	w := p.width(p.d.Stamp) + 8
	p.SetDrawColor(minus.r, minus.g, minus.b)
	p.SetLineWidth(0.5)
	p.RoundedRect(edge, p.y, w, 7.5, 1.5, "1234", "D")
	p.ink(minus)
	p.say(edge, p.y, w, 7.5, p.d.Stamp, "C")
	p.y += 11
}

// head is two columns of labels and values.
func (p *drawing) head() {
	half := inner / 2
	for i := 0; i < len(p.d.Head); i += 2 {
		h := 0.0
		for j, x := range p.d.Head[i:min(i+2, len(p.d.Head))] {
			left := edge + float64(j)*half
			p.size(subPt)
			p.ink(soft)
			p.say(left, p.y, 26, lineH+0.6, x.Label, "L")
			p.size(mainPt + 0.5)
			p.ink(ink)
			ls := p.lines(x.Value, half-30)
			for k, l := range ls {
				p.say(left+26, p.y+float64(k)*lineH, half-28, lineH+0.6, l, "L")
			}
			h = max(h, float64(max(len(ls), 1))*lineH)
		}
		p.y += h + 1.4
	}
	p.y += 2
}

func (p *drawing) promise() {
	if p.d.Promise == "" {
		return
	}
	p.size(12.5)
	ls := p.lines(p.d.Promise, inner-12)
	h := float64(len(ls))*6.2 + 5
	p.SetFillColor(pale.r, pale.g, pale.b)
	p.RoundedRect(edge, p.y, inner, h, 2, "1234", "F")
	p.SetFillColor(forest.r, forest.g, forest.b)
	p.Rect(edge, p.y, 1.6, h, "F")
	p.ink(forest)
	for i, l := range ls {
		p.say(edge+6, p.y+2.5+float64(i)*6.2, inner-12, 6.2, l, "L")
	}
	p.y += h + 4
}
