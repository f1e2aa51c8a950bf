package flow

import (
	"context"
	"io"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/shipping"
)

// Decision is what service says of a case.
type Decision struct {
	Bearer  string // producer, centre, carrier
	Carrier string // code, with carrier
	Note    string
	// Freight of the order that goes back with it; nil: by the rule of package
	// aftersale.
	Freight *money.Fen
	// Amounts granted, by line, of a claim or of goods that came back spoiled;
	// a line left out keeps what was asked for, 0 refuses it.
	Amounts map[id.Line]money.Fen
}

// ApproveReturn lets the goods of a return come back (service). The money goes
// when the packer has seen them.
func (f *Flow) ApproveReturn(ctx context.Context, who actor.Actor, c id.Case, d Decision) (aftersale.Case, error) {
	return f.decide(ctx, who, c, func(tx *db.Tx, t trade, x aftersale.Case) error {
		if x.Kind != aftersale.Return || x.State != aftersale.Requested {
			return fault.New(fault.Conflict, "aftersale.moved_on")
		}
		d.Amounts = nil
		if err := f.settleTerms(ctx, tx, who, t, &x, d); err != nil {
			return err
		}
		return moveCase(ctx, tx, who, x, aftersale.Approved)
	})
}

// RefundCase grants a claim, or pays for goods that came back spoiled
// (service): decision, postings and refund in one transaction.
func (f *Flow) RefundCase(ctx context.Context, who actor.Actor, c id.Case, d Decision) (aftersale.Case, error) {
	return f.decide(ctx, who, c, func(tx *db.Tx, t trade, x aftersale.Case) error {
		claim := x.Kind == aftersale.Claim && x.State == aftersale.Requested
		if !claim && x.State != aftersale.Back {
			return fault.New(fault.Conflict, "aftersale.moved_on")
		}
		if err := f.settleTerms(ctx, tx, who, t, &x, d); err != nil {
			return err
		}
		_, err := f.refundCase(ctx, tx, who, t, x, x.State)
		return err
	})
}

// RejectCase refuses a case with the reason that the buyer reads (service).
func (f *Flow) RejectCase(ctx context.Context, who actor.Actor, c id.Case, note string) (aftersale.Case, error) {
	return f.decide(ctx, who, c, func(tx *db.Tx, t trade, x aftersale.Case) error {
		note, bad := aftersale.CheckNote(note, true)
		if bad != nil {
			return bad
		}
		if x.State != aftersale.Requested && x.State != aftersale.Back {
			return fault.New(fault.Conflict, "aftersale.moved_on")
		}
		if err := aftersale.Decide(ctx, tx, who, aftersale.Case{ID: x.ID}, aftersale.Decision{Bearer: x.Bearer, Carrier: x.Carrier, Freight: x.Freight, Note: note}); err != nil {
			return err
		}
		return moveCase(ctx, tx, who, x, aftersale.Rejected)
	})
}

// decide holds a case and its order for somebody of service. Nobody decides
// on what they bought themselves: fault aftersale.own.
func (f *Flow) decide(ctx context.Context, who actor.Actor, c id.Case, do func(*db.Tx, trade, aftersale.Case) error) (aftersale.Case, error) {
	if err := who.Need(actor.Service); err != nil {
		return aftersale.Case{}, err
	}
	err := f.onCase(ctx, c, func(tx *db.Tx, t trade, x aftersale.Case) error {
		if who.SignedIn() && who.User == x.Buyer {
			return fault.New(fault.Denied, "aftersale.own")
		}
		return do(tx, t, x)
	})
	if err != nil {
		return aftersale.Case{}, err
	}
	return aftersale.ByID(ctx, f.DB, c)
}

// onCase holds a case, its payment and its order, in the order everybody takes
// them.
func (f *Flow) onCase(ctx context.Context, c id.Case, do func(*db.Tx, trade, aftersale.Case) error) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		x, err := aftersale.ByID(ctx, tx, c)
		if err != nil {
			return err
		}
		t, err := f.holdTrade(ctx, tx, x.Order)
		if err != nil {
			return err
		}
		if x, err = aftersale.Lock(ctx, tx, c); err != nil {
			return err
		}
		return do(tx, t, x)
	})
}

// settleTerms checks a decision and keeps it with the case.
func (f *Flow) settleTerms(ctx context.Context, tx *db.Tx, who actor.Actor, t trade, x *aftersale.Case, d Decision) error {
	note, bad := aftersale.CheckNote(d.Note, false)
	if bad != nil {
		return bad
	}
	if !slices.Contains(aftersale.Bearers, d.Bearer) {
		return fault.New(fault.Invalid, "aftersale.bearer").At("bearer")
	}
	if d.Bearer != aftersale.ByCarrier {
		d.Carrier = ""
	} else if _, ok := shipping.CarrierByCode(d.Carrier); !ok {
		return fault.New(fault.Invalid, "shipping.carrier").At("carrier")
	}
	if err := grant(x, d.Amounts); err != nil {
		return err
	}
	left := t.order.Freight - t.order.RefundedFreight
	x.Freight = freightBack(t, *x)
	if d.Freight != nil {
		x.Freight = *d.Freight
	}
	if x.Freight < 0 || x.Freight > left {
		return fault.New(fault.Invalid, "aftersale.freight", "Max", left.String()).At("freight")
	}
	x.Bearer, x.Carrier, x.Note = d.Bearer, d.Carrier, note
	return aftersale.Decide(ctx, tx, who, *x, aftersale.Decision{Bearer: x.Bearer, Carrier: x.Carrier, Freight: x.Freight, Note: note})
}

// grant puts the amounts service grants into the case's lines. What was asked
// for is the most: more is another case.
func grant(x *aftersale.Case, amounts map[id.Line]money.Fen) error {
	kept := x.Lines[:0]
	for _, l := range x.Lines {
		fen, said := amounts[l.Line]
		switch {
		case !said:
		case fen < 0 || fen > l.Fen:
			return fault.New(fault.Invalid, "aftersale.grant", "Max", l.Fen.String()).At(string(l.Line))
		case fen < l.Fen:
			l.Units, l.Fen = 0, fen // part of the price; no whole unit
		}
		if l.Fen > 0 {
			kept = append(kept, l)
		}
	}
	if x.Lines = kept; len(kept) == 0 {
		return fault.New(fault.Invalid, "aftersale.grant_none").At("amount")
	}
	return nil
}

// freightBack is the freight that goes back by the rule of package aftersale.
func freightBack(t trade, c aftersale.Case) money.Fen {
	if !aftersale.AtFault(c.Reason) {
		return 0
	}
	left := t.order.Goods - c.Sum()
	for _, l := range t.order.Lines {
		left -= l.Refunded
	}
	if left > 0 {
		return 0
	}
	return t.order.Freight - t.order.RefundedFreight
}

func moveCase(ctx context.Context, tx *db.Tx, who actor.Actor, x aftersale.Case, to aftersale.State) error {
	ok, err := aftersale.Move(ctx, tx, who, x, x.State, to)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "aftersale.moved_on")
	}
	return err
}

// WithdrawCase is the buyer's "I have changed my mind": before the goods are
// back or the money has gone. Withdrawing again changes nothing.
func (f *Flow) WithdrawCase(ctx context.Context, who actor.Actor, c id.Case) error {
	return f.ownCase(ctx, who, c, func(tx *db.Tx, x aftersale.Case) error {
		switch x.State {
		case aftersale.Withdrawn:
			return nil
		case aftersale.Requested, aftersale.Approved:
			return moveCase(ctx, tx, who, x, aftersale.Withdrawn)
		}
		return fault.New(fault.Conflict, "aftersale.moved_on")
	})
}

// SendBack keeps the buyer's parcel number of an approved return.
func (f *Flow) SendBack(ctx context.Context, who actor.Actor, c id.Case, parcel string) error {
	return f.ownCase(ctx, who, c, func(tx *db.Tx, x aftersale.Case) error { return aftersale.SetParcel(ctx, tx, who, x, parcel) })
}

func (f *Flow) ownCase(ctx context.Context, who actor.Actor, c id.Case, do func(*db.Tx, aftersale.Case) error) error {
	if err := who.Need(actor.Buyer); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		x, err := aftersale.Lock(ctx, tx, c)
		if err == nil && x.Buyer != who.User {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		if err != nil {
			return err
		}
		return do(tx, x)
	})
}

// GoodsBack is the packer's word on goods that came back. Good ones go into the
// lots they came from and the buyer's money goes at once; spoiled ones wait for
// service. The money was granted by service, so two people stand behind it.
// Saying the same again changes nothing.
func (f *Flow) GoodsBack(ctx context.Context, who actor.Actor, c id.Case, goods string) (aftersale.Case, error) {
	if err := who.Need(actor.Packer); err != nil {
		return aftersale.Case{}, err
	}
	if goods != aftersale.Good && goods != aftersale.Spoiled {
		return aftersale.Case{}, fault.New(fault.Invalid, "fault.choice").At("goods")
	}
	var products []id.Product
	err := f.onCase(ctx, c, func(tx *db.Tx, t trade, x aftersale.Case) error {
		switch {
		case x.Goods == goods:
			return nil
		case x.State != aftersale.Approved:
			return fault.New(fault.Conflict, "aftersale.moved_on")
		case who.SignedIn() && who.User == x.Buyer:
			return fault.New(fault.Denied, "aftersale.own")
		}
		if err := aftersale.SetGoods(ctx, tx, who, x, goods); err != nil {
			return err
		}
		if goods == aftersale.Spoiled {
			return moveCase(ctx, tx, who, x, aftersale.Back)
		}
		products = productsOf(t.order)
		return f.takeGoods(ctx, tx, who, t, x)
	})
	if err != nil {
		return aftersale.Case{}, err
	}
	f.StockChanged(ctx, products...)
	return aftersale.ByID(ctx, f.DB, c)
}

// CasePhoto opens a photo of a case for its buyer and for staff who may see
// orders; for all others there is none.
func (f *Flow) CasePhoto(ctx context.Context, who actor.Actor, photo string, width int) (io.ReadCloser, int64, error) {
	none := fault.New(fault.NotFound, "fault.not_found")
	c, p, err := aftersale.PhotoByID(ctx, f.DB, photo)
	if err != nil {
		return nil, 0, err
	}
	if !(who.SignedIn() && who.User == c.Buyer) && !who.Has(actor.Service, actor.Packer, actor.Finance, actor.Overseer, actor.Admin) || !slices.Contains(p.Sizes, width) {
		return nil, 0, none
	}
	return f.Store.Get(ctx, photoKey(photo, width))
}

// takeGoods pays for goods that came back in good state and puts them into the
// lots they came from.
func (f *Flow) takeGoods(ctx context.Context, tx *db.Tx, who actor.Actor, t trade, x aftersale.Case) error {
	part, err := f.refundCase(ctx, tx, who, t, x, aftersale.Approved)
	if err != nil {
		return err
	}
	units := map[string]int64{}
	for _, s := range part.Shares {
		units[s.Reservation] += s.Units
	}
	return lot.TakeReturn(ctx, tx, who, x.Order, units)
}

// returnBatch bounds one sweep over returns that never came.
const returnBatch = 100

// expireReturns withdraws approved returns whose parcel never came, so that
// their orders can be done.
func (f *Flow) expireReturns(ctx context.Context) error {
	due, err := aftersale.Overdue(ctx, f.DB, f.DB.Clock.Now(), returnBatch)
	for _, c := range due {
		if err == nil {
			err = f.DB.Update(ctx, func(tx *db.Tx) error {
				x, err := aftersale.Lock(ctx, tx, c)
				if err != nil || x.State != aftersale.Approved {
					return err
				}
				_, err = aftersale.Move(ctx, tx, actor.System("clock"), x, aftersale.Approved, aftersale.Withdrawn)
				return err
			})
		}
	}
	return err
}

// withoutCase leaves out the orders with an open case.
func (f *Flow) withoutCase(ctx context.Context, orders []id.Order) ([]id.Order, error) {
	open, err := aftersale.WithOpen(ctx, f.DB, orders)
	return slices.DeleteFunc(slices.Clone(orders), func(o id.Order) bool { return open[o] }), err
}
