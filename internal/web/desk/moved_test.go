package desk_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/webtest"
)

func TestFinanceEntersWhatMovedAtTheBank(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	buyer, money, over := w.Person("Buyer"), w.Person("Zheng", actor.Finance), w.Person("Over", actor.Overseer)
	p := w.Product("Berries", 3000)
	w.Lot(p, w.Producer("Wang"), 20)
	o := w.Order(buyer, p, 2)
	w.Pay(buyer, o)
	const at = "/desk/finance/moved"
	money.Get("/desk/finance").Is(http.StatusOK).Must(`a[href="` + at + `"]`)
	money.Get(at).Is(http.StatusOK).Has("¥"+o.Total.String(), "演示付款转到银行", "这些天还没有记过").Must(".empty")
	over.Get(at).Is(http.StatusOK).None("form[method=post]")

	day := w.Clock.Now().Format("2006-01-02")
	form := func(amount, ref string) *webtest.Page {
		return money.Post(at, webtest.Values("account", "channel/sandbox", "amount", amount, "day", day, "ref", ref, "note", "第一笔"))
	}
	for range 2 { // a double tap
		form("20", "=R1").GoesTo(at)
	}
	again := form("21", "=R1").Is(http.StatusConflict).Has("已经记过", "20.00 元")
	if f := again.Form(`form[method="post"]`); f.Values.Get("amount") != "21" || f.Values.Get("ref") != "=R1" || f.Values.Get("account") != "channel/sandbox" || f.Values.Get("note") != "第一笔" {
		t.Errorf("what was typed is lost: %v", f.Values)
	}
	form("9999", "R2").Is(http.StatusConflict).Has("账上只有", "9999.00 元")
	form("", "").Is(http.StatusUnprocessableEntity).Must("[data-error]")
	money.Post(at, webtest.Values("account", "channel/none", "amount", "1", "day", day, "ref", "R3")).Is(http.StatusUnprocessableEntity).Must("[data-error]")
	page := money.Get(at).Is(http.StatusOK)
	if rows := page.All(".table tbody tr"); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
	page.Has("+¥20.00", "=R1", "第一笔", "Zheng")
	money.In(i18n.English).Get(at).Has("Money at the bank", "Demo payment to the bank")
	money.In(i18n.Chinese)

	out := money.Get(at + "/export?format=csv").Is(http.StatusOK)
	body, ok := strings.CutPrefix(out.Body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !ok || len(rows) != 2 || rows[1][0] != day || rows[1][2] != "20.00" || rows[1][3] != "'=R1" || rows[1][6] != "Zheng" {
		t.Errorf("%q %v", rows, err)
	}
	take := money.Get(at).Must(`form[action*="/back"]`).Attr("action")
	over.Post(take, webtest.Values("reason", "x")).Is(http.StatusForbidden)
	money.Post(take, webtest.Values("reason", "")).Is(http.StatusUnprocessableEntity).Must("details[open] [data-error]")
	for range 2 {
		money.Post(take, webtest.Values("reason", "多打了一个零")).GoesTo(at)
	}
	money.Get(at).Has("收回：多打了一个零").None(`form[action*="/back"]`)
	form("2", "=R1").GoesTo(at) // the reference is free again
	money.Get(at).Has("+¥2.00")
	money.Get(at + "/export?format=xlsx").Is(http.StatusOK)
	money.Get(at + "/export?format=exe").Is(http.StatusUnprocessableEntity)
	money.Get(at + "?from=2020-01-01&to=2020-01-31").Is(http.StatusOK).Must(".empty")
	money.Get(at + "?from=2020-13-01").Is(http.StatusOK).Must("[data-error]")
	over.Get(at + "/export?format=csv").Is(http.StatusOK)
	over.Post(at, webtest.Values("account", "channel/sandbox", "amount", "1", "day", day, "ref", "R9")).Is(http.StatusForbidden)
	for _, r := range []actor.Role{actor.Service, actor.Operator, actor.Admin} {
		c := w.Person("X"+string(r), r)
		c.Get(at).Is(http.StatusForbidden)
		c.Get(at + "/export?format=csv").Is(http.StatusForbidden)
	}
}
