package flow

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
)

// trade is a paid order as a refund sees it, with its rows held: what was
// sold, what of it was taken back, where the goods are.
type trade struct {
	payment payment.Payment
	order   order.Order
	shares  []aftersale.Share
	held    map[string]bool // reservations whose goods have not left
}

// holdTrade holds a paid order's payment and then the order, as everybody who
// moves it, so that two refunds of one order come one after the other, and
// reads what stands. Fault payment.not_paid when there is no payment.
func (f *Flow) holdTrade(ctx context.Context, tx *db.Tx, o id.Order) (t trade, err error) {
	p, ok, err := payment.PaidOf(ctx, tx, o)
	if err != nil {
		return t, err
	}
	if ok {
		if t.payment, _, err = payment.Lock(ctx, tx, p.Gateway, p.ID); err != nil {
			return t, err
		}
	}
	if t.order, err = order.Hold(ctx, tx, o); err != nil {
		return t, err
	}
	if !ok {
		if err := whyNotRefunded(t.order); err != nil {
			return t, err
		}
		return t, fault.New(fault.Conflict, "payment.not_paid")
	}
	x, err := readTrade(ctx, tx, t.order)
	x.payment = t.payment
	return x, err
}

// sharesLeft reads an order's shares with what was taken back of them.
func sharesLeft(ctx context.Context, q db.Querier, o id.Order) ([]aftersale.Share, error) {
	sold, err := order.Shares(ctx, q, o)
	if err != nil {
		return nil, err
	}
	taken, err := aftersale.TakenOf(ctx, q, o)
	out := make([]aftersale.Share, len(sold))
	for i, s := range sold {
		b := taken[s.Reservation]
		out[i] = aftersale.Share{Reservation: s.Reservation, Line: s.Line, Lot: s.Lot, Producer: s.Producer, Local: s.Local, Settlement: s.Settlement,
			Units: s.Units, Goods: s.Goods, Commission: s.Commission, Owed: s.Owed, Margin: s.Margin,
			BackUnits: b.Units, Back: b.Goods, Borne: b.Borne}
	}
	return out, err
}

// partShipped tells whether some of the goods have left and some not.
func (t trade) partShipped() bool {
	for _, s := range t.shares {
		if s.UnitsLeft() > 0 && !t.held[s.Reservation] {
			return true
		}
	}
	return false
}

// here are the shares whose goods have not left.
func (t trade) here() []aftersale.Share {
	return slices.DeleteFunc(slices.Clone(t.shares), func(s aftersale.Share) bool { return !t.held[s.Reservation] })
}

// back is one refund of a trade.
type back struct {
	takes     []aftersale.Take
	freight   money.Fen // granted; with the last of unshipped goods all of it goes
	bearer    string
	carrier   string
	why       string // payment's reason: cancelled, after_sale
	reason    string // the case's
	by        id.Case
	unshipped bool // units go back on sale: the goods are here
}

// takeBack makes one refund in tx, whatever it is for: counters, stock, order
// state, postings, refund, what it was for, audit. The sum never passes what
// was paid: the payment's row holds that, and each line's what it cost.
func (f *Flow) takeBack(ctx context.Context, tx *db.Tx, who actor.Actor, t trade, b back) (aftersale.Part, error) {
	shares := t.shares
	if b.unshipped {
		shares = t.here()
	}
	parts, err := aftersale.Divide(shares, b.takes, b.bearer)
	if err != nil {
		return aftersale.Part{}, err
	}
	part := aftersale.Part{Order: t.order.ID, Case: b.by, Freight: b.freight, Bearer: b.bearer, Carrier: b.carrier, Reason: b.reason, By: who.User, At: tx.Now, Shares: parts}
	lines := lineSums(parts)
	for _, l := range lines {
		part.Goods += l.Goods
	}
	last := b.unshipped && t.order.State == order.Paid && !unitsLeft(t.order, lines)
	if last {
		part.Freight = t.order.Freight - t.order.RefundedFreight
	}
	part.Discount = discountBack(t.order, lines)
	if part.Fen() == 0 {
		return part, fault.New(fault.Conflict, "aftersale.nothing_left")
	}
	part.Whole = last && !t.order.Touched()
	if err := order.TakeBack(ctx, tx, t.order.ID, lines, part.Freight); err != nil {
		return part, err
	}
	if b.unshipped {
		if err := putBack(ctx, tx, t, parts, last); err != nil {
			return part, err
		}
	}
	return part, f.bookBack(ctx, tx, who, t, &part, b.why)
}

// bookBack writes the refund and its postings.
func (f *Flow) bookBack(ctx context.Context, tx *db.Tx, who actor.Actor, t trade, part *aftersale.Part, why string) error {
	r, err := payment.AddRefund(ctx, tx, t.payment, part.Fen(), why)
	if err != nil {
		return err
	}
	part.Refund = r.ID
	if err := aftersale.Record(ctx, tx, *part); err != nil {
		return err
	}
	if part.Whole {
		_, sales, err := readSales(ctx, tx, []id.Order{t.order.ID})
		if err != nil {
			return err
		}
		err = promise.OrderRefunded(ctx, tx, sales[0])
		if err != nil {
			return err
		}
	} else if err := promise.OrderPartRefunded(ctx, tx, PartRefundOf(*part, clock.Us(t.order.Placed))); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, who, "order.refund", "order", t.order.ID,
		map[string]any{"refund": r.ID, "fen": r.Amount, "reason": part.Reason, "bearer": part.Bearer, "case": part.Case}); err != nil {
		return err
	}
	return f.Jobs.Kick(ctx, tx, SweepRefunds)
}

// PartRefundOf is a recorded refund as the books see it. placed is when its
// order was placed, in microseconds.
func PartRefundOf(p aftersale.Part, placed int64) promise.PartRefund {
	out := promise.PartRefund{Refund: p.Refund, Order: p.Order, Placed: placed, Freight: p.Freight, Discount: p.Discount, Borne: promise.Bearer(p.Bearer), Carrier: p.Carrier}
	for _, s := range p.Shares {
		if s.Goods > 0 {
			out.Shares = append(out.Shares, promise.Share{Producer: s.Producer, Local: s.Local, Goods: s.Goods,
				Commission: s.Commission, Owed: s.Owed, Margin: s.Margin, Agreed: s.Settlement == order.Resale})
		}
	}
	return out
}

// discountBack is what of the goods that are taken back a coupon had paid.
func discountBack(o order.Order, lines []order.LineBack) (fen money.Fen) {
	for _, b := range lines {
		if i := slices.IndexFunc(o.Lines, func(l order.Line) bool { return l.ID == b.Line }); i >= 0 {
			l := o.Lines[i]
			fen += l.DiscountOf(l.Refunded+b.Goods) - l.DiscountOf(l.Refunded)
		}
	}
	return fen
}

func lineSums(parts []aftersale.SharePart) []order.LineBack {
	var out []order.LineBack
	for _, p := range parts {
		i := slices.IndexFunc(out, func(l order.LineBack) bool { return l.Line == p.Line })
		if i < 0 {
			i, out = len(out), append(out, order.LineBack{Line: p.Line})
		}
		out[i].Units += p.Units
		out[i].Goods += p.Goods
	}
	return out
}

// unitsLeft tells whether an order has units left after lines are taken back.
func unitsLeft(o order.Order, lines []order.LineBack) bool {
	for _, l := range o.Lines {
		left := l.Left()
		for _, b := range lines {
			if b.Line == l.ID {
				left -= b.Units
			}
		}
		if left > 0 {
			return true
		}
	}
	return false
}

// putBack puts unshipped goods back on sale; with the last of them the order is
// closed, or shipped when its other parcels have left.
func putBack(ctx context.Context, tx *db.Tx, t trade, parts []aftersale.SharePart, last bool) error {
	if last {
		if ok, err := order.Move(ctx, tx, t.order.ID, order.Paid, order.Closed, order.Refunded); err != nil || !ok {
			return orChanged(err)
		}
		return giveBack(ctx, tx, []order.Order{t.order})
	}
	sold, flash, units := map[id.Item]int64{}, map[id.Flash]int64{}, map[string]int64{}
	for _, p := range parts {
		units[p.Reservation] += p.Units
		i := slices.IndexFunc(t.order.Lines, func(l order.Line) bool { return l.ID == p.Line })
		if l := t.order.Lines[i]; l.Item != "" {
			sold[l.Item] -= p.Units
			if l.Flash != "" {
				flash[l.Flash] -= p.Units
			}
		}
	}
	if err := show.AddSold(ctx, tx, sold); err != nil {
		return err
	}
	if err := show.AddFlashSold(ctx, tx, flash); err != nil {
		return err
	}
	if err := lot.ReleaseUnits(ctx, tx, t.order.ID, units); err != nil || !t.partShipped() {
		return err
	}
	left, err := lot.HeldOf(ctx, tx, t.order.ID)
	if err != nil || len(left) > 0 {
		return err
	}
	if ok, err := order.Move(ctx, tx, t.order.ID, order.Paid, order.Shipped, ""); err != nil || !ok {
		return orChanged(err)
	}
	return nil
}

func orChanged(err error) error {
	if err == nil {
		err = fault.New(fault.Conflict, "fault.changed")
	}
	return err
}
