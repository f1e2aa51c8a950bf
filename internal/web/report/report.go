package report

import (
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/sheet"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/paper"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Files are the styles of the screens here.
//
//go:embed *.css
var Files embed.FS

// Scope says how much of a sheet somebody sees.
type Scope int

// Scopes.
const (
	Room Scope = iota // a moderator: no money, no orders
	Host              // the show's host: no gifts, no worth of single goods
	All
)

// View is a sheet for one reader.
type View struct {
	page.Base
	Show  show.Show
	Host  string
	Sheet sheet.Sheet
	Kept  *sheet.Sheet // as it was made at the end; nil while there is none
	Scope Scope
	Self  string // address of the page
	Back  string // where its reader came from
}

// Figure is a number with its name and how it is counted.
type Figure struct {
	Key        string
	Value, Was string // Was: as it was at the end, where that is another
}

// Read makes the view of a show's sheet.
func Read(ctx context.Context, s *site.Site, b page.Base, sh show.Show, scope Scope) (v View, err error) {
	v = View{Base: b, Show: sh, Scope: scope, Self: b.Path}
	v.Styles = append(v.Styles, "report/report.css")
	if v.Sheet, err = sheet.Make(ctx, s.DB, sh.ID); err != nil {
		return v, err
	}
	if v.Kept, err = sheet.Kept(ctx, s.DB, sh.ID); err != nil {
		return v, err
	}
	users, err := account.Users(ctx, s.DB, sh.Host)
	v.Host = users[sh.Host].Name
	if scope == Room { // what is not seen is not there
		for i := range v.Sheet.Minutes {
			v.Sheet.Minutes[i].Orders = 0
		}
		for i := range v.Sheet.Pins {
			v.Sheet.Pins[i].Orders = 0
		}
		v.Sheet.Top = nil
	}
	return v, err
}

// figures are what a scope sees, in the order of the page.
var figures = []struct {
	key   string
	scope Scope
	value func(v View, s sheet.Sheet) string
}{
	{"length", Room, func(v View, s sheet.Sheet) string { return v.span(s.Length) }},
	{"peak", Room, func(v View, s sheet.Sheet) string { return count(s.Peak) }},
	{"entered", Room, func(v View, s sheet.Sheet) string { return count(s.Entered) }},
	{"watched", Room, func(v View, s sheet.Sheet) string { return v.span(s.Watched) }},
	{"comments", Room, func(v View, s sheet.Sheet) string {
		return v.T("report.by_people", "N", s.Comments, "People", s.Writers)
	}},
	{"followers", Room, func(v View, s sheet.Sheet) string { return count(s.Follow) }},
	{"clicks", Room, func(v View, s sheet.Sheet) string {
		return v.T("report.by_people", "N", s.Clicks, "People", s.Clickers)
	}},
	{"click_rate", Room, func(_ View, s sheet.Sheet) string {
		if s.Entered <= 0 {
			return "\u2013"
		}
		return percent(min(10_000, s.Clickers*10_000/s.Entered)) // who clicked may not be counted in yet
	}},
	{"orders", Host, func(v View, s sheet.Sheet) string { return v.T("report.orders_paid", "N", s.Orders, "Paid", s.Paid) }},
	{"buyers", Host, func(v View, s sheet.Sheet) string { return count(s.Buyers) }},
	{"gmv", Host, func(v View, s sheet.Sheet) string { return site.Exact(s.GMV) }},
	{"net", Host, func(v View, s sheet.Sheet) string { return site.Exact(s.Net()) }},
	{"gpm", Host, func(v View, s sheet.Sheet) string { return site.Exact(s.GPM) }},
	{"farmers", Host, func(v View, s sheet.Sheet) string { return count(s.Farmers) }},
	{"local", Host, func(v View, s sheet.Sheet) string { return percent(s.LocalBP()) }},
	{"gifts", All, func(v View, s sheet.Sheet) string {
		return v.T("report.gifts_n", "Fen", site.Exact(s.GiftFen), "N", s.Gifts)
	}},
}

// Figures are those that the reader may see.
func (v View) Figures() (out []Figure) {
	for _, f := range figures {
		if v.Scope < f.scope {
			continue
		}
		x := Figure{Key: f.key, Value: f.value(v, v.Sheet)}
		if v.Kept != nil {
			if was := f.value(v, *v.Kept); was != x.Value {
				x.Was = was
			}
		}
		out = append(out, x)
	}
	return out
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func percent(bp int64) string { return fmt.Sprintf("%d.%d%%", bp/100, bp%100/10) }

// span words how long something took.
func (v View) span(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s >= 3600:
		return v.T("report.span_h", "H", s/3600, "M", s%3600/60)
	case s >= 60:
		return v.T("report.span_m", "M", s/60, "S", s%60)
	}
	return v.T("report.span_s", "S", s)
}

// Replay is the address of a moment in the replay.
func (v View) Replay(at time.Time) string {
	if v.Show.State != show.Ended {
		return ""
	}
	return fmt.Sprintf("/replay/%s?at=%d", v.Show.ID, at.UnixMilli())
}

// Picture is the evening as SVG.
func (v View) Picture(width int) string {
	w := sheet.Words{Title: v.T("report.picture"), Viewers: v.T("report.viewers"), Orders: v.T("report.orders"), Pins: v.T("report.pins")}
	return v.Sheet.Picture(w, width, v.Replay)
}

// stretch is a row of the table beside the picture: some minutes.
type stretch struct {
	At           time.Time
	Peak, Orders int64
}

// tableRows bounds the table beside the picture.
const tableRows = 30

// Stretches are the minutes of the show, joined until they fit a table.
func (v View) Stretches() (out []stretch) {
	list := v.Sheet.Minutes
	each := max(1, (len(list)+tableRows-1)/tableRows)
	for part := range slices.Chunk(list, each) {
		x := stretch{At: part[0].At}
		for _, m := range part {
			x.Peak, x.Orders = max(x.Peak, m.Peak), x.Orders+m.Orders
		}
		out = append(out, x)
	}
	return out
}

func hour(t time.Time) string { return t.In(clock.Shanghai).Format("15:04") }

// Send answers with the sheet as "xlsx" or "csv".
func Send(w http.ResponseWriter, r *http.Request, v View, format string) error {
	var file bytes.Buffer
	var err error
	kind := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	switch format {
	case "xlsx":
		err = paper.XLSX(&file, v.workbook())
	case "csv":
		kind = "text/csv; charset=utf-8"
		err = writeCSV(&file, v.workbook())
	default:
		return fault.New(fault.Invalid, "fault.choice").At("format")
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="lindu-show-`+clock.DayOf(v.Sheet.Started).String()+`-`+string(v.Show.ID[:8])+`.`+format+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(file.Bytes())
	if r.Context().Err() != nil {
		return nil // the reader left
	}
	return err
}

// workbook is the sheet as a table: figures, what sold best, what was
// explained, minute by minute.
func (v View) workbook() paper.Sheet {
	x := paper.Sheet{Name: v.T("report.title"), Above: [][]any{{v.Show.Title}, {v.Host}, {v.Stamp(v.Sheet.Started) + " – " + v.Stamp(v.Sheet.Ended)}, {v.T("report.made", "At", v.Stamp(v.Sheet.Made))}},
		Cols: []paper.SheetCol{{Label: v.T("report.col_part"), Wide: 14}, {Label: v.T("report.col_what"), Wide: 30}, {Label: v.T("report.col_value"), Wide: 16}, {Label: v.T("report.col_more"), Wide: 16}, {Label: v.T("report.col_how"), Wide: 60}}}
	row := func(part string, cells ...any) {
		x.Rows = append(x.Rows, append([]any{part}, cells...))
	}
	for _, f := range v.Figures() {
		row(v.T("report.figures"), v.T("report.fig_"+f.Key), f.Value, f.Was, v.T("report.how_"+f.Key))
	}
	for _, t := range v.Sheet.Top {
		var worth any
		if v.Scope == All {
			worth = t.Goods
		}
		row(v.T("report.top"), fmt.Sprintf("%d %s", t.No, t.Name), t.Units, worth)
	}
	for _, p := range v.Sheet.Pins {
		row(v.T("report.pins"), fmt.Sprintf("%s %d %s", v.Stamp(p.At), p.No, p.Name), int64(p.For/time.Second), v.orders(p.Orders))
	}
	for _, m := range v.Sheet.Minutes {
		row(v.T("report.minutes"), v.Stamp(m.At), m.Peak, v.orders(m.Orders))
	}
	return x
}

// orders is a number of orders for who may see it.
func (v View) orders(n int64) any {
	if v.Scope == Room {
		return nil
	}
	return n
}

// writeCSV begins with the mark by which Excel knows UTF-8; a cell that a
// program would run as a formula gets an apostrophe.
func writeCSV(w io.Writer, s paper.Sheet) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	head := make([]any, len(s.Cols))
	for i, x := range s.Cols {
		head[i] = x.Label
	}
	for _, r := range slices.Concat(s.Above, [][]any{head}, s.Rows) {
		cells := make([]string, len(r))
		for i, x := range r {
			switch x := x.(type) {
			case nil:
			case money.Fen:
				cells[i] = x.String()
			case int64:
				cells[i] = count(x)
			default:
				cells[i] = paper.Safe(fmt.Sprint(x))
			}
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// Path of a show's sheet on the desk.
func Path(s id.Show) string { return "/desk/shows/" + string(s) + "/report" }
