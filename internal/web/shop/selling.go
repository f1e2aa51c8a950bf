package shop

import (
	"context"
	"net/http"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/waitlist"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// sellingRoutes are the room's coupons and the wait list.
func (s *screens) sellingRoutes() []edge.Route {
	buyers := edge.Buyers()
	return []edge.Route{
		{Method: "GET", Path: "/room/{id}/mine", Access: edge.Anyone(), Handle: s.mine},
		{Method: "POST", Path: "/room/{id}/coupons/{coupon}", Access: buyers, Handle: s.takeCoupon},
		{Method: "POST", Path: "/room/{id}/items/{item}/wait", Access: buyers, Handle: s.wait},
	}
}

// sellingState is what a room offers beside its goods, and what of it is the
// person's own.
type sellingState struct {
	Coupons []room.Coupon `json:"coupons"`
	Mine    []myCoupon    `json:"mine"`
	Waits   []myWait      `json:"waits"`
}

// myCoupon is a coupon of the person who looks.
type myCoupon struct {
	ID     id.Claim   `json:"id"`
	Coupon id.Coupon  `json:"coupon"`
	Used   bool       `json:"used"`
	Until  *time.Time `json:"until,omitempty"` // none: as long as the show
}

func myCouponOf(m coupon.Mine) myCoupon {
	out := myCoupon{ID: m.ID, Coupon: m.Coupon, Used: m.Order != ""}
	if !m.Until.IsZero() {
		out.Until = &m.Until
	}
	return out
}

// myWait is a place in line.
type myWait struct {
	ID    id.Wait        `json:"id"`
	Item  id.Item        `json:"item"`
	Units int64          `json:"units"`
	State waitlist.State `json:"state"`
}

func (s *screens) theRoom(r *http.Request) (show.Show, error) {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return show.Show{}, err
	}
	sh, err := show.ByID(r.Context(), s.DB, sid)
	if err == nil && !sh.Public() {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, err
}

// mine tells the room's coupons and what the person has and waits for.
func (s *screens) mine(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.theRoom(r)
	if err != nil {
		return err
	}
	out, err := s.sellingOf(r.Context(), edge.Who(r), sh.ID)
	if err != nil {
		return err
	}
	return site.JSON(w, r, out)
}

func (s *screens) sellingOf(ctx context.Context, v edge.Visitor, sid id.Show) (sellingState, error) {
	out := sellingState{Coupons: []room.Coupon{}, Mine: []myCoupon{}, Waits: []myWait{}}
	coupons, err := coupon.InRoom(ctx, s.DB, sid)
	if err != nil {
		return out, err
	}
	for _, c := range coupons {
		out.Coupons = append(out.Coupons, room.CouponOf(c))
	}
	if !v.Actor.SignedIn() {
		return out, nil
	}
	mine, err := coupon.Of(ctx, s.DB, v.Actor.User)
	if err != nil {
		return out, err
	}
	for _, m := range mine {
		if m.Of.Show == sid {
			out.Mine = append(out.Mine, myCouponOf(m))
		}
	}
	waits, err := waitlist.Mine(ctx, s.DB, sid, v.Actor.User)
	for _, e := range waits {
		out.Waits = append(out.Waits, myWait{e.ID, e.Item, e.Units, e.State})
	}
	return out, err
}

// takeCoupon gives the person a coupon; a second tap the same one.
func (s *screens) takeCoupon(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.theRoom(r)
	if err != nil {
		return err
	}
	cid, err := site.PathID[id.Coupon](r, "coupon")
	if err != nil {
		return err
	}
	c, err := coupon.ByID(r.Context(), s.DB, cid)
	if err != nil {
		return err
	}
	if c.Show != sh.ID {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	m, err := s.Flow.TakeCoupon(r.Context(), edge.Who(r).Actor, cid)
	if err != nil {
		return err
	}
	return site.JSON(w, r, myCouponOf(m))
}

// wait puts the person in line for a sold-out item, or out of it.
func (s *screens) wait(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.theRoom(r)
	if err != nil {
		return err
	}
	iid, err := site.PathID[id.Item](r, "item")
	if err != nil {
		return err
	}
	items, err := show.ItemsByID(r.Context(), s.DB, iid)
	if err != nil {
		return err
	}
	if items[iid].Show != sh.ID {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	who := edge.Who(r).Actor
	if !f.Tick("on") {
		if err := s.Flow.LeaveWait(r.Context(), who, iid); err != nil {
			return err
		}
		return site.JSON(w, r, myWait{Item: iid, State: waitlist.Left})
	}
	units, sms := f.Int("units", 1, waitlist.MaxUnits), f.Tick("sms")
	if err := f.Err(); err != nil {
		return err
	}
	e, err := s.Flow.JoinWait(r.Context(), who, iid, units, sms)
	if err != nil {
		return err
	}
	return site.JSON(w, r, myWait{e.ID, e.Item, e.Units, e.State})
}

// couponView is what the sheet knows of the person's coupons.
type couponView struct {
	Coupons  []coupon.Mine // that could be used here
	Coupon   id.Claim      // chosen
	Discount money.Fen
	Why      string // why the chosen one takes nothing off
}

// autoCoupon asks for the coupon that takes the most off.
const autoCoupon = "auto"

// readCoupons fills in the person's coupons. chosen "" means none was chosen
// yet: the one that takes the most off is; "none" that none is wanted.
func (s *screens) readCoupons(ctx context.Context, v *buyView, chosen, province string) error {
	var err error
	if v.Coupons, err = s.Flow.UsableCoupons(ctx, v.Actor, v.Offer.Show); err != nil || len(v.Coupons) == 0 {
		return err
	}
	if chosen != "" {
		v.Coupon = claimOf(chosen)
		return nil
	}
	v.Coupon = s.best(ctx, v.Actor, v.Coupons, line(v.Offer, v.Units), province)
	return nil
}

// best is the coupon that takes the most off a line; "" for none. What can't be
// priced is told by the quote.
func (s *screens) best(ctx context.Context, who actor.Actor, have []coupon.Mine, l flow.PlaceLine, province string) (best id.Claim) {
	var most money.Fen
	for _, m := range have[:min(len(have), couponsTried)] {
		q, err := s.Flow.QuoteWith(ctx, who, []flow.PlaceLine{l}, province, m.ID)
		if err != nil {
			return ""
		}
		if q.Discount > most {
			most, best = q.Discount, m.ID
		}
	}
	return best
}

// claimFor is the coupon a form names, or the best one for "auto".
func (s *screens) claimFor(r *http.Request, of offer, units int64, province, text string) (id.Claim, error) {
	if text != autoCoupon {
		return claimOf(text), nil
	}
	who := edge.Who(r).Actor
	have, err := s.Flow.UsableCoupons(r.Context(), who, of.Show)
	if err != nil || len(have) == 0 {
		return "", err
	}
	return s.best(r.Context(), who, have, line(of, units), province), nil
}

// couponsTried bounds how many coupons are tried for the best.
const couponsTried = 8

// claimOf is the claim a form names; "none" and nothing are none.
func claimOf(text string) id.Claim {
	if c := id.Claim(text); id.Valid(c) {
		return c
	}
	return ""
}

// couponText is what a coupon does.
func couponText(b page.Base, c coupon.Coupon) string {
	if c.Over > 0 {
		return b.T("coupon.text_over", "Off", c.Off.Short(), "Over", c.Over.Short())
	}
	return b.T("coupon.text_off", "Off", c.Off.Short())
}

// couponOptions are the choices of the sheet.
func couponOptions(v buyView) []ui.Option {
	out := []ui.Option{{Value: "none", Label: v.T("coupon.no_use")}}
	for _, m := range v.Coupons {
		until := v.T("coupon.in_show")
		if !m.Until.IsZero() {
			until = v.T("coupon.until", "When", v.When(m.Until))
		}
		out = append(out, ui.Option{Value: string(m.ID), Label: couponText(v.Base, m.Of) + " · " + until})
	}
	return out
}

func roomSellingWords(b page.Base) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"off", "over", "left", "hours", "show_long", "some", "take", "taken", "got"} {
		out[k] = b.T("coupon.js_" + k)
	}
	for _, k := range []string{"tell", "waiting", "joined", "more", "buy", "left_line"} {
		out[k] = b.T("wait.js_" + k)
	}
	return out
}
