package shop

import (
	"net/http"
	"strconv"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// placed is the answer to an order: what to show, and how to go on.
type placed struct {
	ID      id.Order  `json:"id"`
	No      string    `json:"no"`
	State   string    `json:"state"`
	Total   money.Fen `json:"total_fen"`
	Text    string    `json:"total"`
	Expires time.Time `json:"expires"`
	Now     time.Time `json:"now"` // a phone's clock may be wrong
	Href    string    `json:"href"`
	Pay     []payWay  `json:"pay"`
}

// payWay is a way to pay.
type payWay struct {
	Gateway string `json:"gateway"`
	Label   string `json:"label"`
}

// place orders what the sheet holds. The key comes from the page: a second tap
// or a repeated request gets the first answer.
func (s *screens) place(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	of, err := s.offer(r, r.PostForm)
	if err != nil {
		return err
	}
	in, err := readOrder(f, of)
	var o order.Order
	if err == nil {
		o, err = s.Flow.PlaceOrder(r.Context(), edge.Who(r).Actor, in)
	}
	switch {
	case err != nil && (site.WantsJSON(r) || !site.Correctable(err)):
		return err
	case err != nil:
		return s.orderAgain(w, r, of, in, err)
	case !site.WantsJSON(r):
		return s.Redirect(w, r, "/orders/"+string(o.ID), edge.Who(r).P.T("room.placed"))
	}
	return site.JSON(w, r, s.placedJSON(page.Base{P: edge.Who(r).P}, o))
}

// readOrder reads the form. The price is the one the buyer saw, so that a
// change in between is refused with words instead of charged.
func readOrder(f *site.Form, of offer) (flow.PlaceIn, error) {
	n := f.Int("units", 1, maxUnits)
	price := money.Fen(f.Int("price_fen", 1, int64(money.MaxFen)))
	in := flow.PlaceIn{Key: f.Need("key", maxKey), Show: of.Show, Address: id.Address(f.Text("address", 40)),
		NoReturnOK: f.Tick("no_return_ok"), Note: f.Text("note", maxNote)}
	if !id.Valid(in.Address) {
		f.Add(fault.New(fault.Invalid, "room.choose_address").At("address"))
	}
	if in.Coupon = claimOf(f.Text("coupon", 40)); in.Coupon != "" {
		in.Discount = money.Fen(f.OptInt("discount_fen", 0, int64(money.MaxFen), 0))
	}
	l := line(of, n)
	l.Price = price
	in.Lines = []flow.PlaceLine{l}
	return in, f.Err()
}

func (s *screens) placedJSON(b page.Base, o order.Order) placed {
	p := placed{ID: o.ID, No: o.No, State: string(o.State), Total: o.Total, Text: b.Yuan(o.Total), Expires: o.Expires,
		Now: s.DB.Clock.Now(), Href: "/orders/" + string(o.ID), Pay: []payWay{}}
	if o.State == order.Unpaid {
		for _, g := range s.Gateways {
			p.Pay = append(p.Pay, payWay{Gateway: g, Label: gatewayName(b, g)})
		}
	}
	return p
}

// gatewayName is what a way to pay is called; a provider without a name of its
// own is just "pay".
func gatewayName(b page.Base, g string) string {
	key := "room.pay_" + g
	if name := b.T(key); name != key {
		return name
	}
	return b.T("room.pay_other")
}

// orderAgain shows the sheet once more, as it was filled in, with what was
// wrong and today's price.
func (s *screens) orderAgain(w http.ResponseWriter, r *http.Request, of offer, in flow.PlaceIn, cause error) error {
	v, err := s.buyView(w, r, of, in.Lines[0].Units, in.Address)
	if err != nil {
		return err
	}
	v.Note, v.Wrong = in.Note, ui.Errors(v.Base, cause)
	if fault.Of(cause).RetryAfter > 0 {
		v.Key = in.Key // nothing was decided: the same wish again
		w.Header().Set("Retry-After", strconv.Itoa(int(fault.Of(cause).RetryAfter.Seconds())+1))
	}
	return s.RenderStatus(w, r, fault.Of(cause).Kind.Status(), buyScreen(v))
}
