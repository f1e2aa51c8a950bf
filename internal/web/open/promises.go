package open

import (
	"net/http"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// promisesView is the page of the promises.
type promisesView struct {
	page.Base
	Promises []promiseView
	Since    time.Time // zero: nothing was booked yet
	Check    lastCheck
}

// promiseView is one promise with what the books say about it.
type promiseView struct {
	No      string // "P1"
	Key     string // of its words
	Live    bool   // the ledger refuses what breaks it, and there is money to refuse
	Figures []figure
	Missing string // key of what is not there yet, "" if nothing
}

// figure is a sum and how it is computed.
type figure struct {
	Name string // of the keys open.sum_… and open.how_…
	Fen  money.Fen
	Main bool
}

func (s *screens) promises(w http.ResponseWriter, r *http.Request) error {
	t, err := promise.ReadTotals(r.Context(), s.DB)
	if err != nil {
		return err
	}
	view := promisesView{Base: s.Base(w, r, "open", edge.Who(r).P.T("open.promises_title")), Promises: promisesOf(t)}
	view.Styles, view.Description = []string{"open/open.css"}, view.T("open.promises_lead")
	if view.Since, err = promise.Since(r.Context(), s.DB); err != nil {
		return err
	}
	if view.Check, err = s.lastCheck(r.Context()); err != nil {
		return err
	}
	if site.WantsJSON(r) {
		return site.JSON(w, r, totalsJSON{t.LocalGoods, t.LocalGoods - t.LocalMargin, t.LocalMargin, t.LocalCommission, t.LocalProducers,
			t.Commission, t.Margin, t.Freight, t.Gifts, t.Charity, t.Growth, view.Now})
	}
	return s.Render(w, r, promisesScreen(view))
}

// totalsJSON are the same totals for programs, in fen.
type totalsJSON struct {
	LocalGoods      money.Fen `json:"local_goods_fen"`
	LocalOwed       money.Fen `json:"local_to_producers_fen"`
	LocalMargin     money.Fen `json:"local_margin_fen"`
	LocalCommission money.Fen `json:"local_commission_fen"`
	LocalProducers  int       `json:"local_producers"`
	Commission      money.Fen `json:"outside_commission_fen"`
	Margin          money.Fen `json:"margin_fen"`
	Freight         money.Fen `json:"freight_fen"`
	Gifts           money.Fen `json:"gifts_fen"`
	Charity         money.Fen `json:"charity_fund_fen"`
	Growth          money.Fen `json:"growth_fund_fen"`
	At              time.Time `json:"at"`
}

// promisesOf puts the totals behind the promises they belong to.
func promisesOf(t promise.Totals) []promiseView {
	p1 := promiseView{No: "P1", Key: "promise.p1", Live: true, Figures: []figure{
		{"local_commission", t.LocalCommission, true},
		{"local_owed", t.LocalGoods - t.LocalMargin, true},
		{"local_goods", t.LocalGoods, false},
		{"local_margin", t.LocalMargin, false},
	}}
	p2 := promiseView{No: "P2", Key: "promise.p2", Missing: "open.gifts_missing", Figures: []figure{
		{"gifts", t.Gifts, true},
		{"charity", t.Charity, true},
	}}
	p3 := promiseView{No: "P3", Key: "promise.p3", Missing: "open.growth_missing", Figures: []figure{
		{"commission", t.Commission, true},
		{"margin", t.Margin, true},
		{"growth", t.Growth, true},
	}}
	return []promiseView{p1, p2, p3}
}
