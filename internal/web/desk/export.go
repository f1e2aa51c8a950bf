package desk

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// exportDays bounds what is exported at once.
const exportDays = 92

// exportHead are the columns of an export.
var exportHead = []string{"desk.when", "desk.gateway", "desk.kind", "desk.order_no", "desk.amount", "desk.gateway_ref", "desk.our_no"}

// sheet takes rows as they come: a file is never held whole.
type sheet interface {
	row(cells []cell) error
	end() error
}

// cell of an export. Numbers of orders and payments are text: a spreadsheet
// would round them.
type cell struct {
	text   string
	number bool
}

// exportFinance writes what came and went of some days as CSV or XLSX. Who
// exported what is written down first.
func (h *screens) exportFinance(w http.ResponseWriter, r *http.Request) error {
	f, err := readFinanceFilter(r, clock.DayOf(h.DB.Clock.Now()))
	if err != nil {
		return err
	}
	format := r.URL.Query().Get("format")
	if format != "csv" && format != "xlsx" {
		return fault.New(fault.Invalid, "fault.choice").At("format")
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
		return audit.Write(r.Context(), tx, edge.Who(r).Actor, "finance.export", "finance", f.From.String(), map[string]any{"from": f.From, "to": f.To, "gateway": f.Gateway, "format": format})
	})
	if err != nil {
		return err
	}
	name := fmt.Sprintf("lindu-money-%s-%s.%s", f.From, f.To, format)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	p := edge.Who(r).P
	if format == "csv" {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		return h.exportTo(r, p, f, newCSV(w))
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	s, err := newXLSX(w)
	if err != nil {
		return err
	}
	return h.exportTo(r, p, f, s)
}

// exportTo writes the rows, a day and a gateway at a time.
func (h *screens) exportTo(r *http.Request, p *i18n.Printer, f financeFilter, s sheet) error {
	head := make([]cell, len(exportHead))
	for i, k := range exportHead {
		head[i].text = p.T(k)
	}
	if err := s.row(head); err != nil {
		return err
	}
	for day := f.From; day <= f.To; day = day.Add(1) {
		for _, g := range h.gatewayNames() {
			if f.Gateway != "" && g != f.Gateway {
				continue
			}
			if err := h.exportDay(r, p, day, g, s); err != nil {
				return err
			}
		}
	}
	return s.end()
}

func (h *screens) exportDay(r *http.Request, p *i18n.Printer, day clock.Day, gateway string, s sheet) error {
	list, err := payment.MovedBetween(r.Context(), h.DB, gateway, day.Time(), day.Add(1).Time())
	if err != nil {
		return err
	}
	var ids []id.Order
	for _, m := range list {
		ids = append(ids, m.Order)
	}
	slices.Sort(ids)
	nos, err := order.Nos(r.Context(), h.DB, slices.Compact(ids))
	if err != nil {
		return err
	}
	for _, m := range list {
		kind, amount := "desk.kind_paid", m.Amount
		if m.Refund {
			kind, amount = "desk.kind_back", -m.Amount
		} else if m.Held {
			kind = "desk.kind_held"
		}
		err := s.row([]cell{{text: m.At.In(clock.Shanghai).Format("2006-01-02 15:04:05")}, {text: p.T("me.gateway_name_" + gateway)}, {text: p.T(kind)},
			{text: nos[m.Order]}, {text: amount.String(), number: true}, {text: m.Ref}, {text: m.ID}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *screens) gatewayNames() []string {
	names := []string{payment.Offline}
	for g := range h.Flow.Gateways {
		names = append(names, g)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// safe keeps a spreadsheet from running a text as a formula (OWASP: CSV
// injection).
func safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

type csvSheet struct{ w *csv.Writer }

// newCSV begins with the mark by which Excel knows UTF-8.
func newCSV(w io.Writer) csvSheet {
	_, _ = io.WriteString(w, "\ufeff") // the reader may be gone: the first row tells
	return csvSheet{csv.NewWriter(w)}
}

// row writes ids with a tab before them, which keeps Excel from making numbers
// of them.
func (c csvSheet) row(cells []cell) error {
	out := make([]string, len(cells))
	for i, x := range cells {
		switch {
		case x.number:
			out[i] = x.text
		case len(x.text) > 10 && strings.Trim(x.text, "0123456789") == "":
			out[i] = "\t" + x.text
		default:
			out[i] = safe(x.text)
		}
	}
	return c.w.Write(out)
}

func (c csvSheet) end() error {
	c.w.Flush()
	return c.w.Error()
}

type xlsxSheet struct {
	out  io.Writer
	file *excelize.File
	w    *excelize.StreamWriter
	n    int
}

func newXLSX(w io.Writer) (*xlsxSheet, error) {
	f := excelize.NewFile()
	sw, err := f.NewStreamWriter(f.GetSheetName(0))
	return &xlsxSheet{out: w, file: f, w: sw}, err
}

func (x *xlsxSheet) row(cells []cell) error {
	x.n++
	out := make([]any, len(cells))
	for i, c := range cells {
		out[i] = safe(c.text)
		if c.number {
			var yuan float64 // shown, never counted with: the books hold fen
			if _, err := fmt.Sscan(c.text, &yuan); err == nil {
				out[i] = yuan
			}
		}
	}
	at, err := excelize.CoordinatesToCellName(1, x.n)
	if err != nil {
		return err
	}
	return x.w.SetRow(at, out)
}

func (x *xlsxSheet) end() error {
	err := x.w.Flush()
	if err == nil {
		err = x.file.Write(x.out)
	}
	if e := x.file.Close(); err == nil {
		err = e
	}
	return err
}
