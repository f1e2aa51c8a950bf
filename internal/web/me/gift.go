package me

import (
	"net/http"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// giftRoutes are what a giver does: choose in the room, confirm, pay, set
// limits, and follow each gift to what it paid for.
func (s *screens) giftRoutes() []edge.Route {
	anyone, mine := edge.Anyone(), edge.Buyers()
	own := mine.Own("gift")
	return []edge.Route{
		{Method: "GET", Path: "/room/{id}/gifts", Access: anyone, Handle: s.giftList},
		{Method: "GET", Path: "/room/{id}/gifts/confirm", Access: mine, Handle: s.giftConfirm},
		{Method: "POST", Path: "/room/{id}/gifts", Access: mine, Handle: s.giveGift},
		{Method: "GET", Path: "/gifts/{id}", Access: own, Handle: s.gift},
		{Method: "POST", Path: "/gifts/{id}/pay", Access: own, Handle: s.payGift},
		{Method: "GET", Path: "/me/gifts", Access: mine, Handle: s.myGifts},
		{Method: "POST", Path: "/me/gifts/adult", Access: mine, Handle: s.declareAdult},
		{Method: "POST", Path: "/me/gifts/caps", Access: mine, Handle: s.giftCaps},
		{Method: "POST", Path: "/me/gifts/case", Access: mine, Handle: s.giftCase},
	}
}

// giftListView is the price list of a room, with where the money goes.
type giftListView struct {
	page.Base
	Show      show.Show
	Kinds     []gift.Kind
	Agreement promise.Agreement
	Giver     gift.Giver
	Closed    string // why no gifts are taken, in words
	Today     money.Fen
	One, Day  money.Fen // caps that count
}

// Adult tells whether the giver has declared to be of age.
func (v giftListView) Adult() bool { return !v.Giver.Adult.IsZero() }

func (s *screens) giftList(w http.ResponseWriter, r *http.Request) error {
	v, err := s.readGifts(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, giftListScreen(v))
}

// readGifts reads what a room offers. Closed gifts are a page with the reason,
// no error: the link stood in the room a moment ago.
func (s *screens) readGifts(w http.ResponseWriter, r *http.Request) (giftListView, error) {
	v := giftListView{Base: s.Base(w, r, "me", edge.Who(r).P.T("me.gift_title"))}
	v.Styles = []string{"me/me.css", "me/gift.css"}
	ctx := r.Context()
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return v, err
	}
	v.Show, v.Agreement, err = s.Flow.GiftsOpen(ctx, s.DB, sid)
	if fault.Is(err, fault.Conflict) {
		v.Closed, err = v.P.Err(fault.Of(err)), nil
	}
	if err != nil {
		return v, err
	}
	if v.Show, err = show.ByID(ctx, s.DB, sid); err != nil {
		return v, err
	}
	if v.Kinds, err = gift.Kinds(ctx, s.DB, false); err != nil || !v.Actor.SignedIn() {
		return v, err
	}
	if v.Giver, err = gift.ReadGiver(ctx, s.DB, v.Actor.User); err != nil {
		return v, err
	}
	v.One, v.Day = v.Giver.Caps(s.Flow.Gifts)
	v.Today, err = gift.Today(ctx, s.DB, v.Actor.User)
	return v, err
}

// giftConfirmView says once more what it costs and where the money goes.
type giftConfirmView struct {
	giftListView
	Kind  gift.Kind
	Key   string
	Wrong string
}

func (s *screens) giftConfirm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.readGifts(w, r)
	if err != nil || v.Closed != "" {
		if err == nil {
			err = s.Render(w, r, giftListScreen(v))
		}
		return err
	}
	k, err := gift.KindByID(r.Context(), s.DB, id.GiftKind(r.URL.Query().Get("kind")))
	if err != nil {
		return err
	}
	return s.Render(w, r, giftConfirmScreen(giftConfirmView{giftListView: v, Kind: k, Key: id.New[string]()}))
}

// giveGift writes the gift as it was confirmed; the next page takes the money.
func (s *screens) giveGift(w http.ResponseWriter, r *http.Request) error {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	in := flow.GiftIn{Key: f.Need("key", flow.MaxKey), Show: sid, Kind: id.GiftKind(f.Need("kind", 40)), Fen: money.Fen(f.Int("fen", 1, int64(money.MaxFen))),
		Agreement: id.Agreement(f.Need("agreement", 40)), Named: f.Tick("named")}
	if err := f.Err(); err != nil {
		return err
	}
	g, err := s.Flow.GiveGift(r.Context(), edge.Who(r).Actor, in)
	if err == nil {
		http.Redirect(w, r, "/gifts/"+string(g.ID), http.StatusSeeOther)
		return nil
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := s.readGifts(w, r)
	if verr != nil {
		return verr
	}
	k, kerr := gift.KindByID(r.Context(), s.DB, in.Kind)
	if kerr != nil || v.Closed != "" {
		if v.Closed == "" {
			v.Closed = v.P.Err(fault.Of(err))
		}
		return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), giftListScreen(v))
	}
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), giftConfirmScreen(giftConfirmView{giftListView: v, Kind: k, Key: id.New[string](), Wrong: v.P.Err(fault.Of(err))}))
}

// giftView is one gift of mine and the disbursements it paid for.
type giftView struct {
	page.Base
	Gift      gift.Gift
	Agreement promise.Agreement
	Parts     []giftPart
	Gateways  []string
	Wrong     string
}

// giftPart is what a gift paid for.
type giftPart struct {
	gift.Part
	To fund.Disbursement
}

func (s *screens) gift(w http.ResponseWriter, r *http.Request) error {
	v, err := s.giftView(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, giftScreen(v))
}

func (s *screens) giftView(w http.ResponseWriter, r *http.Request) (giftView, error) {
	v := giftView{Base: s.Base(w, r, "me", edge.Who(r).P.T("me.gift_one"))}
	v.Styles, v.Scripts = []string{"me/me.css", "me/gift.css"}, []string{"me/gift.js"}
	ctx := r.Context()
	gid, err := site.PathID[id.Gift](r, "id")
	if err != nil {
		return v, err
	}
	if v.Gift, err = gift.ByID(ctx, s.DB, gid); err != nil {
		return v, err
	}
	if v.Gift.User != v.Actor.User {
		return v, fault.New(fault.NotFound, "fault.not_found")
	}
	v.Path = "/gifts/" + string(gid)
	if v.Agreement, err = promise.AgreementByID(ctx, s.DB, v.Gift.Agreement); err != nil {
		return v, err
	}
	for _, g := range waysFor(r, s.Gateways) {
		if s.Flow.Gateways[g] != nil {
			v.Gateways = append(v.Gateways, g)
		}
	}
	uses, err := gift.Uses(ctx, s.DB, gid)
	if err != nil {
		return v, err
	}
	for _, u := range uses {
		d, err := fund.ByID(ctx, s.DB, u.Disbursement)
		if err != nil {
			return v, err
		}
		v.Parts = append(v.Parts, giftPart{u, d})
	}
	return v, nil
}

func (s *screens) payGift(w http.ResponseWriter, r *http.Request) error {
	v, err := s.giftView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	gateway := f.One("gateway", v.Gateways...)
	if err = f.Err(); err == nil {
		p, perr := s.Flow.StartGiftPayment(withDevice(r), v.Actor, v.Gift.ID, gateway)
		if perr == nil {
			return s.goPay(w, r, payAddress(p), v.Gift.Fen)
		}
		err = perr
	}
	if !site.Correctable(err) {
		return err
	}
	v.Wrong = v.P.Err(fault.Of(err))
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), giftScreen(v))
}

// giftGoView leads to the provider's page.
type giftGoView struct {
	page.Base
	URL string
	Fen money.Fen
}

// goPay goes to where one pays: our policy lets no form lead to another site,
// not even by a redirect; a link may.
func (s *screens) goPay(w http.ResponseWriter, r *http.Request, to string, fen money.Fen) error {
	if s.here(to) {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	v := giftGoView{Base: s.Base(w, r, "me", edge.Who(r).P.T("me.pay_go_title")), URL: to, Fen: fen}
	v.Styles = []string{"me/me.css"}
	w.Header().Set("Refresh", "1; url="+to)
	return s.Render(w, r, giftGoScreen(v))
}

// myGiftsView lists my gifts, my limits and my claims.
type myGiftsView struct {
	page.Base
	Gifts    []gift.Gift
	Giver    gift.Giver
	Cases    []gift.Case
	One, Day money.Fen // caps that count now
	MaxOne   money.Fen
	MaxDay   money.Fen
	Today    money.Fen
	Wrong    map[string]string
	Next     string // where to go on after the declaration
}

// Own is a cap as the form shows it; empty when there is none.
func (v myGiftsView) Own(f money.Fen) string {
	if f < 0 {
		return ""
	}
	return f.Short()
}

func (s *screens) myGifts(w http.ResponseWriter, r *http.Request) error {
	v, err := s.myGiftsView(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, myGiftsScreen(v))
}

func (s *screens) myGiftsView(w http.ResponseWriter, r *http.Request) (v myGiftsView, err error) {
	v.Base = s.Base(w, r, "me", edge.Who(r).P.T("me.gifts_title"))
	v.Path, v.Styles = "/me/gifts", []string{"me/me.css", "me/gift.css"}
	ctx, me := r.Context(), v.Actor.User
	if v.Gifts, err = gift.Of(ctx, s.DB, me); err != nil {
		return v, err
	}
	if v.Giver, err = gift.ReadGiver(ctx, s.DB, me); err != nil {
		return v, err
	}
	if v.Cases, err = gift.Cases(ctx, s.DB, me); err != nil {
		return v, err
	}
	v.One, v.Day = v.Giver.Caps(s.Flow.Gifts)
	v.MaxOne, v.MaxDay = s.Flow.Gifts.MaxOne, s.Flow.Gifts.MaxDay
	v.Today, err = gift.Today(ctx, s.DB, me)
	return v, err
}

// giftAgain shows the page again with what was wrong.
func (s *screens) giftAgain(w http.ResponseWriter, r *http.Request, err error) error {
	if !site.Correctable(err) && !fault.HasKey(err, "gift.too_young") && !fault.HasKey(err, "gift.minor") {
		return err
	}
	v, verr := s.myGiftsView(w, r)
	if verr != nil {
		return verr
	}
	v.Wrong = ui.Errors(v.Base, err)
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), myGiftsScreen(v))
}

// declareAdult takes a date of birth, keeps only the answer, and goes back to
// the room one came from.
func (s *screens) declareAdult(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	born := f.Day("born", false)
	room := f.Text("room", 40)
	if !f.Tick("agree") {
		f.Add(fault.New(fault.Invalid, "gift.agree").At("agree"))
	}
	if err = f.Err(); err == nil {
		err = s.DB.Update(r.Context(), func(tx *db.Tx) error {
			return gift.DeclareAdult(r.Context(), tx, edge.Who(r).Actor, born)
		})
	}
	switch {
	case err != nil:
		return s.giftAgain(w, r, err)
	case id.Valid(room):
		return s.Redirect(w, r, "/room/"+room+"/gifts", edge.Who(r).P.T("me.gift_adult_ok"))
	}
	return s.Redirect(w, r, "/me/gifts", edge.Who(r).P.T("me.gift_adult_ok"))
}

func (s *screens) giftCaps(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	limit := func(field string) money.Fen {
		if f.Text(field, 12) == "" {
			return -1
		}
		return f.Yuan(field, false)
	}
	one, day, remind := limit("one"), limit("day"), f.Tick("remind")
	if err = f.Err(); err == nil {
		err = s.DB.Update(r.Context(), func(tx *db.Tx) error {
			return gift.SetCaps(r.Context(), tx, edge.Who(r).Actor, s.Flow.Gifts, one, day, remind)
		})
	}
	if err != nil {
		return s.giftAgain(w, r, err)
	}
	return s.Redirect(w, r, "/me/gifts#caps", edge.Who(r).P.T("me.gift_caps_ok"))
}

// giftCase takes a guardian's claim.
func (s *screens) giftCase(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	c := gift.Case{From: f.Day("from", false), To: f.Day("to", false), Body: f.Need("body", 1000)}
	phone := f.Need("phone", 30)
	if err = f.Err(); err == nil {
		c, err = s.Flow.OpenGiftCase(r.Context(), edge.Who(r).Actor, c, phone)
	}
	if err != nil {
		return s.giftAgain(w, r, err)
	}
	return s.Redirect(w, r, "/me/gifts#case", edge.Who(r).P.T("me.gift_case_ok", "No", c.No))
}

// soonest is when a raised cap begins to count.
func (v myGiftsView) soonest() time.Time { return v.Giver.NextAt }
