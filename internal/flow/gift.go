package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
)

// GiftIn is a gift a viewer wants to give. Fen and Agreement are what the
// confirm screen said: another price or another recipient now is refused.
type GiftIn struct {
	Key       string // idempotency key made by the page
	Show      id.Show
	Kind      id.GiftKind
	Fen       money.Fen
	Agreement id.Agreement
	Named     bool // may be named in the room
}

// GiftsOpen tells whether a room takes gifts now, and to whom they go: the
// licence is set, an agreement is in term, the show is live and its host not
// banned. Faults say why not: gift.off, gift.no_agreement, gift.not_live,
// gift.banned.
func (f *Flow) GiftsOpen(ctx context.Context, q db.Querier, s id.Show) (show.Show, promise.Agreement, error) {
	if f.Gifts.Licence == "" {
		return show.Show{}, promise.Agreement{}, fault.New(fault.NotFound, "gift.off")
	}
	sh, err := show.ByID(ctx, q, s)
	if err != nil {
		return sh, promise.Agreement{}, err
	}
	a, ok, err := BoundAgreement(ctx, q)
	if err != nil {
		return sh, a, err
	}
	_, banned, err := gift.BanOf(ctx, q, sh.Host)
	switch {
	case err != nil:
		return sh, a, err
	case !ok:
		return sh, a, fault.New(fault.Conflict, "gift.no_agreement")
	case banned:
		return sh, a, fault.New(fault.Conflict, "gift.banned")
	case sh.State != show.Live || sh.Practice:
		return sh, a, fault.New(fault.Conflict, "gift.not_live")
	}
	return sh, a, nil
}

// BoundAgreement is the newest donation agreement in term.
func BoundAgreement(ctx context.Context, q db.Querier) (promise.Agreement, bool, error) {
	all, err := promise.Agreements(ctx, q)
	if err != nil {
		return promise.Agreement{}, false, err
	}
	today := clock.DayOf(db.Now(q))
	for _, a := range all {
		if a.Bound(today) {
			return a, true, nil
		}
	}
	return promise.Agreement{}, false, nil
}

// GiveGift writes a gift that waits for its payment. Faults: those of
// GiftsOpen and gift.Give, gift.kind_off, gift.changed, order.key_bad.
func (f *Flow) GiveGift(ctx context.Context, who actor.Actor, in GiftIn) (gift.Gift, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return gift.Gift{}, err
	}
	if len(in.Key) < MinKey || len(in.Key) > MaxKey || !printable(in.Key) {
		return gift.Gift{}, fault.New(fault.Invalid, "order.key_bad").At("key")
	}
	var g gift.Gift
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		sh, a, err := f.GiftsOpen(ctx, tx, in.Show)
		if err != nil {
			return err
		}
		k, err := gift.KindByID(ctx, tx, in.Kind)
		switch {
		case err != nil:
			return err
		case k.Fen != in.Fen || a.ID != in.Agreement:
			return fault.New(fault.Conflict, "gift.changed")
		}
		g, err = gift.Give(ctx, tx, who, f.Gifts, gift.Gift{Show: sh.ID, Host: sh.Host, Kind: k.ID, NameZh: k.NameZh, NameEn: k.NameEn, Icon: k.Icon,
			Fen: k.Fen, Agreement: a.ID, Named: in.Named, IdemKey: in.Key, IdemHash: in.hash()})
		return err
	})
	return g, err
}

func (in GiftIn) hash() string {
	in.Key = ""
	b, err := json.Marshal(in)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// StartGiftPayment opens a payment of the giver's own gift, or gives the open
// one, and the address to pay at. Faults: NotFound for another person's,
// payment.order_paid, payment.order_expired, payment.unknown_gateway,
// payment.gateway_down.
func (f *Flow) StartGiftPayment(ctx context.Context, who actor.Actor, given id.Gift, gateway string) (payment.Payment, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return payment.Payment{}, err
	}
	way := f.Gateways[gateway]
	if way == nil {
		return payment.Payment{}, fault.New(fault.Invalid, "payment.unknown_gateway").At("gateway")
	}
	p, g, err := f.openOrGetGift(ctx, who, given, gateway)
	if err == nil && misfit(ctx, way, p) { // begun on another device
		if _, err := f.closePayment(ctx, way, p); err != nil {
			return payment.Payment{}, err
		}
		p, g, err = f.openOrGetGift(ctx, who, given, gateway)
	}
	if err != nil || p.PayURL != "" {
		return p, err
	}
	// Outside the transaction, as for an order: the provider may be slow.
	if p.PayURL, err = way.Pay(ctx, p, g.NameZh+" · "+g.No, f.BaseURL+"/gifts/"+string(g.ID), g.Expires); err != nil {
		return payment.Payment{}, err
	}
	return p, f.DB.Update(ctx, func(tx *db.Tx) error { return payment.SetPayURL(ctx, tx, p.ID, p.PayURL) })
}

// openOrGetGift gives the open payment of a gift that its giver may pay now.
func (f *Flow) openOrGetGift(ctx context.Context, who actor.Actor, given id.Gift, gateway string) (p payment.Payment, g gift.Gift, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if g, err = payableGift(ctx, tx, who, given); err != nil {
			return err
		}
		p, err = openGiftPayment(ctx, tx, who, g, gateway)
		return err
	})
	return p, g, err
}

func payableGift(ctx context.Context, q db.Querier, who actor.Actor, given id.Gift) (gift.Gift, error) {
	g, err := gift.ByID(ctx, q, given)
	switch {
	case err != nil:
		return g, err
	case g.User != who.User:
		return g, fault.New(fault.NotFound, "fault.not_found")
	case g.State == gift.Closed, g.State == gift.Unpaid && !db.Now(q).Before(g.Expires):
		return g, fault.New(fault.Gone, "gift.expired")
	case g.State != gift.Unpaid:
		return g, fault.New(fault.Conflict, "gift.paid")
	}
	return g, nil
}

func openGiftPayment(ctx context.Context, tx *db.Tx, who actor.Actor, g gift.Gift, gateway string) (payment.Payment, error) {
	of := id.Order(g.ID)
	p, ok, err := payment.OpenOf(ctx, tx, of, gateway)
	if err != nil || ok {
		return p, err
	}
	p = payment.Payment{ID: id.New[id.Payment](), Order: of, Purpose: payment.ForGift, Gateway: gateway, Amount: g.Fen, State: payment.StateOpen, Created: tx.Now, Expires: g.Expires}
	err = payment.Open(ctx, tx, p)
	if fault.HasKey(err, "payment.open") { // the giver's other tab was faster
		p, _, err = payment.OpenOf(ctx, tx, of, gateway)
		return p, err
	} else if err != nil {
		return p, err
	}
	return p, audit.Write(ctx, tx, who, "payment.open", "gift", g.ID, map[string]any{"payment": p.ID, "gateway": gateway})
}

// bookGift books a paid gift whole into the charity fund.
func bookGift(ctx context.Context, tx *db.Tx, p payment.Payment) error {
	if err := promise.GiftReceived(ctx, tx, string(p.Order), p.Amount, p.Gateway); err != nil {
		return err
	}
	return audit.Write(ctx, tx, actor.System(p.Gateway), "gift.pay", "gift", p.Order, map[string]any{"payment": p.ID, "gateway": p.Gateway})
}

// tellGift shows a paid gift in its room: the kind, and the giver's name only
// where they agreed; never an amount.
func (f *Flow) tellGift(ctx context.Context, given id.Gift) {
	g, err := gift.ByID(ctx, f.DB, given)
	if err != nil {
		f.Log.WarnContext(ctx, "gift not shown in its room", "gift", given, "err", err)
		return
	}
	e := room.GiftEvent{ID: g.ID, NameZh: g.NameZh, NameEn: g.NameEn, Icon: g.Icon}
	if g.Named {
		people, err := account.Users(ctx, f.DB, g.User)
		if err != nil {
			f.Log.WarnContext(ctx, "gift shown without its giver", "gift", given, "err", err)
		}
		e.Giver = people[g.User].Name
	}
	f.tell(g.Show, room.KindGift, e)
}

// ExpireGifts closes gifts that were not paid in time and tells how many. A
// payment that comes later is refunded by itself.
func (f *Flow) ExpireGifts(ctx context.Context) (int, error) {
	total := 0
	for {
		due, err := gift.Expired(ctx, f.DB, f.DB.Clock.Now(), expireBatch)
		if err != nil || len(due) == 0 {
			return total, err
		}
		err = f.DB.Update(ctx, func(tx *db.Tx) error {
			for _, g := range due {
				if _, err := gift.Move(ctx, tx, g, gift.Unpaid, gift.Closed); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		total += len(due)
	}
}
