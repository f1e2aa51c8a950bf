package sheet

import (
	"fmt"
	"html"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
)

// Words of the picture, in the reader's language.
type Words struct {
	Title, Viewers, Orders, Pins string
}

// Sizes of the picture, in pixels: one for a wide page, one for a phone. Type
// is the same in both, so it can be read in both.
const (
	Wide   = 960
	Narrow = 340

	height = 300
	left   = 34
	right  = 30
	pinTop = 22 // the row of pins
	bottom = 24 // the row of times
	most   = 240
)

// column is what is drawn at one place: one minute, or several of a long show.
type column struct {
	at           time.Time
	peak, orders int64
}

// columns joins minutes until they fit.
func (s Sheet) columns(fit int) (out []column, each int) {
	if len(s.Minutes) == 0 {
		return nil, 1
	}
	each = (len(s.Minutes) + fit - 1) / fit
	for i := 0; i < len(s.Minutes); i += each {
		c := column{at: s.Minutes[i].At}
		for _, m := range s.Minutes[i:min(i+each, len(s.Minutes))] {
			c.peak, c.orders = max(c.peak, m.Peak), c.orders+m.Orders
		}
		out = append(out, c)
	}
	return out, each
}

// Picture draws the evening as SVG: an area of visitors, a bar of orders for
// each stretch of time, and a numbered flag where a product was explained. link
// gives the address of a moment, "" for none. Colours come from the page's
// style sheet by class.
func (s Sheet) Picture(w Words, width int, link func(time.Time) string) string {
	fit := min(most, (width-left-right)/3)
	cols, _ := s.columns(fit)
	if len(cols) == 0 {
		return ""
	}
	p := &plot{w: w, width: width, cols: cols, from: cols[0].at, span: max(s.Length, time.Minute)}
	for _, c := range cols {
		p.peak, p.orders = max(p.peak, c.peak), max(p.orders, c.orders)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s" class="evening">`, width, height, width, height, html.EscapeString(w.Title))
	p.grid(&b)
	p.bars(&b)
	p.area(&b)
	p.pins(&b, s.Pins, link)
	b.WriteString(`</svg>`)
	return b.String()
}

type plot struct {
	w            Words
	width        int
	cols         []column
	from         time.Time
	span         time.Duration
	peak, orders int64
}

func (p *plot) x(at time.Time) float64 {
	return left + float64(p.width-left-right)*min(1, max(0, float64(at.Sub(p.from))/float64(p.span)))
}

const (
	base  = float64(height - bottom)
	roomY = float64(height - bottom - pinTop - 14)
)

func (p *plot) y(n, of int64) float64 {
	if of == 0 {
		return base
	}
	return base - roomY*float64(n)/float64(of)
}

// grid draws the axes: viewers left, orders right, the time below.
func (p *plot) grid(b *strings.Builder) {
	for _, part := range []int64{0, 1, 2} {
		y := base - roomY*float64(part)/2
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, left, p.width-right, y, y)
		if n := p.peak * part / 2; part == 0 || n > 0 {
			fmt.Fprintf(b, `<text class="viewers-text" x="%d" y="%.1f" text-anchor="end">%d</text>`, left-4, y+4, n)
		}
		if n := p.orders * part / 2; n > 0 && p.orders*part%2 == 0 {
			fmt.Fprintf(b, `<text class="orders-text" x="%d" y="%.1f">%d</text>`, p.width-right+4, y+4, n)
		}
	}
	step := stepOf(p.span, p.width/90)
	for at := p.from.Truncate(step); !at.After(p.from.Add(p.span)); at = at.Add(step) {
		if at.Before(p.from) {
			continue
		}
		x := p.x(at)
		if x > float64(p.width-right-8) {
			break
		}
		fmt.Fprintf(b, `<line class="tick" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x, x, base, base+4, max(x, left+6), height-7, at.In(clock.Shanghai).Format("15:04"))
	}
}

// stepOf is the time between two marks, so that at most n stand there.
func stepOf(span time.Duration, n int) time.Duration {
	for _, s := range []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour} {
		if span/s <= time.Duration(max(n, 1)) {
			return s
		}
	}
	return 12 * time.Hour
}

func (p *plot) bars(b *strings.Builder) {
	wide := max(1.5, float64(p.width-left-right)/float64(len(p.cols))-1)
	for _, c := range p.cols {
		if c.orders == 0 {
			continue
		}
		y := p.y(c.orders, p.orders)
		wide := max(1, min(wide, float64(p.width-right)-p.x(c.at)))
		fmt.Fprintf(b, `<rect class="orders" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s %s %d</title></rect>`, p.x(c.at), y, wide, base-y, c.at.In(clock.Shanghai).Format("15:04"), html.EscapeString(p.w.Orders), c.orders)
	}
}

func (p *plot) area(b *strings.Builder) {
	if p.peak == 0 {
		return
	}
	var line strings.Builder
	for _, c := range p.cols {
		fmt.Fprintf(&line, "L%.1f %.1f", p.x(c.at), p.y(c.peak, p.peak))
	}
	last := p.x(p.cols[len(p.cols)-1].at)
	fmt.Fprintf(b, `<path class="viewers" d="M%d %.1f%sL%.1f %.1fZ"/><path class="viewers-line" d="M%s"/>`, left, base, line.String(), last, base, line.String()[1:])
}

// pins draws a flag for each product, its number on it; flags that would lie on
// one another leave their number to the table.
func (p *plot) pins(b *strings.Builder, pins []Pin, link func(time.Time) string) {
	until := 0.0
	for _, x := range pins {
		at := p.x(x.At)
		fmt.Fprintf(b, `<line class="pin" x1="%.1f" x2="%.1f" y1="%d" y2="%.1f"/>`, at, at, pinTop, base)
		if at < until {
			continue
		}
		until = at + 20
		name := html.EscapeString(fmt.Sprintf("%s %d %s", x.At.In(clock.Shanghai).Format("15:04"), x.No, x.Name))
		flag := fmt.Sprintf(`<g class="flag"><title>%s</title><rect x="%.1f" y="3" width="18" height="18" rx="4"/><text x="%.1f" y="16" text-anchor="middle">%d</text></g>`, name, at-9, at, x.No)
		if to := link(x.At); to != "" {
			flag = fmt.Sprintf(`<a href="%s" aria-label="%s">%s</a>`, html.EscapeString(to), name, flag)
		}
		b.WriteString(flag)
	}
}
