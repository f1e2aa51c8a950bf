package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Limits of the parcels' screens.
const (
	parcelsShown = 500
	pasteLines   = 1000
	lateAfter    = 48 * time.Hour // features.md, late-ship clock
)

// parcel is a paid order that waits, with whose goods go in.
type parcel struct {
	order.Order
	To     shipping.Recipient // masked
	Late   bool
	Shares []order.Share
}

// pasted is what became of one pasted line.
type pasted struct {
	Line  int
	Text  string
	Wrong string // "" when the parcel is on its way
}

type parcelsView struct {
	page.Base
	Parcels   []parcel
	Producers map[id.Producer]catalog.Producer
	Carriers  []shipping.Carrier
	More      bool
	Wrong     map[string]string // by order id
	Typed     string            // tracking number of the parcel that is wrong
	Results   []pasted
	Text      string
	Carrier   string
}

// parcels lists paid orders, the one that waits longest first.
func (h *screens) parcels(w http.ResponseWriter, r *http.Request) error {
	v, err := h.parcelsView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, parcelsScreen(v))
}

func (h *screens) parcelsView(w http.ResponseWriter, r *http.Request) (parcelsView, error) {
	v := parcelsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.parcels_title")), Carriers: shipping.CarrierList()}
	v.Styles = []string{"desk/desk.css"}
	orders, err := order.List(r.Context(), h.DB, order.Filter{State: order.Paid, Limit: parcelsShown})
	if err != nil {
		return v, err
	}
	v.More = len(orders) == parcelsShown
	if len(orders) == 0 {
		return v, nil
	}
	ids := make([]id.Order, len(orders))
	at := map[id.Order]int{}
	for i, o := range orders { // the list is newest first, the screen is not
		n := len(orders) - 1 - i
		ids[i], at[o.ID] = o.ID, n
	}
	v.Parcels = make([]parcel, len(orders))
	for _, o := range orders {
		to, err := h.Flow.Recipient(r.Context(), edge.Who(r).Actor, o, false)
		if err != nil {
			return v, err
		}
		v.Parcels[at[o.ID]] = parcel{Order: o, To: to, Late: v.Now.Sub(o.PaidAt) > lateAfter}
	}
	shares, err := order.Shares(r.Context(), h.DB, ids...)
	if err != nil {
		return v, err
	}
	var makers []id.Producer
	for _, s := range shares {
		p := &v.Parcels[at[s.Order]]
		p.Shares, makers = append(p.Shares, s), append(makers, s.Producer)
	}
	for i := range v.Parcels {
		if err := h.leaveOut(r.Context(), &v.Parcels[i]); err != nil {
			return v, err
		}
	}
	v.Producers, err = catalog.Producers(r.Context(), h.DB, makers...)
	return v, err
}

// makers are whose goods are in an order, each once.
func (p parcel) makers() []id.Producer {
	var out []id.Producer
	for _, s := range p.Shares {
		if !slices.Contains(out, s.Producer) {
			out = append(out, s.Producer)
		}
	}
	return out
}

// packingList is for the printer: by producer, then by order.
func (h *screens) packingList(w http.ResponseWriter, r *http.Request) error {
	v, err := h.parcelsView(w, r)
	if err != nil {
		return err
	}
	v.Title = v.T("desk.packing_title")
	return h.Render(w, r, packingScreen(v, byProducer(v)))
}

// packLine is one line of the packing list.
type packLine struct {
	parcel
	Line  order.Line
	Units int64
}

// packGroup is what is packed at one producer's.
type packGroup struct {
	Producer catalog.Producer
	Lines    []packLine
	Units    int64
}

// byProducer groups what is to be packed by whose goods they are.
func byProducer(v parcelsView) []packGroup {
	var out []packGroup
	at := map[id.Producer]int{}
	for _, p := range v.Parcels {
		for _, s := range p.Shares {
			i, ok := at[s.Producer]
			if !ok {
				i = len(out)
				at[s.Producer] = i
				out = append(out, packGroup{Producer: v.Producers[s.Producer]})
			}
			for _, l := range p.Lines {
				if l.ID == s.Line {
					out[i].Lines = append(out[i].Lines, packLine{p, l, s.Units})
					out[i].Units += s.Units
				}
			}
		}
	}
	return out
}

// shipParcel notes one parcel.
func (h *screens) shipParcel(w http.ResponseWriter, r *http.Request) error {
	oid, err := site.PathID[id.Order](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	carrier, no := f.Need("carrier", 40), f.Need("tracking_no", 40)
	if err = f.Err(); err == nil {
		_, err = h.Flow.ShipParcel(r.Context(), edge.Who(r).Actor, oid, id.Producer(f.Text("producer", 40)), carrier, no)
	}
	if err != nil && fault.Of(err).Kind == fault.Internal {
		return err
	}
	if err != nil {
		v, verr := h.parcelsView(w, r)
		if verr != nil {
			return verr
		}
		v.Wrong = map[string]string{string(oid): v.P.Err(fault.Of(err))}
		v.Carrier, v.Typed = carrier, clip(r.PostFormValue("tracking_no"), 80)
		return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), parcelsScreen(v))
	}
	return h.Redirect(w, r, "/desk/parcels", edge.Who(r).P.T("desk.shipped_ok"))
}

// revealParcel shows a whole address to the packer; who looked is written down.
func (h *screens) revealParcel(w http.ResponseWriter, r *http.Request) error {
	oid, err := site.PathID[id.Order](r, "id")
	if err != nil {
		return err
	}
	who := edge.Who(r).Actor
	o, err := h.Flow.ReadOrder(r.Context(), who, oid)
	if err != nil {
		return err
	}
	to, err := h.Flow.Recipient(r.Context(), who, o, true)
	if err != nil {
		return err
	}
	return h.Render(w, r, recipientLine(to))
}

// pasteParcels takes many lines "order number, tracking number" at once. Good
// lines go through, bad ones are named, and a line pasted again is harmless.
func (h *screens) pasteParcels(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	text, carrier := r.PostFormValue("lines"), f.Need("carrier", 40)
	if err := f.Err(); err != nil {
		return err
	}
	var results []pasted
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		p := pasted{Line: i + 1, Text: clip(line, 80)}
		if len(results) >= pasteLines {
			p.Wrong = edge.Who(r).P.T("desk.paste_many", "Max", pasteLines)
			results = append(results, p)
			break
		}
		if err := h.pasteLine(r, line, carrier); err != nil {
			if fault.Of(err).Kind == fault.Internal {
				h.Log.Error("pasted parcel", "err", err)
			}
			p.Wrong = edge.Who(r).P.Err(fault.Of(err))
		}
		results = append(results, p)
	}
	v, err := h.parcelsView(w, r)
	if err != nil {
		return err
	}
	v.Results, v.Carrier = results, carrier
	v.Text = leftOver(text, results)
	return h.Render(w, r, parcelsScreen(v))
}

// pasteLine ships one line: order number, then tracking number, with anything
// between that is no letter or digit.
func (h *screens) pasteLine(r *http.Request, line, carrier string) error {
	part := strings.FieldsFunc(line, func(c rune) bool { return c == ',' || c == '\t' || c == ' ' || c == ';' || c == '，' || c == '；' }) //i18n:data full-width separators that spreadsheets give
	if len(part) != 2 {
		return fault.New(fault.Invalid, "desk.paste_form")
	}
	if !id.ValidOrderNo(part[0]) {
		return fault.New(fault.Invalid, "desk.paste_no")
	}
	o, err := order.ByNo(r.Context(), h.DB, part[0])
	if err != nil {
		return err
	}
	left, err := shipping.OfOrder(r.Context(), h.DB, o.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(left, func(s shipping.Shipment) bool { return s.TrackingNo == shipping.CleanTracking(part[1]) }) {
		return nil // pasted again
	}
	_, err = h.Flow.ShipOrder(r.Context(), edge.Who(r).Actor, o.ID, carrier, part[1])
	return err
}

// leftOver is the text of the lines that did not go through, for mending.
func leftOver(text string, results []pasted) string {
	lines := strings.Split(text, "\n")
	var out []string
	for _, p := range results {
		if p.Wrong != "" {
			out = append(out, strings.TrimSpace(lines[p.Line-1]))
		}
	}
	return strings.Join(out, "\n")
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

func good(ps []pasted) (n int64) {
	for _, p := range ps {
		if p.Wrong == "" {
			n++
		}
	}
	return n
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

// query builds a link with parameters; empty ones are left out.
func query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
