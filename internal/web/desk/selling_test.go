package desk_test

import (
	"net/http"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/webtest"
)

type sellingJSON struct {
	Selling struct {
		Coupons []struct {
			ID    id.Coupon
			State string
			Taken int64
			Cost  money.Fen `json:"cost_fen"`
		}
		Requests []struct {
			ID    id.PriceRequest
			State string
			Mine  bool
			By    string
		}
		Waits map[id.Item]struct{ People, Units int64 }
	}
}

func (s scene) selling(c *webtest.Client) (out sellingJSON) {
	c.GetJSON(s.path("/pulse")).Is(http.StatusOK).JSON(&out)
	return out
}

func (s scene) price(t *testing.T) money.Fen {
	t.Helper()
	items, err := show.ItemsByID(t.Context(), s.DB, s.item)
	if err != nil {
		t.Fatal(err)
	}
	return items[s.item].Price
}

// A coupon is made, put into the room and stopped; a double tap makes one.
func TestCouponsAtTheDesk(t *testing.T) {
	s := onAir(t)
	to := s.path("/coupons")
	form := webtest.Values("key", "tap-coupon", "off", "5", "over", "60", "total", "20", "products", string(s.product.ID))
	for field, bad := range map[string]string{"off": "0", "over": "4", "total": "0", "hours": "999", "products": string(id.New[id.Product]())} {
		f := webtest.Values("key", "bad", "off", "5", "over", "60", "total", "20")
		f.Set(field, bad)
		s.operator.PostJSON(to, f).Is(http.StatusUnprocessableEntity).Has(`"` + field + `"`)
	}
	s.operator.PostJSON(to, webtest.Values("key", "dear", "off", "900", "total", "60")).Is(http.StatusUnprocessableEntity) // too much in all
	for _, c := range []*webtest.Client{s.moderator, s.overseer, s.host} {
		c.PostJSON(to, form).Is(http.StatusForbidden)
	}
	s.operator.PostJSON(to, form).Is(http.StatusOK).Has(`"planned"`)
	s.operator.PostJSON(to, form).Is(http.StatusOK)
	cs := s.selling(s.operator).Selling.Coupons
	if len(cs) != 1 || cs[0].Cost != 100_00 {
		t.Fatalf("%+v", cs)
	}
	one := to + "/" + string(cs[0].ID)
	s.operator.PostJSON(one+"/drop", nil).Is(http.StatusOK).Has(`"dropped"`)
	s.operator.PostJSON(one+"/end", nil).Is(http.StatusOK).Has(`"ended"`)
	s.operator.PostJSON(one+"/drop", nil).Is(http.StatusConflict)
	if m := s.selling(s.moderator).Selling; m.Coupons != nil {
		t.Error("a moderator sees what coupons cost")
	}
}

// A price the guard refused is asked for at the control room, shows up on the
// page of what waits, and another person signs it.
func TestAPriceIsAskedForAndSigned(t *testing.T) {
	s := onAir(t)
	selector, second := s.Person("Sel", actor.Selector), s.Person("Op two", actor.Operator)
	bound := "/desk/products/" + string(s.product.ID)
	selector.Get(bound).Is(http.StatusOK).Must("#bound form")
	selector.Post(bound+"/bound", webtest.Values("floor", "40", "ceiling", "30")).Is(http.StatusUnprocessableEntity).Must("#bound-ceiling-error")
	selector.Post(bound+"/bound", webtest.Values("floor", "35", "ceiling", "60")).GoesTo(bound)
	s.operator.Post(bound+"/bound", webtest.Values("floor", "1")).Is(http.StatusForbidden)
	item := s.path("/items/" + string(s.item))
	s.operator.PostJSON(item, webtest.Values("price", "30")).Is(http.StatusUnprocessableEntity).Has("show.below_floor")
	s.operator.PostJSON(item, webtest.Values("price", "61")).Is(http.StatusUnprocessableEntity).Has("show.above_ceiling")
	s.operator.PostJSON(item+"/ask", webtest.Values("key", "a1", "price", "30")).Is(http.StatusUnprocessableEntity).Has(`"reason"`)
	ask := webtest.Values("key", "a1", "price", "30", "reason", "agreed with Wang")
	s.moderator.PostJSON(item+"/ask", ask).Is(http.StatusForbidden)
	s.operator.PostJSON(item+"/ask", ask).Is(http.StatusOK)
	s.operator.PostJSON(item+"/ask", ask).Is(http.StatusOK)
	rs := s.selling(second).Selling.Requests
	if len(rs) != 1 || rs[0].State != "waiting" || rs[0].Mine || rs[0].By != "Op" || !s.selling(s.operator).Selling.Requests[0].Mine {
		t.Fatalf("%+v", rs)
	}
	sign := "/desk/prices/" + string(rs[0].ID)
	second.GetJSON("/desk/rooms/pulse?show=" + string(s.show)).Is(http.StatusOK).Has(`"kind":"price"`)
	s.operator.GetJSON("/desk/rooms/pulse?show=" + string(s.show)).Is(http.StatusOK).HasNot(`"kind":"price"`)
	s.operator.Get("/desk/prices").Is(http.StatusOK).Has("agreed with Wang").None("[name=verdict]") // not one's own
	s.operator.PostJSON(sign, webtest.Values("verdict", "yes")).Is(http.StatusForbidden).Has("pricing.two_signers")
	for _, lang := range []i18n.Lang{i18n.Chinese, i18n.English} {
		second.In(lang).Get("/desk/prices").Is(http.StatusOK).Must("[name=verdict]")
	}
	second.Post(sign, webtest.Values("verdict", "yes", "note", "ok")).GoesTo("/desk/prices")
	if s.price(t) != 30_00 {
		t.Errorf("price %s", s.price(t))
	}
	second.Get("/desk/prices").Is(http.StatusOK).None("[name=verdict]")
	s.operator.GetJSON(item+"/changes").Is(http.StatusOK).Has("Op two", "agreed with Wang")
	s.moderator.GetJSON(item + "/changes").Is(http.StatusForbidden)
}

// "+N" is told with who and when, and the desk sees how many wait.
func TestReleasesAreLoggedAndWaitsCounted(t *testing.T) {
	s := onAir(t)
	item := s.path("/items/" + string(s.item))
	s.operator.PostJSON(item, webtest.Values("released", "0")).Is(http.StatusOK)
	if _, err := s.Flow.JoinWait(t.Context(), s.Person("Buyer").Actor(), s.item, 3, false); err != nil {
		t.Fatal(err)
	}
	if d := s.selling(s.operator).Selling.Waits[s.item]; d.People != 1 || d.Units != 3 {
		t.Errorf("%+v", d)
	}
	for range 2 { // a double tap
		s.operator.PostJSON(item+"/release", webtest.Values("n", "7", "key", "tap-release")).Is(http.StatusOK)
	}
	var log []struct{ Who, What string }
	s.operator.In(i18n.English).GetJSON(item + "/changes").JSON(&log)
	n := 0
	for _, l := range log {
		if l.Who == "Op" && l.What == "7 more put up, 7 in all" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%+v", log)
	}
	if d := s.selling(s.operator).Selling.Waits; len(d) != 0 {
		t.Errorf("still waiting: %+v", d)
	}
}
