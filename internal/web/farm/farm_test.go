package farm_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/web/farm"
	"lindu.example/lindu/internal/web/webtest"
)

// farmer is a person linked to producers.
func farmer(w *webtest.World, name string, producers ...id.Producer) *webtest.Client {
	c := w.Person(name, actor.Producer)
	w.Update(func(tx *db.Tx) error {
		for _, p := range producers {
			if err := account.LinkProducer(context.Background(), tx, webtest.System, c.User.ID, p); err != nil {
				return err
			}
		}
		return nil
	})
	return c
}

func TestFarmerSeesMoneyPackingAndLots(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang := w.Producer("Wang")
	c := farmer(w, "Wang", wang)
	berries := w.Product("Blueberries", money.Yuan(30))
	l := w.Lot(berries, wang, 10)

	p := c.Get("/farm").Is(200).Has("Blueberries", l.No)
	if got := sums(p); got != [3]string{"¥0", "¥0", "¥0"} {
		t.Errorf("before the first order: %v", got)
	}
	p.None(".pack-list li")

	buyer := w.Person("Li Lei")
	o := w.Order(buyer, berries, 3)
	p = c.Get("/farm")
	if got := sums(p); got != [3]string{"¥0", "¥90", "¥0"} {
		t.Errorf("ordered: %v", got)
	}
	p.None(".pack-list li")

	w.Pay(buyer, o)
	p = c.Get("/farm")
	if got := sums(p); got != [3]string{"¥90", "¥0", "¥0"} {
		t.Errorf("paid: %v", got)
	}
	p.Must(".pack-list li").Has("Blueberries", "3 box")
	p.Must(".lots .left-line").Has("7 斤（3.5 公斤）", "3 斤")
	p.Must(".earned li").Has("+¥90")

	w.Ship(o)
	p = c.Get("/farm")
	p.None(".pack-list li")
	p.Must(".lots .left-line").Has("7 斤")
}

// sums are the three amounts of the first page: owed, to come, paid out.
func sums(p *webtest.Page) (out [3]string) {
	for i, e := range p.All(".money .sum") {
		out[i] = e.Text()
	}
	return out
}

func TestLotPageTellsProvinceOnly(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang := w.Producer("Wang")
	c := farmer(w, "Wang", wang)
	berries := w.Product("Blueberries", money.Yuan(30))
	l := w.Lot(berries, wang, 10)
	buyer := w.Person("Li Lei")
	o := w.Order(buyer, berries, 2)
	w.Pay(buyer, o)
	w.Update(func(tx *db.Tx) error {
		return lot.Move(context.Background(), tx, webtest.System, l.ID, lot.Shrink, -500, "dried out")
	})

	p := c.Get("/farm/lots/" + string(l.ID)).Is(200)
	p.Must(".table tbody tr").Has("黑龙江", "2 box", "¥60")
	p.Has("dried out", "7 斤（3.5 公斤）")
	p.HasNot("哈尔滨", "李雷雷", "13912345678", "西大直街", "Li Lei", string(o.ID), o.No)
	c.In(i18n.English).Get("/farm/lots/"+string(l.ID)).Is(200).Has("3.5 kg (7 jin)", "Shrinkage")
}

func TestNothingOfAnotherProducerIsVisible(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang, zhao := w.Producer("Wang"), w.Producer("Zhao")
	cw := farmer(w, "Wang", wang)
	berries := w.Product("Blueberries", money.Yuan(30))
	// One order, filled from both farms' lots: first expired first.
	a := w.Lot(berries, wang, 2)
	w.Clock.Add(time.Hour)
	b := w.Lot(berries, zhao, 5)
	buyer := w.Person("Li Lei")
	w.Pay(buyer, w.Order(buyer, berries, 4))

	p := cw.Get("/farm").Is(200).Has(a.No).HasNot(b.No, "Zhao", string(b.ID), string(zhao))
	if got := sums(p); got != [3]string{"¥60", "¥0", "¥0"} {
		t.Errorf("money %v", got)
	}
	p.Must(".pack-list li").Has("2 box")
	p = cw.Get("/farm/orders").Is(200).HasNot(b.No, string(b.ID), "Zhao", "¥120")
	p.Must(".sales > li").Has("2 box", "¥60", "黑龙江")

	cw.Get("/farm/lots/" + string(b.ID)).Is(http.StatusNotFound)
	cw.Get("/farm?p=" + string(zhao)).Is(http.StatusNotFound)
	cw.Get("/farm/orders?p=" + string(zhao)).Is(http.StatusNotFound)
	cw.Get("/farm/lots/" + string(id.New[id.Lot]())).Is(http.StatusNotFound)
}

func TestOnePersonForTwoFarms(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang, zhao := w.Producer("Wang"), w.Producer("Zhao")
	c := farmer(w, "Village", wang, zhao)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, wang, 2)
	b := w.Lot(berries, zhao, 5)
	p := c.Get("/farm?p=" + string(zhao)).Is(200).Has(b.No)
	if len(p.All(".pills a")) != 2 {
		t.Error("no choice between the farms")
	}
	for _, tab := range p.All(".tabs a") {
		c.Get(tab.Attr("href")).Is(200).Must(".pills [aria-current=true]").Has("Zhao")
	}
	c.Get("/farm/lots/" + string(b.ID)).Is(200).Has(b.No)
}

func TestFarmIsForProducers(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	l := w.Lot(w.Product("Blueberries", money.Yuan(30)), w.Producer("Wang"), 2)
	for _, path := range []string{"/farm", "/farm/orders", "/farm/lots/" + string(l.ID)} {
		w.Visitor().Get(path).Is(http.StatusUnauthorized)
		w.Person("Li Lei").Get(path).Is(http.StatusForbidden)
		w.Person("Boss", actor.Admin).Get(path).Is(http.StatusForbidden)
	}
	c := farmer(w, "Nobody's")
	c.Get("/farm").Is(200).Must(".empty")
	c.Get("/farm/orders").Is(200).Must(".empty")
	c.Get("/farm/lots/" + string(l.ID)).Is(http.StatusNotFound)
}

func TestOrdersByState(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang := w.Producer("Wang")
	c := farmer(w, "Wang", wang)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, wang, 100)
	buyer := w.Person("Li Lei")
	w.Order(buyer, berries, 1)
	w.Pay(buyer, w.Order(buyer, berries, 2))
	shipped := w.Order(buyer, berries, 3)
	w.Pay(buyer, shipped)
	w.Ship(shipped)
	for tab, want := range map[string]string{"unpaid": "1 box", "pack": "2 box", "shipped": "3 box"} {
		p := c.Get("/farm/orders?tab=" + tab).Is(200)
		if all := p.All(".sales > li"); len(all) != 1 {
			t.Errorf("%s: %d orders", tab, len(all))
		}
		p.Must(".sales > li").Has(want)
	}
	c.Get("/farm/orders?tab=finished").Is(200).Must(".empty")
	c.Get("/farm/orders?before=nonsense").Is(http.StatusNotFound)
}

func TestOrdersArePaged(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang := w.Producer("Wang")
	c := farmer(w, "Wang", wang)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, wang, 100)
	buyer := w.Person("Li Lei")
	address := w.Address(buyer)
	for range 33 {
		w.OrderTo(buyer, berries, 1, address)
	}
	p := c.Get("/farm/orders?tab=unpaid").Is(200)
	if n := len(p.All(".sales > li")); n != 30 {
		t.Errorf("%d on the first page", n)
	}
	p = c.Get(p.Must(".pager a").Attr("href")).Is(200)
	if n := len(p.All(".sales > li")); n != 3 {
		t.Errorf("%d on the second page", n)
	}
}
