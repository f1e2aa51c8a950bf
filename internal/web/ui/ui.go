package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/web/page"
)

// FieldIn describes a form field. Name and Label are needed.
type FieldIn struct {
	Name, Label string
	ID          string // "f-" and the name if empty; needed when a page has two forms with such a field
	Value       string
	Hint        string // help below the field
	Error       string // what is wrong, from Errors
	Type        string // text if empty: tel, number, date, datetime-local, password, file, …
	Mode        string // inputmode: numeric, decimal, tel
	Auto        string // autocomplete token
	Placeholder string
	Unit        string // shown behind the field
	Rows        int    // > 0: a textarea
	Max         int    // maxlength in characters, 0 for none
	Need        bool
	Attrs       templ.Attributes
}

func (f FieldIn) id() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + f.Name
}

func (f FieldIn) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// describedBy ties hint and error to the field for a screen reader.
func (f FieldIn) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

func (f FieldIn) attrs() templ.Attributes {
	a := templ.Attributes{}
	set := func(name, v string) {
		if v != "" {
			a[name] = v
		}
	}
	set("inputmode", f.Mode)
	set("autocomplete", f.Auto)
	set("placeholder", f.Placeholder)
	set("aria-describedby", f.describedBy())
	if f.Max > 0 {
		a["maxlength"] = strconv.Itoa(f.Max)
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	if f.Need {
		a["required"] = true
	}
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

// Option of a Select or a choice.
type Option struct{ Value, Label string }

// Options makes options of values whose label is the text of prefix+value.
func Options(b page.Base, prefix string, values ...string) []Option {
	out := make([]Option, len(values))
	for i, v := range values {
		out[i] = Option{Value: v, Label: b.T(prefix + v)}
	}
	return out
}

// Errors gives the texts of a failed form by field; the key "" holds what
// belongs to no field. Nil for no error.
func Errors(b page.Base, err error) map[string]string {
	if err == nil {
		return nil
	}
	out := map[string]string{}
	for _, f := range fault.Of(err).All() {
		out[f.Field] = b.P.Err(f)
	}
	return out
}

// srcset lists a picture's kept widths.
func srcset(p catalog.Picture) string {
	parts := make([]string, 0, len(p.Sizes))
	for _, w := range p.Sizes {
		parts = append(parts, fmt.Sprintf("%s %dw", p.URL(w), w))
	}
	return strings.Join(parts, ", ")
}

// First is the first picture of a product, or the zero picture.
func First(ps []catalog.Picture) catalog.Picture {
	if len(ps) == 0 {
		return catalog.Picture{}
	}
	return ps[0]
}

func initial(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	if n == 0 {
		return "?"
	}
	return strings.ToUpper(string(r))
}

// Tone is the colour of a badge or an alert: "", ok, warn, bad, info, live.
type Tone string

// tones of states; what is not named here is plain.
var tones = map[string]Tone{
	"order_unpaid": "warn", "order_paid": "info", "order_shipped": "info", "order_received": "ok", "order_done": "ok",
	"show_announced": "info", "show_live": "live", "show_cancelled": "bad",
	"item_coming": "info", "item_on_sale": "ok", "item_sold_out": "bad",
	"lot_forecast": "info", "lot_received": "info", "lot_graded": "info", "lot_on_sale": "ok",
	"product_on": "ok", "product_draft": "warn",
	"stream_live": "ok", "stream_away": "warn",
	"report_open": "warn", "report_upheld": "bad", "report_dismissed": "ok",
	"payment_open": "warn", "payment_paid": "ok", "refund_pending": "warn", "refund_done": "ok", "refund_failed": "bad",
	"gift_unpaid": "warn", "gift_paid": "ok", "gift_case_open": "warn", "gift_case_granted": "ok",
	"disbursement_draft": "warn", "disbursement_approved": "info", "disbursement_paid": "ok", "transfer_draft": "warn", "transfer_done": "ok",
}

// stateKey is the text of a state: the kinds are listed so that a test finds
// every text in use.
func stateKey(kind, state string) string {
	switch kind {
	case "order":
		return "ui.order_" + state
	case "show":
		return "ui.show_" + state
	case "item":
		return "ui.item_" + state
	case "lot":
		return "ui.lot_" + state
	case "product":
		return "ui.product_" + state
	case "stream":
		return "ui.stream_" + state
	case "report":
		return "ui.report_" + state
	case "payment":
		return "ui.payment_" + state
	case "refund":
		return "ui.refund_" + state
	case "gift":
		return "ui.gift_" + state
	case "gift_case":
		return "ui.gift_case_" + state
	case "disbursement":
		return "ui.disbursement_" + state
	case "transfer":
		return "ui.transfer_" + state
	}
	return state
}

// Col is a column of a table.
type Col struct {
	Label string
	Num   bool // right-aligned figures
}

// Cols makes columns of labels; a label that starts with "#" is a column of figures.
func Cols(labels ...string) []Col {
	out := make([]Col, len(labels))
	for i, l := range labels {
		out[i].Label, out[i].Num = strings.CutPrefix(l, "#")
	}
	return out
}

// Iso is a time as <time datetime> wants it.
func Iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Grams is a weight as people say it: 250 g, 2.5 kg.
func Grams(g int64) string {
	if g >= 1000 {
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(g)/1000, 'f', 3, 64), "0"), ".") + " kg"
	}
	return strconv.FormatInt(g, 10) + " g"
}

// per is the price of 500 g (one jin) in words.
func per(b page.Base, per500g money.Fen) string { return b.T("ui.per_500g", "Price", b.Yuan(per500g)) }

// Tab is a link of Tabs.
type Tab struct {
	Href, Label string
	Here        bool
}

func alertRole(t Tone) string {
	if t == "" || t == "bad" {
		return "alert"
	}
	return "status"
}
