package paper

import (
	"fmt"
	"strings"
)

const gutter = 2.0

// widths are the columns' widths in mm.
func (p *drawing) widths() []float64 {
	sum := 0.0
	for _, c := range p.d.Cols {
		sum += c.Wide
	}
	out := make([]float64, len(p.d.Cols))
	for i, c := range p.d.Cols {
		out[i] = inner * c.Wide / sum
	}
	return out
}

func (p *drawing) table() {
	if len(p.d.Rows) == 0 {
		if p.d.None != "" {
			p.size(mainPt + 1)
			p.ink(soft)
			p.say(edge, p.y, inner, 12, p.d.None, "L")
			p.y += 14
		}
		return
	}
	wide := p.widths()
	p.tableHead(wide)
	for i, r := range p.d.Rows {
		p.row(wide, r, i%2 == 1)
	}
	p.y += 4
}

func (p *drawing) tableHead(wide []float64) {
	p.size(10)
	h := 8.0
	var heads [][]string
	for i, c := range p.d.Cols {
		ls := p.lines(c.Label, wide[i]-gutter)
		heads = append(heads, ls)
		h = max(h, float64(len(ls))*4.6+3.4)
	}
	p.SetFillColor(forest.r, forest.g, forest.b)
	p.Rect(edge, p.y, inner, h, "F")
	p.ink(white)
	x := edge
	for i, ls := range heads {
		top := p.y + (h-float64(len(ls))*4.6)/2
		for k, l := range ls {
			p.say(x+gutter/2, top+float64(k)*4.6, wide[i]-gutter, 4.6, l, align(p.d.Cols[i]))
		}
		x += wide[i]
	}
	p.y += h
}

func align(c Col) string {
	if c.Num {
		return "R"
	}
	return "L"
}

// row draws a row whole: one that does not fit begins the next page, under the
// head again.
func (p *drawing) row(wide []float64, r Row, shaded bool) {
	h := 0.0
	main, sub := make([][]string, len(r.Cells)), make([][]string, len(r.Cells))
	for i, c := range r.Cells {
		p.size(mainPt)
		main[i] = p.fit(c.Main, wide[i]-gutter, p.d.Cols[i].Num)
		p.size(subPt)
		sub[i] = p.fit(c.Sub, wide[i]-gutter, p.d.Cols[i].Num)
		h = max(h, float64(len(main[i]))*lineH+float64(len(sub[i]))*subH+3)
	}
	p.room(h, func() { p.tableHead(wide) })
	if shaded {
		p.SetFillColor(248, 250, 248)
		p.Rect(edge, p.y, inner, h, "F")
	}
	x := edge
	for i := range r.Cells {
		y := p.y + 1.5
		p.size(mainPt)
		p.ink(ink)
		if r.Minus && p.d.Cols[i].Num {
			p.ink(minus)
		}
		for _, l := range main[i] {
			p.say(x+gutter/2, y, wide[i]-gutter, lineH, l, align(p.d.Cols[i]))
			y += lineH
		}
		p.size(subPt)
		p.ink(soft)
		for _, l := range sub[i] {
			p.say(x+gutter/2, y, wide[i]-gutter, subH, l, align(p.d.Cols[i]))
			y += subH
		}
		x += wide[i]
	}
	p.SetDrawColor(rule.r, rule.g, rule.b)
	p.SetLineWidth(0.2)
	p.Line(edge, p.y+h, edge+inner, p.y+h)
	p.y += h
}

// fit is lines, but a figure is never broken.
func (p *drawing) fit(s string, w float64, num bool) []string {
	if s == "" {
		return nil
	}
	if num && p.width(s) <= w+gutter {
		return []string{s}
	}
	return p.lines(s, w)
}

// totals is a box at the right; its last line is large.
func (p *drawing) totals() {
	n := len(p.d.Totals)
	if n == 0 {
		return
	}
	const w = 118.0
	h := float64(n-1)*7 + 14 + 5
	p.room(h+2, nil)
	x := edge + inner - w
	p.SetDrawColor(forest.r, forest.g, forest.b)
	p.SetLineWidth(0.5)
	p.SetFillColor(pale.r, pale.g, pale.b)
	p.RoundedRect(x, p.y, w, h, 2.5, "1234", "FD")
	y := p.y + 3
	for _, t := range p.d.Totals[:n-1] {
		p.size(mainPt)
		p.ink(soft)
		p.say(x+5, y, w-10, 7, t.Label, "L")
		p.ink(ink)
		p.say(x+5, y, w-10, 7, t.Value, "R")
		y += 7
	}
	last := p.d.Totals[n-1]
	p.SetDrawColor(rule.r, rule.g, rule.b)
	p.SetLineWidth(0.2)
	p.Line(x+5, y+0.5, x+w-5, y+0.5)
	p.size(14)
	p.ink(forest)
	p.say(x+5, y+1, w-10, 13, last.Label, "L")
	p.size(21)
	p.bold(true, forest)
	p.say(x+5, y+1, w-10, 13, last.Value, "R")
	p.bold(false, ink)
	p.y += h + 6
}

func (p *drawing) notes() {
	notes := p.d.Notes
	if len(p.lack) > 0 && p.d.Lacks != nil {
		notes = append(notes[:len(notes):len(notes)], p.d.Lacks(named(p.lack)))
	}
	p.size(10)
	for _, s := range notes {
		p.ink(soft)
		ls := p.lines(s, inner)
		p.room(float64(len(ls))*5+1, nil)
		for _, l := range ls {
			p.say(edge, p.y, inner, 5, l, "L")
			p.y += 5
		}
		p.y += 1.5
	}
}

// named lists characters that can't be drawn by their numbers.
func named(rs []rune) string {
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = fmt.Sprintf("U+%04X", r)
	}
	return strings.Join(out, ", ")
}
