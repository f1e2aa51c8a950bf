package shop_test

import (
	"context"
	"net/http"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/webtest"
)

type mineJSON struct {
	Coupons []struct {
		ID   id.Coupon
		Left int64
	}
	Mine []struct {
		ID     id.Claim
		Coupon id.Coupon
		Used   bool
	}
	Waits []struct {
		ID    id.Wait
		Item  id.Item
		Units int64
		State string
	}
}

// coupon puts one into the room.
func (h *hall) coupon(off money.Fen) coupon.Coupon {
	h.t.Helper()
	c, err := h.Flow.MakeCoupon(context.Background(), webtest.System, id.New[string](), coupon.Coupon{Show: h.Show, Off: off, Total: 3}, true)
	h.must(err)
	return c
}

// A buyer takes the room's coupon with one tap; the sheet chooses it, shows
// what it takes off, and the order costs so much.
func TestACouponFromTheRoomToTheOrder(t *testing.T) {
	h := open(t, show.Live)
	c := h.coupon(500)
	for _, lang := range []i18n.Lang{i18n.Chinese, i18n.English} {
		h.Visitor().In(lang).Get(h.room("")).Is(200).Must("#coupons")
	}
	take := h.room("/coupons/" + string(c.ID))
	h.Visitor().PostJSON(take, nil).Is(http.StatusUnauthorized)
	b := h.Person("Buyer")
	to := h.Address(b)
	b.Get(h.sheet("")).None("#buy-coupon")
	b.PostJSON(take, nil).Is(200)
	b.PostJSON(take, nil).Is(200) // tapped twice
	var m mineJSON
	b.GetJSON(h.room("/mine")).Is(200).JSON(&m)
	if len(m.Mine) != 1 || m.Mine[0].Used || len(m.Coupons) != 1 || m.Coupons[0].Left != 2 {
		t.Fatalf("%+v", m)
	}
	for _, lang := range []i18n.Lang{i18n.Chinese, i18n.English} {
		f := b.In(lang).Get(h.sheet("&units=2")).Is(200)
		if got := f.Must("[name=discount_fen]").Attr("value"); got != "500" {
			t.Errorf("the sheet says %s off", got)
		}
		f.Must("#sum-coupon").Has("5")
	}
	b.PostJSON(h.room("/quote"), h.wish("x", to, "coupon", "none")).Is(200).HasNot("discount")
	b.PostJSON(h.room("/quote"), h.wish("x", to, "coupon", string(m.Mine[0].ID))).Is(200).Has(`"discount_fen":500`)
	b.PostJSON(h.room("/quote"), h.wish("x", to, "coupon", "auto")).Is(200).Has(`"discount_fen":500`, `"coupon":"`+string(m.Mine[0].ID))
	b.PostJSON("/orders", h.wish("key-coupon-0", to, "coupon", string(m.Mine[0].ID), "discount_fen", "600")).Is(http.StatusConflict).Has("coupon.changed")
	b.PostJSON("/orders", h.wish("key-coupon-1", to, "coupon", string(m.Mine[0].ID), "discount_fen", "500")).Is(200)
	o := h.orders(b)[0]
	if o.Discount != 500 || o.Total != o.Goods+o.Freight-500 {
		t.Errorf("%+v", o)
	}
	b.GetJSON(h.room("/mine")).JSON(&m)
	if !m.Mine[0].Used {
		t.Errorf("%+v", m.Mine)
	}
	b.PostJSON("/orders", h.wish("key-coupon-2", to, "units", "1", "coupon", string(m.Mine[0].ID), "discount_fen", "500")).Is(http.StatusConflict).Has("coupon.used")
	// Without a script the form comes again with what is wrong.
	other := h.Person("Other")
	other.Post("/orders", h.wish("key-coupon-3", h.Address(other), "coupon", string(m.Mine[0].ID), "discount_fen", "500")).Is(http.StatusConflict).Must("#buy-form")
	h.Person("Third").PostJSON(h.room("/coupons/"+string(id.New[id.Coupon]())), nil).Is(http.StatusNotFound)
}

// What is sold out can be waited for, and left again; what is there can't.
func TestWaitingForASoldOutItem(t *testing.T) {
	h := open(t, show.Live)
	b := h.Person("Buyer")
	wait := h.room("/items/" + string(h.Item.ID) + "/wait")
	b.PostJSON(wait, webtest.Values("on", "1", "units", "2")).Is(http.StatusConflict).Has("wait.there")
	h.released(0)
	h.Visitor().PostJSON(wait, webtest.Values("on", "1", "units", "2")).Is(http.StatusUnauthorized)
	b.PostJSON(wait, webtest.Values("on", "1", "units", "0")).Is(http.StatusUnprocessableEntity)
	b.PostJSON(wait, webtest.Values("on", "1", "units", "2", "sms", "1")).Is(200).Has(`"state":"waiting"`)
	var m mineJSON
	b.GetJSON(h.room("/mine")).JSON(&m)
	if len(m.Waits) != 1 || m.Waits[0].Units != 2 {
		t.Fatalf("%+v", m)
	}
	if _, err := h.Flow.ReleaseMore(context.Background(), h.Person("Op", actor.Operator).Actor(), "more", h.Item.ID, 5); err != nil {
		t.Fatal(err)
	}
	b.GetJSON(h.room("/mine")).Is(200).Has(`"state":"told"`)
	b.PostJSON(wait, webtest.Values()).Is(200).Has(`"state":"left"`)
	b.GetJSON(h.room("/mine")).Is(200).HasNot(string(h.Item.ID))
	h.Person("Other").PostJSON("/room/"+string(id.New[id.Show]())+"/items/"+string(h.Item.ID)+"/wait", webtest.Values("on", "1", "units", "1")).Is(http.StatusNotFound)
}

func (h *hall) released(n int64) {
	h.t.Helper()
	items, err := show.ItemsByID(context.Background(), h.DB, h.Item.ID)
	h.must(err)
	it := items[h.Item.ID]
	it.Released = n
	_, err = h.Flow.SetItem(context.Background(), webtest.System, it)
	h.must(err)
}
