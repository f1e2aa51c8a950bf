package desk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/webtest"
)

// season sells three boxes of a farm's berries and lets the after-sale window
// and the period pass.
func season(t *testing.T) (*webtest.World, statement.Payee) {
	t.Helper()
	w := webtest.New(t, desk.Routes)
	wang := w.Producer("杨𬭸家")
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, wang, 10)
	buyer := w.Person("Li Lei")
	o := w.Order(buyer, berries, 3)
	w.Pay(buyer, o)
	w.Ship(o)
	for range 2 { // received, then done
		w.Clock.Add(16 * 24 * time.Hour)
		if _, err := w.Flow.AdvanceOrders(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.Clock.Add(16 * 24 * time.Hour)
	return w, statement.Payee{Kind: statement.Producer, ID: string(wang)}
}

func TestFromStatementToPayout(t *testing.T) {
	w, _ := season(t)
	one, two, service := w.Person("Zheng", actor.Finance), w.Person("He", actor.Finance), w.Person("Sun", actor.Service)
	one.Get("/desk/statements").Is(200).Has("这里还没有结算单")
	one.Get("/desk/payouts").Is(200).Has("没有等着打款的结算单")
	one.Post("/desk/statements", nil).GoesTo("/desk/statements")
	p := one.Get("/desk/statements").Is(200).Has("杨𬭸家", "¥90.00", "已出单")
	path := p.Must(".table tbody a").Attr("href")
	one.Post("/desk/statements", nil)
	if n := len(one.Get("/desk/statements").All(".table tbody tr")); n != 1 {
		t.Errorf("%d statements after telling twice", n)
	}

	one.Get(path).Is(200).Has("承诺 P1", "0.00", "Blueberries", "3 box", "还没登记")
	one.Post(path+"/check", nil).GoesTo(path)
	one.Get(path).Has("请另一位同事来批准")
	one.Post(path+"/approve", nil).Is(http.StatusForbidden)
	two.Post(path+"/approve", nil).GoesTo(path)

	bad := one.Post(path+"/account", webtest.Values("holder", "杨", "bank", "农商行", "number", "12x", "consent", "signed")).Is(422)
	bad.Has("账号是 8 到 32 位数字")
	one.Post(path+"/account", webtest.Values("holder", "杨", "bank", "农商行", "number", "6228480012345678", "consent", "signed")).GoesTo(path)
	one.Get(path).Has("5678").HasNot("6228480012345678").None("form[action*=\"/account/\"] button.block")
	confirm := two.Get(path).Must(`form[action^="` + path + `/account/"]`).Attr("action")
	two.Post(confirm, nil).GoesTo(path)

	service.Get(path).Is(200)
	service.Get("/desk/payouts").Is(http.StatusForbidden)
	one.Get("/desk/payouts").Has("1 笔，共 ¥90.00")
	batch := one.Post("/desk/payouts", webtest.Values("note", "first")).Is(http.StatusSeeOther).Location()
	one.Get(batch).Has("请另一位同事放行")
	one.Post(batch+"/release", nil).Is(http.StatusForbidden)
	two.Post(batch+"/release", nil).GoesTo(batch)
	one.Post(batch+"/export", webtest.Values("format", "csv", "reason", "")).Is(422)
	csv := one.Post(batch+"/export", webtest.Values("format", "csv", "reason", "payday")).Is(200)
	if !strings.Contains(csv.Body, "6228480012345678") || !strings.Contains(csv.Body, "90.00") {
		t.Errorf("%q", csv.Body)
	}
	two.Get(batch).Has("payday", "SHA-256").HasNot("6228480012345678")
	one.Post(batch+"/paid", webtest.Values("ref", "BK1")).GoesTo(batch)
	one.Get(path).Has("已打款", "BK1")
	back := one.Get(batch).Must(`form[action$="/back"]`).Attr("action")
	one.Post(back, webtest.Values("why", "no such account")).GoesTo(batch)
	one.Get(path).Has("已批准", "银行退回")
	one.Get("/desk/payouts").Has("1 笔，共 ¥90.00")

	for _, lang := range []i18n.Lang{i18n.Chinese, i18n.English} {
		c := one.In(lang)
		if pdf := c.Get(path + "/pdf").Is(200); pdf.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.Body, "%PDF-") {
			t.Errorf("%.20q", pdf.Body)
		}
		if xlsx := c.Get(path + "/xlsx").Is(200); !strings.HasPrefix(xlsx.Body, "PK") {
			t.Errorf("%.20q", xlsx.Body)
		}
	}
	one.Get(path + "/exe").Is(http.StatusNotFound)
}

func TestHostPayPage(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	fin := w.Person("Zheng", actor.Finance)
	host, official := w.Person("Lin", actor.Host), w.Person("Secretary", actor.Host)
	w.Update(func(tx *db.Tx) error {
		return promise.SetOfficial(context.Background(), tx, webtest.System, official.User.ID, true, "party secretary")
	})
	p := fin.Get("/desk/hostpay").Is(200).Has("Secretary", "公职人员不拿报酬")
	f := p.Form(`form[action="/desk/hostpay"]`)
	f.Set("host", string(host.User.ID)).Set("kind", "wages").Set("amount", "120").Set("what", "Evening show").Send().GoesTo("/desk/hostpay")
	f.Send() // the same form again
	p = fin.Get("/desk/hostpay").Has("Evening show", "¥120.00")
	if n := len(p.All(".table tbody tr")); n != 1 {
		t.Errorf("%d entries of one form", n)
	}
	p.Form(`form[action="/desk/hostpay"]`).Set("host", string(host.User.ID)).Set("kind", "commission").Set("amount", "5").Set("what", "x").Send().
		Is(http.StatusConflict).Has("多出的部分请记成工资")
	// Entered wrongly: taken back, once.
	take := p.Must(`form[action$="/back"]`).Attr("action")
	fin.Post(take, webtest.Values("amount", "121", "reason", "typo")).Is(422).Has("最多收回 120.00 元").Must("details[open]")
	fin.Post(take, webtest.Values("amount", "20", "reason", "")).Is(422).Must("details[open] [data-error]")
	for range 2 { // a double tap
		fin.Post(take, webtest.Values("amount", "20", "reason", "多打了")).GoesTo("/desk/hostpay")
	}
	fin.Post(take, webtest.Values("amount", "120", "reason", "all")).Is(http.StatusConflict)
	p = fin.Get("/desk/hostpay").Has("−¥20.00", "收回：多打了").None(`form[action$="/back"]`)
	w.Person("Packer", actor.Packer).Post(take, webtest.Values("amount", "1", "reason", "x")).Is(http.StatusForbidden)
	fin.In(i18n.English).Get("/desk/hostpay").Has("Taken back: 多打了")
	fin.In(i18n.Chinese)
	// It stands on the sheet, on the page and in the files.
	w.Clock.Add(31 * 24 * time.Hour)
	fin = w.As(fin.User.ID)
	fin.Post("/desk/statements", nil).GoesTo("/desk/statements")
	sheet := fin.Get("/desk/statements").Must(".table tbody a").Attr("href")
	fin.Get(sheet).Is(200).Has("收回：多打了", "收回的", "−¥20.00", "¥100.00")
	// The period is closed now: the form says so, and from when on it is open.
	f = fin.Get("/desk/hostpay").Form(`form[action="/desk/hostpay"]`)
	f.Set("host", string(host.User.ID)).Set("kind", "wages").Set("amount", "7").Set("what", "Late").Set("day", "2026-09-12")
	late := f.Send().Is(http.StatusConflict)
	late.Must(`[data-error], .error`)
	late.Has("结算单已经出到", "或以后的日子").HasNot("¥7.00")
	if got := late.Form(`form[action="/desk/hostpay"]`).Values; got.Get("amount") != "7" || got.Get("day") != "2026-09-12" || got.Get("what") != "Late" {
		t.Errorf("what was typed is lost: %v", got)
	}
	f.Set("day", w.Clock.Now().Format("2006-01-02")).Send().GoesTo("/desk/hostpay")
	fin.Get("/desk/hostpay").Has("Late", "¥7.00")
	again := fin.Get(sheet).Form(`form[action$="/another"]`)
	again.Set("from", "2026-09-01").Set("to", "2026-09-12").Send().Is(http.StatusConflict).Has("结算单已经出到", "或以后的日子")
	again.Set("from", w.Clock.Now().Format("2006-01-02")).Set("to", w.Clock.Now().Format("2006-01-02")).Send().Is(422).Has("还没过完")
	next := fin.Get(sheet).Form(`form[action$="/another"]`)
	next.Send().Is(http.StatusConflict).Has("没有该结的账")
	fin.Get(sheet + "/pdf").Is(200)
	fin.Get(sheet + "/xlsx").Is(200)
	fin.Post("/desk/hostpay/agencies", webtest.Values("name", "Stars", "licence_no", "91230000MA1")).GoesTo("/desk/hostpay")
	fin.Post("/desk/hostpay/agencies", webtest.Values("name", "Stars", "licence_no", "91230000MA1")).Is(http.StatusConflict).Has("已经登记过")
	w.Person("Boss", actor.Overseer).Get("/desk/hostpay").Is(200).None(`form[method="post"]`)
}

func TestBreakevenAndSimulator(t *testing.T) {
	w, _ := season(t)
	fin := w.Person("Zheng", actor.Finance)
	p := fin.Get("/desk/breakeven?month=2026-09").Is(200).Has("直播间外", "¥90.00")
	p.Form(`form[method="post"]`).Set("kind", "wages").Set("amount", "50").Set("memo", "packing help").Set("day", "2026-09-12").Send().GoesTo("/desk/breakeven?month=2026-09")
	fin.Get("/desk/breakeven?month=2026-09").Has("packing help", "¥50.00", "2026-09")
	take := fin.Get("/desk/breakeven?month=2026-09").Must(`form[action*="/back"]`).Attr("action")
	fin.Post(take, webtest.Values("amount", "51", "reason", "typo")).Is(422).Has("最多收回 50.00 元").Must("details[open]")
	for range 2 {
		fin.Post(take, webtest.Values("amount", "50", "reason", "entered twice")).GoesTo("/desk/breakeven")
	}
	fin.Post(take, webtest.Values("amount", "49", "reason", "more")).Is(http.StatusConflict).Has("packing help")
	fin.Get("/desk/breakeven").Has("收回：entered twice", "−¥50.00")
	fin.Get("/desk/breakeven?month=2026-09").Has("packing help", "已收回 ¥50.00").None(`form[action*="/back"]`)
	w.Person("Boss", actor.Overseer).Post(take, webtest.Values("amount", "1", "reason", "x")).Is(http.StatusForbidden)
	p.Form(`form[method="post"]`).Set("kind", "rent").Set("amount", "50").Set("memo", "rent").Set("day", "2026-09-12").Set("key", "other").Send().
		Is(http.StatusForbidden).Has("房子和设备是县里给的")
	fin.Get("/desk/breakeven?month=2026-13").Is(422)
	fin.Get("/desk/breakeven?month=2027-01").Is(422)

	p = fin.Get("/desk/breakeven/plan").Is(200).None(".refused")
	p.Must("svg polyline.income")
	fin.Get("/desk/breakeven/plan?packing=50").Has("照这样，卖多少都亏")
	fin.Get("/desk/breakeven/plan?local_fee=5").Has("承诺 P1", "账本不收这笔账")
	fin.In(i18n.English).Get("/desk/breakeven/plan?local_fee=0.01").Has("The ledger refuses this")
	fin.Get("/desk/breakeven/plan?shows=many&basket=-3").Is(200).Must(`#p-shows[value="many"]`)
	fin.Get("/desk/breakeven/plan?real=1").Is(200)
	w.Person("Packer", actor.Packer).Get("/desk/breakeven").Is(http.StatusForbidden)
}
