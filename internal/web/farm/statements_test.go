package farm_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/farm"
	"lindu.example/lindu/internal/web/webtest"
)

func TestStatementInAFarmersWords(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang, zhao := w.Producer("Wang"), w.Producer("Zhao")
	c, other := farmer(w, "Wang", wang), farmer(w, "Zhao", zhao)
	c.Get("/farm/statements").Is(200).Has("还没有结算单")
	berries := w.Product("Blueberries", money.Yuan(30))
	l := w.Lot(berries, wang, 10)
	buyer := w.Person("Li Lei")
	o := w.Order(buyer, berries, 3)
	w.Pay(buyer, o)
	w.Ship(o)
	for range 3 {
		w.Clock.Add(16 * 24 * time.Hour)
		if _, err := w.Flow.AdvanceOrders(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.Flow.IssueStatements(t.Context(), webtest.System, statement.HalfMonth); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	c, other = w.As(c.User.ID), w.As(other.User.ID) // sessions have ended meanwhile
	p := c.Get("/farm/statements").Is(200).Has("您卖了 ¥90.00", "平台一分没抽", "还没登记您的收款卡", "¥90.00")
	path := p.Must(".statements a").Attr("href")
	c.Get(path).Is(200).Has("Blueberries", l.No, o.No, "承诺 P1", "0.00", "这次打给您").HasNot("哈尔滨", "Li Lei")
	c.In(i18n.English).Get(path).Is(200).Has("The centre took nothing.")

	other.Get(path).Is(http.StatusNotFound)
	other.Get(path + "/pdf").Is(http.StatusNotFound)
	other.Post(path+"/ask", webtest.Values("words", "mine?")).Is(http.StatusNotFound)
	other.Get("/farm/statements").HasNot("¥90.00")

	c.Post(path+"/ask", webtest.Values("words", " ")).Is(422).Must(".error").Has("")
	for range 2 {
		c.Post(path+"/ask", webtest.Values("words", "少了一盒")).GoesTo(path)
	}
	if n := len(c.Get(path).Has("少了一盒").All(".talk li")); n != 1 {
		t.Errorf("%d questions", n)
	}
	sid := id.Statement(path[strings.LastIndexByte(path, '/')+1:])
	service := w.Person("Sun", actor.Service)
	w.Update(func(tx *db.Tx) error {
		return statement.Answer(context.Background(), tx, service.Actor(), sid, "三盒都在")
	})
	c.Get(path).Has("三盒都在")
	if pdf := c.Get(path + "/pdf").Is(200); !strings.HasPrefix(pdf.Body, "%PDF-") {
		t.Errorf("%.20q", pdf.Body)
	}
}

// TestAStatementKeepsTheWordsItWasIssuedUnder: a new version of a promise is on
// the farmer's first page at once, and on no paper that was issued before it.
func TestAStatementKeepsTheWordsItWasIssuedUnder(t *testing.T) {
	w := webtest.New(t, farm.Routes)
	wang := w.Producer("Wang")
	c := farmer(w, "Wang", wang)
	berries := w.Product("Blueberries", money.Yuan(30))
	sell := func() {
		w.Lot(berries, wang, 10)
		buyer := w.Person("Li Lei")
		o := w.Order(buyer, berries, 3)
		w.Pay(buyer, o)
		w.Ship(o)
		for range 3 {
			w.Clock.Add(16 * 24 * time.Hour)
			if _, err := w.Flow.AdvanceOrders(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Flow.IssueStatements(t.Context(), webtest.System, statement.HalfMonth); err != nil {
			t.Fatal(err)
		}
	}
	sell()
	w.Reword("P1", "一分钱不收，一个子儿不扣。", "Not a penny, ever.")
	sell()
	c = w.As(c.User.ID)
	c.Get("/farm").Is(200).Has("一分钱不收，一个子儿不扣。").HasNot("一分钱佣金都不收")
	var old, now int
	for _, a := range c.Get("/farm/statements").Is(200).All(".statements a") {
		p := c.Get(a.Attr("href")).Is(200)
		switch {
		case strings.Contains(p.Body, "一分钱不收，一个子儿不扣。"):
			now++
		case strings.Contains(p.Body, "一分钱佣金都不收"):
			old++
		}
	}
	if old != 1 || now != 1 {
		t.Errorf("%d statements in the old words and %d in the new, want one each", old, now)
	}
}
