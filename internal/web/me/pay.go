package me

import (
	"net/http"
	"net/url"
	"strings"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// payJSON is where our script sends the buyer to pay.
type payJSON struct {
	PayURL string `json:"pay_url"`
}

// pay opens a payment at the gateway of the buyer's choice and goes there.
func (s *screens) pay(w http.ResponseWriter, r *http.Request) error {
	o, err := s.myOrder(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	gateway := f.One("gateway", s.Gateways...)
	to := "/orders/" + string(o.ID) + "/transfer"
	switch err = f.Err(); {
	case err != nil:
	case gateway == payment.Offline:
		_, err = s.Flow.ChooseTransfer(r.Context(), edge.Who(r).Actor, o.ID)
	default:
		var p payment.Payment
		p, err = s.Flow.StartPayment(withDevice(r), edge.Who(r).Actor, o.ID, gateway)
		to = payAddress(p)
	}
	switch {
	case err != nil:
		return s.orderAgain(w, r, err)
	case site.WantsJSON(r):
		return site.JSON(w, r, payJSON{to})
	case s.here(to):
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	// The policy lets no form lead to another site, not even by a redirect; a
	// link may.
	view := payGoView{Base: s.Base(w, r, "me", edge.Who(r).P.T("me.pay_go_title")), Order: o, Gateway: gateway, URL: to}
	view.Path, view.Styles = "/orders/"+string(o.ID), []string{"me/me.css"}
	w.Header().Set("Refresh", "2; url="+to)
	return s.Render(w, r, payGoScreen(view))
}

// here tells whether an address is of this site.
func (s *screens) here(to string) bool {
	return strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") || strings.HasPrefix(to, s.BaseURL+"/")
}

// payGoView leads on to a provider's own page.
type payGoView struct {
	page.Base
	Order   order.Order
	Gateway string
	URL     string
}

// Host is the name of the provider's site, so that the buyer knows where they
// are going.
func (v payGoView) Host() string {
	u, err := url.Parse(v.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// transferView is what a buyer needs for a bank transfer.
type transferView struct {
	page.Base
	Order   order.Order
	Account []string // lines of the centre's account
}

func (s *screens) transfer(w http.ResponseWriter, r *http.Request) error {
	if s.OfflineText == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	o, err := s.myOrder(r)
	if err != nil {
		return err
	}
	view := transferView{Base: s.Base(w, r, "me", edge.Who(r).P.T("me.transfer_title")), Order: o}
	for line := range strings.Lines(s.OfflineText) {
		if line = strings.TrimSpace(line); line != "" {
			view.Account = append(view.Account, line)
		}
	}
	view.Styles, view.Scripts = []string{"me/me.css"}, []string{"me/pay.js"}
	return s.Render(w, r, transferScreen(view))
}

// payReturnView is where a buyer comes back to from paying. What it says is
// what the records say, not what the provider's page said.
type payReturnView struct {
	page.Base
	Order   order.Order
	Paid    bool
	Refunds []payment.Refund
}

func (s *screens) payReturn(w http.ResponseWriter, r *http.Request) error {
	o, err := s.myOrder(r)
	if err != nil {
		return err
	}
	refunds, err := payment.Refunds(r.Context(), s.DB, o.ID)
	if err != nil {
		return err
	}
	view := payReturnView{Base: s.Base(w, r, "me", edge.Who(r).P.T("me.return_title")), Order: o, Paid: !o.PaidAt.IsZero() && o.State != order.Closed, Refunds: refunds}
	view.Styles, view.Scripts = []string{"me/me.css"}, []string{"me/pay.js"}
	return s.Render(w, r, payReturnScreen(view))
}
