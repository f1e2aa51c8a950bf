package desk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/recon"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/webtest"
)

func TestServiceDecidesAndThePackerTakesGoodsBack(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	w.Site.Flow.ClaimWithin = 48 * time.Hour
	buyer, service, pack := w.Person("Buyer"), w.Person("Service", actor.Service), w.Person("Pack", actor.Packer)
	p := w.Product("Berries", 3990)
	w.Lot(p, w.Producer("Wang"), 20)
	o := w.Order(buyer, p, 3)
	w.Pay(buyer, o)
	service.Get("/desk/service").Is(http.StatusOK).Must(".empty")
	service.Get("/desk/service/order?no=1").Is(http.StatusUnprocessableEntity).Must("[data-error]")
	find := "/desk/service/order?no=" + o.No
	open := "/desk/service/order/" + string(o.ID) + "/case"
	line := string(o.Lines[0].ID)

	// Part of the price of an order that has not left.
	form := service.Get(find).Is(http.StatusOK).Form("form.stack")
	key := form.Values.Get("key")
	service.Post(open, webtest.Values("key", key, "kind", "claim", "reason", "missing", "fen-"+line, "9999")).Is(http.StatusConflict).Must(".alert, [data-error]")
	service.Post(open, webtest.Values("key", key, "kind", "claim", "reason", "missing", "fen-"+line, "5")).Is(http.StatusSeeOther)
	c := lastCase(w, o)
	page := "/desk/service/" + string(c.ID)
	service.Get(page).Is(http.StatusOK).Must(`select[name=bearer]`)
	pack.Get(page).Is(http.StatusOK).None("form[method=post]")
	service.Post(page, webtest.Values("do", "reject", "note", "")).Is(http.StatusUnprocessableEntity).Must("[data-error]")
	service.Post(page, webtest.Values("do", "pay", "bearer", "centre", "fen-"+line, "4", "note", "sorry")).GoesTo(page)
	if x := reread(w, o); x.Refunded() != 400 {
		t.Errorf("%s back", x.Refunded())
	}

	// A return: approved by service, seen by the packer.
	w.Ship(o)
	if _, err := w.Site.Flow.ReceiveOrder(context.Background(), buyer.Actor(), o.ID); err != nil {
		t.Fatal(err)
	}
	service.Post(open, webtest.Values("key", id.New[string](), "kind", "return", "reason", "quality", "units-"+line, "1")).Is(http.StatusSeeOther)
	page = "/desk/service/" + string(lastCase(w, o).ID)
	service.Get("/desk/service").Is(http.StatusOK).Must(`a[href="` + page + `"]`)
	service.Post(page, webtest.Values("do", "approve", "bearer", "producer")).GoesTo(page)
	service.Post(page+"/goods", webtest.Values("goods", "good")).Is(http.StatusForbidden)
	pack.Get(page).Is(http.StatusOK).Must(`form[action="` + page + `/goods"]`)
	pack.Post(page+"/goods", webtest.Values("goods", "good")).GoesTo(page)
	if c := lastCase(w, o); c.State != aftersale.Refunded || c.Goods != aftersale.Good {
		t.Errorf("%+v", c)
	}
	for _, who := range []actor.Role{actor.Operator, actor.Moderator, actor.Host} {
		w.Person("X"+string(who), who).Get("/desk/service").Is(http.StatusForbidden)
	}
}

func lastCase(w *webtest.World, o order.Order) aftersale.Case {
	cs, err := aftersale.OfOrder(context.Background(), w.DB, o.ID)
	if err != nil || len(cs) == 0 {
		panic(err)
	}
	return cs[len(cs)-1]
}

func reread(w *webtest.World, o order.Order) order.Order {
	x, err := order.ByID(context.Background(), w.DB, o.ID)
	if err != nil {
		panic(err)
	}
	return x
}

func TestFinanceSeesDaysAndExportsThem(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	buyer, money, over := w.Person("Buyer"), w.Person("Money", actor.Finance), w.Person("Over", actor.Overseer)
	p := w.Product("Berries", 3990)
	w.Lot(p, w.Producer("Wang"), 20)
	o := w.Order(buyer, p, 1)
	paid := w.Pay(buyer, o)
	// A provider's number that a spreadsheet would run.
	w.Update(func(tx *db.Tx) error {
		_, err := tx.Exec(context.Background(), `UPDATE payment SET gateway_ref = '=HYPERLINK("http://x")' WHERE id = $1`, paid.ID)
		return err
	})
	page := money.Get("/desk/finance").Is(http.StatusOK).Has(o.No)
	page.Must(`a[href="/desk/finance/orders/` + string(o.ID) + `"]`)
	money.Get("/desk/finance/orders/" + string(o.ID)).Is(http.StatusOK).Has(o.No)
	over.Get("/desk/finance").Is(http.StatusOK).None("form[method=post]")
	money.Get("/desk/finance?from=2026-13-01").Is(http.StatusOK).Must("[data-error]")
	money.Get("/desk/finance?gateway=offline").Is(http.StatusOK).HasNot(o.No)

	out := money.Get("/desk/finance/export?format=csv").Is(http.StatusOK)
	body, ok := strings.CutPrefix(out.Body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !ok || len(rows) != 2 || rows[1][3] != "\t"+o.No || rows[1][4] != o.Total.String() || rows[1][5] != `'=HYPERLINK("http://x")` {
		t.Errorf("%q %v", rows, err)
	}
	x := money.Get("/desk/finance/export?format=xlsx").Is(http.StatusOK)
	if z, err := zip.NewReader(bytes.NewReader([]byte(x.Body)), int64(len(x.Body))); err != nil || len(z.File) == 0 {
		t.Error("no workbook", err)
	}
	trail, err := audit.List(context.Background(), w.DB, audit.Filter{Actor: money.User.ID, Limit: 10})
	if err != nil || len(trail) != 3 || trail[1].Action != "finance.export" || trail[0].Action != "finance.export" {
		t.Errorf("%+v %v", trail, err)
	}
	money.Get("/desk/finance/export?format=exe").Is(http.StatusUnprocessableEntity)
	money.Get("/desk/finance/export?format=csv&from=2020-01-01").Is(http.StatusUnprocessableEntity)
	for _, who := range []actor.Role{actor.Moderator, actor.Service, actor.Operator} {
		c := w.Person("X"+string(who), who)
		c.Get("/desk/finance/export?format=csv").Is(http.StatusForbidden)
		c.Get("/desk/finance/orders/" + string(o.ID)).Is(http.StatusForbidden)
		c.Get("/desk/finance/recon").Is(http.StatusForbidden)
	}
}

func TestFinanceSettlesWhatDoesNotAgree(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	money, over := w.Person("Money", actor.Finance), w.Person("Over", actor.Overseer)
	day := clock.DayOf(w.DB.Clock.Now()).Add(-1)
	w.Update(func(tx *db.Tx) error {
		if err := recon.Keep(context.Background(), tx, "sandbox", day, []recon.Row{{Kind: recon.Pay, Ours: "x", Ref: "R1", Amount: 500, At: day.Time()}}); err != nil {
			return err
		}
		_, err := recon.Replace(context.Background(), tx, "sandbox", day, []recon.Difference{{Day: day, What: "x", Kind: recon.MissingHere, Object: recon.Pay, Ours: "x", Ref: "R1", Theirs: 500}})
		return err
	})
	money.Get("/desk/finance").Is(http.StatusOK).Must(`a[href="/desk/finance/recon"]`)
	page := money.Get("/desk/finance/recon").Is(http.StatusOK)
	action := page.Must(`article form`).Attr("action")
	over.Get("/desk/finance/recon").Is(http.StatusOK).None("form[method=post]")
	over.Post(action, webtest.Values("how", "noted", "note", "seen")).Is(http.StatusForbidden)
	money.Post(action, webtest.Values("how", "fee", "note", "seen")).Is(http.StatusUnprocessableEntity).Must(".alert")
	money.Post(action, webtest.Values("how", "quarantine", "note", "")).Is(http.StatusUnprocessableEntity).Must(".alert")
	money.Post(action, webtest.Values("how", "quarantine", "note", "seen")).GoesTo("/desk/finance/recon")
	if q, err := payment.Quarantine(context.Background(), w.DB); err != nil || len(q) != 1 || q[0].Amount != 500 {
		t.Errorf("%+v %v", q, err)
	}
	money.Get("/desk/finance/recon").Is(http.StatusOK).Must(".empty")
	money.Get("/desk/finance/recon?all=1").Is(http.StatusOK).Has("R1")
	money.Post("/desk/finance/recon", webtest.Values("gateway", "sandbox", "day", day.String())).Is(http.StatusServiceUnavailable).Must(".alert, [data-error]")
	bad := money.Post("/desk/finance/recon/transfers", webtest.Values("entered_day", day.String(), "lines", "what")).Is(http.StatusUnprocessableEntity)
	if !strings.Contains(bad.Body, "what</textarea>") {
		t.Error("what was typed is lost")
	}
	money.Post("/desk/finance/recon/transfers", webtest.Values("entered_day", day.String(), "lines", "")).GoesTo("/desk/finance/recon")

	// The money is sent back by one of finance and signed by another.
	q := money.Get("/desk/finance").Is(http.StatusOK).Must(".warn-card form").Attr("action")
	money.Post(q, webtest.Values("how", "returned", "note", "bank 9")).GoesTo("/desk/finance")
	money.Get("/desk/finance").Is(http.StatusOK).None(`form[action$="/sign"]`)
	money.Post(q+"/sign", nil).Is(http.StatusForbidden)
	w.Person("Money2", actor.Finance).Post(q+"/sign", nil).GoesTo("/desk/finance")
}
