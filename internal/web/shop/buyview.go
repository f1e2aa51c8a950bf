package shop

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/ui"
)

// naAttrs ties the fields of a new address, which stand within the order form
// on the screen, to a form of their own.
var naAttrs = templ.Attributes{"form": "address-form"}

// quotePath is where the sheet asks for prices.
func (v buyView) quotePath() string {
	if v.Offer.ID != "" {
		return "/room/" + string(v.Offer.Show) + "/quote"
	}
	return "/quote"
}

// place names the sheet for its idempotency key: one thing to buy, one place.
func (v buyView) place() string {
	if v.Offer.ID != "" {
		return "item:" + string(v.Offer.ID)
	}
	return "product:" + string(v.Offer.Product)
}

// why says why it can't be bought now: coming, sold_out, off.
func (v buyView) why() string {
	if v.Offer.State == string(show.OnSale) {
		return "sold_out"
	}
	return v.Offer.State
}

// NeedsTick tells whether the buyer must confirm that it can't be sent back.
// The quote knows; before there is one, the product's rule tells.
func (v buyView) NeedsTick() bool {
	if v.Quote != nil {
		return v.Quote.NoReturn
	}
	return v.Offer.ReturnRule != catalog.SevenDay
}

// listed joins names the way Chinese lists them; English readers get it too.
func listed(names []string) string { return strings.Join(names, "、") }

func (v buyView) hereQuery() string { return url.QueryEscape(v.Here) }

func (v buyView) provinceOptions() []ui.Option {
	out := []ui.Option{{Label: v.T("room.na_choose")}}
	for _, p := range v.Provinces {
		out = append(out, ui.Option{Value: p, Label: p})
	}
	return out
}

// words are the texts buy.js needs.
func (v buyView) words() map[string]string {
	out := map[string]string{}
	for _, k := range []string{"placed_title", "placed_text", "pay_within", "expired", "view_order", "watch_on", "again", "paying", "choose_pay", "no_gateway", "total", "order_no", "busy", "flash_on", "flash_over"} {
		out[k] = v.T("room.buy_" + k)
	}
	return out
}
