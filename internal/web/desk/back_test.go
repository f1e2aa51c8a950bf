package desk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/webtest"
)

func TestParcelsGoOffOneByOneAndPasted(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	buyer, pack := w.Person("Buyer"), w.Person("Pack", actor.Packer)
	p := w.Product("Berries", 3990)
	w.Lot(p, w.Producer("Wang"), 20)
	pack.Get("/desk/parcels").Is(http.StatusOK).Must(".empty")
	var os []order.Order
	for range 3 {
		o := w.Order(buyer, p, 1)
		w.Pay(buyer, o)
		os = append(os, o)
	}
	page := pack.Get("/desk/parcels").Is(http.StatusOK).HasNot("13912345678", "92号")
	if got := page.All(".parcel"); len(got) != 3 {
		t.Fatalf("%d parcels", len(got))
	}
	pack.Get("/desk/parcels/list").Is(http.StatusOK).Has("Wang")

	pack.Post("/desk/parcels/"+string(os[0].ID)+"/reveal", nil).Is(http.StatusOK).Has("13912345678")
	trail, err := audit.List(context.Background(), w.DB, audit.Filter{Actor: pack.User.ID, Limit: 10})
	if err != nil || len(trail) == 0 {
		t.Errorf("looking at an address left no trail: %v", err)
	}
	pack.Post("/desk/parcels/"+string(os[0].ID)+"/ship", webtest.Values("carrier", "shunfeng", "tracking_no", "")).Is(http.StatusUnprocessableEntity).Must(".parcel .alert")
	pack.Post("/desk/parcels/"+string(os[0].ID)+"/ship", webtest.Values("carrier", "no-such", "tracking_no", "SF1234567890123")).Is(http.StatusUnprocessableEntity)
	if again := pack.Post("/desk/parcels/"+string(os[0].ID)+"/ship", webtest.Values("carrier", "shunfeng", "tracking_no", "?!")); !strings.Contains(again.Is(http.StatusUnprocessableEntity).Body, `value="?!"`) {
		t.Error("the tracking number that was typed is lost")
	}
	pack.Post("/desk/parcels/"+string(os[0].ID)+"/ship", webtest.Values("carrier", "shunfeng", "tracking_no", "SF1234567890123")).GoesTo("/desk/parcels")

	lines := os[1].No + ", SF1234567890124\nrubbish\n" + os[2].No + "\tSF1234567890125\n12345678901234567890 SF1"
	for range 2 { // pasted again it does no harm
		page = pack.Post("/desk/parcels/paste", webtest.Values("carrier", "shunfeng", "lines", lines)).Is(http.StatusOK)
		if bad := page.All("main .card li"); len(bad) != 2 || !strings.Contains(bad[0].Text(), "rubbish") {
			t.Errorf("bad lines: %v", bad)
		}
	}
	for _, o := range os {
		now, err := order.ByID(context.Background(), w.DB, o.ID)
		if err != nil || now.State != order.Shipped {
			t.Errorf("%s is %s (%v)", o.No, now.State, err)
		}
	}
	w.Person("Over", actor.Overseer).Post("/desk/parcels/"+string(os[0].ID)+"/reveal", nil).Is(http.StatusForbidden)
	w.Person("Op", actor.Operator).Get("/desk/parcels").Is(http.StatusForbidden)
}

func TestFinanceRefusesTheWrongAmount(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	w.Site.OfflineText = "bank"
	buyer, money := w.Person("Buyer"), w.Person("Money", actor.Finance)
	p := w.Product("Berries", 3990)
	w.Lot(p, w.Producer("Wang"), 20)
	o := w.Order(buyer, p, 1)
	for _, bad := range [][]string{{"no", "1", "amount", "x", "proof", ""}, {"no", o.No, "amount", "1", "proof", "ref 1"}} {
		again := money.Post("/desk/finance/offline", webtest.Values(bad...))
		if again.Status < 400 || again.Status >= 500 || len(again.All("[data-error], .alert")) == 0 {
			t.Errorf("%v: %d without a word", bad, again.Status)
		}
	}
	money.Post("/desk/finance/offline", webtest.Values("no", o.No, "amount", o.Total.String(), "proof", "ref 2")).GoesTo("/desk/finance")
	w.Person("Over", actor.Overseer).Get("/desk/finance").Is(http.StatusOK).None("form[method=post]")
	w.Person("Admin", actor.Admin).Get("/desk/finance").Is(http.StatusForbidden)
}

func TestFreightPeopleAndTrail(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	op, admin := w.Person("Op", actor.Operator), w.Person("Admin", actor.Admin)
	op.Post("/desk/freight", webtest.Values("province", "", "deliver", "1", "first_g", "-1", "first", "abc", "next_g", "", "next", "3", "free_over", "")).
		Is(http.StatusUnprocessableEntity).Must("[data-error]")
	w.Person("Over", actor.Overseer).Get("/desk/freight").Is(http.StatusOK).None("form[method=post]")

	admin.Post("/desk/people", webtest.Values("phone", "12", "name", "")).Is(http.StatusUnprocessableEntity).Must(".error")
	made := admin.Post("/desk/people", webtest.Values("phone", "13711112222", "name", "Newcomer")).Is(http.StatusSeeOther).Location()
	f := admin.Get(made).Is(http.StatusOK).HasNot("13711112222").Form("main form[method=post]")
	f.Values["role"] = []string{"finance", "admin"} // nobody is both
	again := admin.Post(made, f.Values)
	if again.Status < 400 || again.Status >= 500 {
		t.Errorf("one person is administrator and finance: %d", again.Status)
	}
	f.Values["role"] = []string{"packer"}
	admin.Post(made, f.Values).GoesTo("/desk/people").Has("Newcomer")
	f = admin.Get(made).Form("main form[method=post]")
	f.Values["official"] = []string{"1"}
	admin.Post(made, f.Values).Is(http.StatusUnprocessableEntity).Must("#note-error, [name=note][aria-invalid]")
	f.Values["note"] = []string{"Deputy head of the town; approved by the county"}
	admin.Post(made, f.Values).GoesTo("/desk/people")
	host := id.User(strings.TrimPrefix(made, "/desk/people/"))
	if official, err := promise.Official(t.Context(), w.DB, host); err != nil || !official {
		t.Error("no public office on record:", err)
	}
	admin.Get(made).Must("[name=official][checked]")
	admin.Get("/desk/people?phone=13711112222").GoesToAnyway(made)
	admin.Get("/desk/audit").Is(http.StatusOK).Must(".table")
	op.Get("/desk/people").Is(http.StatusForbidden)
	op.Get("/desk/audit").Is(http.StatusForbidden)
}
