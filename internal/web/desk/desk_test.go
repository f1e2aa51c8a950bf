package desk_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/webtest"
)

// scene is a show on air with one item, and its people.
type scene struct {
	*webtest.World
	operator, moderator, overseer, host *webtest.Client
	show                                id.Show
	item                                id.Item
	product                             catalog.Product
	lot                                 lot.Lot
}

func onAir(t *testing.T) scene {
	t.Helper()
	w := webtest.New(t, desk.Routes)
	s := scene{World: w, operator: w.Person("Op", actor.Operator), moderator: w.Person("Mod", actor.Moderator),
		overseer: w.Person("Over", actor.Overseer), host: w.Person("Host", actor.Host)}
	s.product = w.Product("Blueberries", 3990)
	s.lot = w.Lot(s.product, w.Producer("Wang"), 40)
	ctx := context.Background()
	var err error
	if s.show, err = w.Flow.SaveShow(ctx, webtest.System, show.Show{Title: "First berries", Host: s.host.User.ID, Orientation: show.Portrait, Starts: webtest.Start}); err != nil {
		t.Fatal(err)
	}
	it, err := w.Flow.AddItem(ctx, webtest.System, s.show, show.Item{Product: s.product.ID, Price: 3990, Released: 10, State: show.OnSale})
	if err != nil {
		t.Fatal(err)
	}
	s.item = it.ID
	for _, to := range []show.State{show.Announced, show.Live} {
		if err := w.DB.Update(ctx, func(tx *db.Tx) error { _, err := show.Move(ctx, tx, webtest.System, s.show, to); return err }); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s scene) path(rest string) string { return "/desk/shows/" + string(s.show) + rest }

type stateJSON struct {
	Pinned id.Item `json:"pinned"`
	Items  []struct {
		Price int64 `json:"price_fen"`
		Stock int64 `json:"stock"`
	} `json:"items"`
	Chat  []any `json:"chat"`
	Pulse struct {
		Items map[id.Item]struct {
			Released, Sold, Lots int64
		} `json:"items"`
		Figures *struct {
			GMV int64 `json:"gmv_fen"`
		} `json:"figures"`
		Feed []any `json:"feed"`
		Talk struct {
			Silenced []any `json:"silenced"`
		} `json:"talk"`
	} `json:"pulse"`
}

func TestControlRoomShowsWhatEachRoleMaySee(t *testing.T) {
	s := onAir(t)
	for _, c := range []*webtest.Client{s.operator, s.overseer, s.moderator, s.operator.In(i18n.English)} {
		c.Get(s.path("")).Is(http.StatusOK).Must("#chat")
	}
	var st stateJSON
	s.operator.GetJSON(s.path("/state")).Is(http.StatusOK).JSON(&st)
	if d := st.Pulse.Items[s.item]; st.Pulse.Figures == nil || d.Released != 10 || d.Lots != 40 || st.Items[0].Stock != 10 {
		t.Errorf("operator sees %+v", st)
	}
	p := s.moderator.GetJSON(s.path("/state")).Is(http.StatusOK)
	for _, money := range []string{"gmv_fen", "gpm_fen", "total_fen", `"released"`, `"sold"`} {
		if strings.Contains(p.Body, money) {
			t.Errorf("a moderator sees %s", money)
		}
	}
	if len(s.moderator.Get(s.path("")).All("#goods")) != 0 {
		t.Error("a moderator sees the goods panel")
	}
	if len(s.overseer.Get(s.path("")).All("#start, #say")) != 0 {
		t.Error("an overseer has buttons")
	}
}

func TestOnlyOperatorsRunAShow(t *testing.T) {
	s := onAir(t)
	for _, c := range []*webtest.Client{s.moderator, s.overseer, s.host, s.Person("Buyer")} {
		for path, form := range map[string][]string{
			"/pin":                                  {"item", string(s.item)},
			"/move":                                 {"to", "ended"},
			"/items/" + string(s.item):              {"price", "1"},
			"/items/" + string(s.item) + "/release": {"n", "5"},
			"/key":                                  nil,
		} {
			c.PostJSON(s.path(path), webtest.Values(form...)).Is(http.StatusForbidden)
		}
	}
	s.Visitor().PostJSON(s.path("/pin"), webtest.Values("item", "")).Is(http.StatusUnauthorized)
	s.overseer.PostJSON(s.path("/say"), webtest.Values("body", "hi")).Is(http.StatusForbidden)
}

func TestPriceStockAndPinAreChangedAtOnce(t *testing.T) {
	s := onAir(t)
	item := "/items/" + string(s.item)
	s.operator.PostJSON(s.path(item), webtest.Values("price", "36.90")).Is(http.StatusOK)
	s.operator.PostJSON(s.path(item+"/release"), webtest.Values("n", "5")).Is(http.StatusOK)
	s.operator.PostJSON(s.path("/pin"), webtest.Values("item", string(s.item))).Is(http.StatusOK)
	var st stateJSON
	s.operator.GetJSON(s.path("/state")).JSON(&st)
	if st.Items[0].Price != 3690 || st.Items[0].Stock != 15 || st.Pinned != s.item {
		t.Errorf("after the changes: %+v", st)
	}
	s.operator.PostJSON(s.path("/pin"), webtest.Values("item", "")).Is(http.StatusOK)

	for _, bad := range [][]string{{"price", "0"}, {"price", "-3"}, {"price", "abc"}, {"price", "1"}, {"released", "-1"}, {"state", "sold"}} {
		var p struct{ Fields map[string]string }
		s.operator.PostJSON(s.path(item), webtest.Values(bad...)).JSON(&p)
		if p.Fields[bad[0]] == "" {
			t.Errorf("%v is refused without a word at the field: %v", bad, p)
		}
	}
	s.operator.PostJSON(s.path(item+"/release"), webtest.Values("n", "-4")).Is(http.StatusUnprocessableEntity)
	st = stateJSON{}
	s.operator.GetJSON(s.path("/state")).JSON(&st)
	if st.Items[0].Price != 3690 || st.Items[0].Stock != 15 || st.Pinned != "" {
		t.Errorf("a refused change left something: %+v", st)
	}
}

func TestAModeratorHidesAndMutes(t *testing.T) {
	s := onAir(t)
	buyer := s.Person("Talker")
	m, err := s.Flow.Say(context.Background(), buyer.Actor(), s.show, "hello there")
	if err != nil {
		t.Fatal(err)
	}
	s.moderator.PostJSON(s.path("/mute"), webtest.Values("user", string(buyer.User.ID), "for", "short")).Is(http.StatusUnprocessableEntity)
	s.moderator.PostJSON(s.path("/mute"), webtest.Values("user", string(buyer.User.ID), "for", "short", "reason", "spam")).Is(http.StatusOK)
	s.moderator.PostJSON(s.path("/hide"), webtest.Values("message", string(m.ID))).Is(http.StatusOK)
	p := s.moderator.GetJSON(s.path("/state"))
	var st stateJSON
	p.JSON(&st)
	if len(st.Chat) != 0 || strings.Count(p.Body, "hello there") != 1 { // in the moderators' list alone
		t.Errorf("a hidden line is still told: %v", st.Chat)
	}
	if len(st.Pulse.Talk.Silenced) != 1 {
		t.Errorf("mutes: %v", st.Pulse.Talk.Silenced)
	}
	if _, err := s.Flow.Say(context.Background(), buyer.Actor(), s.show, "again"); err == nil {
		t.Error("the muted person still speaks")
	}
	s.moderator.PostJSON(s.path("/mute"), webtest.Values("user", string(buyer.User.ID), "for", "lift")).Is(http.StatusOK)
}

func TestAShowIsPlannedAndItsNumbersStay(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	op, host := w.Person("Op", actor.Operator), w.Person("Host", actor.Host)
	p := w.Product("Honey", 4600)
	w.Lot(p, w.Producer("Zhao"), 9)

	f := op.Get("/desk/shows/new").Is(http.StatusOK).Form("main form")
	f.Set("title", "").Set("host", string(host.User.ID)).Set("summary", "kept words").Set("starts", "nonsense")
	again := f.Send().Is(http.StatusUnprocessableEntity)
	again.Must("#f-title-error")
	again.Must("#f-starts-error")
	if !strings.Contains(again.Body, "kept words") {
		t.Error("what was typed is lost")
	}
	f.Set("title", "Honey night").Set("starts", "2026-09-12T20:00")
	plan := f.Send().Is(http.StatusSeeOther).Location()
	page := op.Get(plan).Is(http.StatusOK)
	root := strings.TrimSuffix(plan, "/plan")

	for range 2 {
		op.Post(root+"/items", webtest.Values("product", string(p.ID), "price", "", "released", "", "script", "say this")).Is(http.StatusSeeOther)
	}
	bad := op.Post(root+"/items", webtest.Values("product", string(p.ID), "price", "0.5", "script", "kept line")).Is(http.StatusUnprocessableEntity)
	if !strings.Contains(bad.Body, "kept line") {
		t.Error("the line to say is lost")
	}
	bad.Must("#f-price-error")

	page = op.Get(plan)
	items := page.All(".plan-item")
	if len(items) != 2 {
		t.Fatalf("%d items", len(items))
	}
	second := strings.TrimPrefix(items[1].Attr("id"), "i")
	op.Post(root+"/items/"+second+"/order", webtest.Values("dir", "up")).Is(http.StatusSeeOther)
	if got := op.Get(plan).All(".plan-item")[0].Attr("id"); got != "i"+second {
		t.Errorf("first is %s, want i%s", got, second)
	}
	op.Post(root+"/move", webtest.Values("to", "announced")).Is(http.StatusSeeOther)
	op.Post(root+"/items/"+second+"/order", webtest.Values("dir", "down")).Is(http.StatusConflict).Must(".alert")
	op.Post(root+"/items/"+second+"/remove", nil).Is(http.StatusSeeOther)
	if got := op.Get(plan).All(".plan-item"); len(got) != 2 {
		t.Errorf("an announced item lost its number: %d left", len(got))
	}
	op.Post(root+"/key", nil).Is(http.StatusSeeOther)
	first := op.Get(plan).Must("#stream-key").Text()
	op.Post(root+"/key", nil).Is(http.StatusSeeOther)
	if now := op.Get(plan).Must("#stream-key").Text(); now == first || len(now) < 20 {
		t.Errorf("key %q after %q", now, first)
	}
	over := w.Person("Over", actor.Overseer)
	if over.Get(plan).Is(http.StatusOK); len(over.Get(plan).All("#stream-key, #add")) != 0 {
		t.Error("an overseer sees the key or a form")
	}
	w.Person("Mod", actor.Moderator).Get(plan).Is(http.StatusForbidden)
}

func upload(t *testing.T, c *webtest.Client, path string, file []byte) *webtest.Page {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("picture", "a.png")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(file)
	m.Close()
	r := c.Request("POST", path, webtest.Values())
	r2, err := http.NewRequest("POST", r.URL.String(), &b)
	if err != nil {
		t.Fatal(err)
	}
	r2.Header = r.Header.Clone()
	r2.Header.Set("Content-Type", m.FormDataContentType())
	r2.Header.Set("Accept", "application/json")
	return c.Do(r2)
}

func TestPicturesAreTakenOrRefusedInWords(t *testing.T) {
	s := onAir(t)
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 400, 300))); err != nil {
		t.Fatal(err)
	}
	var done struct{ URL string }
	upload(t, s.operator, s.path("/pictures"), b.Bytes()).Is(http.StatusOK).JSON(&done)
	if done.URL == "" {
		t.Error("no address of the picture")
	}
	pick := s.Person("Pick", actor.Selector)
	path := "/desk/products/" + string(s.product.ID)
	upload(t, pick, path+"/pictures", b.Bytes()).Is(http.StatusOK)
	var p struct{ Fields map[string]string }
	upload(t, pick, path+"/pictures", []byte("\x00\x00\x00\x18ftypheic")).Is(http.StatusUnprocessableEntity).JSON(&p)
	if p.Fields["picture"] == "" {
		t.Error("HEIC is refused without a word")
	}
	pick.Post(path+"/pictures", webtest.Values("x", "y")).Is(http.StatusUnprocessableEntity)
	upload(t, s.overseer, path+"/pictures", b.Bytes()).Is(http.StatusForbidden)
	f := pick.Get(path).Is(http.StatusOK).Form(".pictures form")
	f.Send().GoesTo(path)
	pick.Get(path).None(".pictures form")
}

func TestGoodsFormsSayWhatIsWrong(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	pick := w.Person("Pick", actor.Selector)
	f := pick.Get("/desk/products/new").Form("main form[method=post]")
	f.Set("name", "Dried berries").Set("dried", "1").Set("sell_unit", "bag").Set("base_per_unit", "250").Set("gross_g", "100").
		Set("price", "23.9").Set("return_rule", "fresh").Set("state", "on")
	again := f.Send().Is(http.StatusUnprocessableEntity)
	again.Must("#f-gross_g-error")
	again.Must("#f-return_rule-error")
	f.Set("gross_g", "300").Set("return_rule", "")
	pick.Get(f.Send().Is(http.StatusSeeOther).Location()).Has("Dried berries")

	f = pick.Get("/desk/producers/new").Form("main form[method=post]")
	f.Set("name", "Li").Set("district", "Wuying").Set("phone", "13812345678").Set("commission", "3.5")
	pick.Post("/desk/producers", f.Values).Is(http.StatusUnprocessableEntity).Must("#f-commission-error")
	f.Set("commission", "0")
	made := f.Send().Is(http.StatusSeeOther).Location()
	pick.Get(made).HasNot("13812345678").Has("138")
	f.Set("local", "").Values.Del("local")
	f.Set("commission", "61")
	pick.Post(made, f.Values).Is(http.StatusUnprocessableEntity).Must("#f-commission-error")
	w.Person("Over", actor.Overseer).Post("/desk/producers", f.Values).Is(http.StatusForbidden)
}

func TestALotIsOpenedMovedAndClosed(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	pick := w.Person("Pick", actor.Selector)
	p, from := w.Product("Berries", 3990), w.Producer("Wang")
	f := pick.Get("/desk/lots/new").Form("main form[method=post]")
	f.Set("product", string(p.ID)).Set("producer", string(from)).Set("grade", "A").Set("qty", "-2")
	pick.Post("/desk/lots", f.Values).Is(http.StatusUnprocessableEntity).Must("#f-qty-error")
	for _, bad := range []string{"1e9", "1/3", "0.0005", "x", "999999999999999"} {
		f.Set("qty", bad)
		pick.Post("/desk/lots", f.Values).Is(http.StatusUnprocessableEntity).Must("#f-qty-error")
	}
	f.Set("qty", "12.5").Set("best_before", "2020-01-01")
	pick.Post("/desk/lots", f.Values).Is(http.StatusUnprocessableEntity).Must("#f-best_before-error")
	f.Set("best_before", "")
	here := f.Send().Is(http.StatusSeeOther).Location()
	pick.Get(here).Has("12.5 kg")

	pick.Post(here+"/move", webtest.Values("kind", "shrink", "qty", "2", "reason", "")).Is(http.StatusUnprocessableEntity).Must("#f-reason-error")
	pick.Post(here+"/move", webtest.Values("kind", "shrink", "qty", "2", "reason", "crushed")).GoesTo(here).Has("10.5 kg", "crushed")
	pick.Post(here+"/move", webtest.Values("kind", "shrink", "qty", "900", "reason", "typo")).Is(http.StatusConflict)
	pick.Post(here+"/state", webtest.Values("to", "on_sale")).Is(http.StatusConflict).Must(".alert")
	for _, to := range []string{"graded", "on_sale", "closed"} {
		pick.Post(here+"/state", webtest.Values("to", to)).GoesTo(here)
	}
	pick.Get(here).None("#move")
	w.Person("Over", actor.Overseer).Post(here+"/state", webtest.Values("to", "closed")).Is(http.StatusForbidden)
	pick.Get("/desk/lots?state=closed").Has("Berries")
	pick.Get("/desk/lots?state=forecast").None(".table")
}

func TestTheOverviewCountsByRole(t *testing.T) {
	s := onAir(t)
	buyer := s.Person("Buyer")
	s.Pay(buyer, s.Order(buyer, s.product, 1))
	for role, want := range map[actor.Role][]string{
		actor.Packer: {"/desk/parcels"}, actor.Finance: {"/desk/finance"}, actor.Selector: {"/desk/lots?state=received"},
		actor.Operator: {"/desk/shows", s.path("")}, actor.Service: {"/desk/complaints"},
		actor.Overseer: {"/desk/parcels", "/desk/finance", "/desk/complaints", s.path("")},
	} {
		p := s.Person(string(role), role).Get("/desk").Is(http.StatusOK)
		for _, href := range want {
			found := false
			for _, a := range p.All("main a") {
				found = found || a.Attr("href") == href
			}
			if !found {
				t.Errorf("%s has no %s", role, href)
			}
		}
	}
	s.Person("p2", actor.Packer).Get("/desk").Must(".todo .waits .n").Has("1")
	buyer.Get("/desk").Is(http.StatusForbidden)
}

func TestTheFeedNamesNobody(t *testing.T) {
	s := onAir(t)
	buyer := s.Person("Secret Name")
	o, err := s.Flow.PlaceOrder(context.Background(), buyer.Actor(), flow.PlaceIn{Key: "a-key-of-the-page", Address: s.Address(buyer), NoReturnOK: true,
		Lines: []flow.PlaceLine{{Item: s.item, Units: 2, Price: 3990}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Pay(buyer, o)
	s.Update(func(tx *db.Tx) error { // one person looks twice, another once
		return show.Click(context.Background(), tx, map[show.Opened]int64{{Show: s.show, Item: s.item, Visitor: "one"}: 2, {Show: s.show, Item: s.item, Visitor: "two"}: 1})
	})
	p := s.operator.GetJSON(s.path("/pulse")).Is(http.StatusOK)
	var got struct {
		Figures struct {
			GMV      int64 `json:"gmv_fen"`
			Buyers   int64
			Clickers int64
		}
		Items map[id.Item]struct{ Sold, Lots int64 }
		Feed  []struct {
			Province string
			Units    int64
			State    string
		}
	}
	p.JSON(&got)
	if len(got.Feed) != 1 || got.Feed[0].Province == "" || got.Feed[0].Units != 2 || got.Feed[0].State != "paid" {
		t.Errorf("feed: %+v", got.Feed)
	}
	if got.Figures.GMV != 7980 || got.Figures.Buyers != 1 || got.Figures.Clickers != 2 || got.Items[s.item].Sold != 2 || got.Items[s.item].Lots != 38 {
		t.Errorf("figures: %+v", got)
	}
	for _, private := range []string{"Secret Name", string(buyer.User.ID), "13912345678", "李雷雷", "西大直街"} {
		if strings.Contains(p.Body, private) {
			t.Errorf("the feed tells %s", private)
		}
	}
}
