package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// AskLine is what is asked for of a line: whole units (cancel, return), or of
// a claim the bad share in basis points, or an amount (service only).
type AskLine struct {
	Line  id.Line
	Units int64
	Share int64
	Fen   money.Fen
}

// AskIn is what a buyer, or service for one, asks for after paying.
type AskIn struct {
	Key    string // of the page: asked again, the same case
	Order  id.Order
	Kind   aftersale.Kind
	Reason string
	Words  string
	Lines  []AskLine
	Photos []catalog.Prepared
}

// AskAfterSale opens a case. A cancellation of units that have not left is
// refunded at once; everything else waits for service. Service may ask for a
// buyer, at any time after payment and without a photo. The same key gives the
// first case. Faults: NotFound for another person's order, those of
// aftersale.Rules.May, aftersale.photo_needed, aftersale.open, and those of
// aftersale.Divide.
func (f *Flow) AskAfterSale(ctx context.Context, who actor.Actor, in AskIn) (aftersale.Case, error) {
	x, err := order.ByID(ctx, f.DB, in.Order)
	if err != nil {
		return aftersale.Case{}, err
	}
	if err := buyerOr(who, x, actor.Service); err != nil {
		return aftersale.Case{}, err
	}
	if c, ok, err := aftersale.ByKey(ctx, f.DB, in.Order, in.Key); err != nil || ok {
		return c, err
	}
	mine := x.Buyer == who.User
	if mine && in.Kind == aftersale.Claim && len(in.Photos) == 0 {
		return aftersale.Case{}, fault.New(fault.Invalid, "aftersale.photo_needed").At("photos")
	}
	c := aftersale.Case{ID: id.New[id.Case](), Order: x.ID, Buyer: x.Buyer, Kind: in.Kind, State: aftersale.Requested, Reason: in.Reason, Words: in.Words, Key: in.Key}
	mineID := c.ID
	drop, err := f.keepPhotos(ctx, &c, in.Photos)
	fresh := c // a transaction that is tried again starts from here
	if err == nil {
		err = f.DB.Update(ctx, func(tx *db.Tx) error {
			c = fresh
			return f.ask(ctx, tx, who, &c, in, mine)
		})
	}
	if err != nil || c.ID != mineID { // the buyer's other tab was faster
		if bad := drop(context.WithoutCancel(ctx)); bad != nil {
			f.Log.WarnContext(ctx, "photos of no case are left", "err", bad)
		}
	}
	if err != nil {
		return aftersale.Case{}, err
	}
	if c.Kind == aftersale.Cancel {
		f.StockChanged(ctx, productsOf(x)...)
	}
	return aftersale.ByID(ctx, f.DB, c.ID)
}

func (f *Flow) ask(ctx context.Context, tx *db.Tx, who actor.Actor, c *aftersale.Case, in AskIn, mine bool) error {
	t, err := f.holdTrade(ctx, tx, c.Order)
	if err != nil {
		return err
	}
	if old, ok, err := aftersale.ByKey(ctx, tx, c.Order, c.Key); err != nil || ok {
		*c = old
		return err
	}
	if t.order.State == order.Closed {
		return fault.New(fault.Gone, "aftersale.closed")
	}
	if err := f.askLines(t, c, in, mine, tx); err != nil {
		return err
	}
	if err := aftersale.Open(ctx, tx, who, c); err != nil || c.Kind != aftersale.Cancel {
		return err
	}
	_, err = f.refundCase(ctx, tx, who, t, *c, aftersale.Requested)
	return err
}

// askLines fills in a case's lines with what they are worth now and checks that
// they can be asked for.
func (f *Flow) askLines(t trade, c *aftersale.Case, in AskIn, mine bool, tx *db.Tx) error {
	var bad []*fault.Error
	for _, l := range in.Lines {
		i := slices.IndexFunc(t.order.Lines, func(x order.Line) bool { return x.ID == l.Line })
		if i < 0 {
			return fault.New(fault.Invalid, "aftersale.line").At(string(l.Line))
		}
		x := t.order.Lines[i]
		if mine {
			l.Fen = 0 // a buyer asks for a share
			if err := f.Rules().May(c.Kind, c.Reason, soldOf(t, x), tx.Now); err != nil {
				bad = append(bad, err.At(string(l.Line)))
				continue
			}
		}
		line, err := worth(t, c.Kind, x, l)
		if err != nil {
			return err
		}
		c.Lines = append(c.Lines, line)
	}
	if !slices.Contains(aftersale.Reasons[c.Kind], c.Reason) {
		bad = append(bad, fault.New(fault.Invalid, "fault.choice").At("reason"))
	}
	return fault.Join(bad...)
}

// Rules are the windows of the centre.
func (f *Flow) Rules() aftersale.Rules {
	return aftersale.Rules{Return: f.DoneAfter, Claim: f.ClaimWithin}
}

func soldOf(t trade, l order.Line) aftersale.Sold {
	o := t.order
	here := slices.ContainsFunc(t.shares, func(s aftersale.Share) bool { return s.Line == l.ID && t.held[s.Reservation] && s.UnitsLeft() > 0 })
	return aftersale.Sold{Paid: o.State == order.Paid && here, Shipped: o.State == order.Shipped || o.State == order.Paid && !here,
		Received: o.State == order.Received || o.State == order.Done, ReturnRule: l.ReturnRule, NoReturnOK: o.NoReturnOK, At: o.ReceivedAt}
}

// ShareOf is what a bad share of a line is worth, in basis points: of the units
// that were not taken back, and never more than is left of the line.
func ShareOf(l order.Line, bp int64) money.Fen {
	return min((l.Price * money.Fen(l.Left())).Share(bp), l.Goods-l.Refunded)
}

// worth is what a line of a case asks for, in fen.
func worth(t trade, kind aftersale.Kind, l order.Line, in AskLine) (aftersale.Line, error) {
	out := aftersale.Line{Line: l.ID, Units: in.Units, Share: in.Share, Fen: in.Fen}
	shares := t.shares
	take := aftersale.Take{Line: l.ID, Units: in.Units, Fen: in.Fen}
	switch kind {
	case aftersale.Cancel:
		shares = t.here()
		if in.Units <= 0 {
			return out, fault.New(fault.Invalid, "aftersale.units", "Max", l.Left()).At(string(l.ID))
		}
	case aftersale.Return:
		if in.Units <= 0 {
			return out, fault.New(fault.Invalid, "aftersale.units", "Max", l.Left()).At(string(l.ID))
		}
	default:
		take.Units, out.Units = 0, 0
		if in.Fen <= 0 {
			if in.Share <= 0 || in.Share > 10000 {
				return out, fault.New(fault.Invalid, "aftersale.share").At(string(l.ID))
			}
			take.Fen = ShareOf(l, in.Share)
		}
		if t.order.State == order.Paid && take.Fen == l.Goods-l.Refunded {
			return out, fault.New(fault.Conflict, "aftersale.cancel_instead").At(string(l.ID))
		}
		if take.Fen == 0 {
			return out, fault.New(fault.Conflict, "aftersale.nothing_left").At(string(l.ID))
		}
	}
	parts, err := aftersale.Divide(shares, []aftersale.Take{take}, aftersale.ByProducer)
	out.Fen = 0
	for _, p := range parts {
		out.Fen += p.Goods
	}
	return out, err
}

// photoKey is where a photo of a case is kept.
func photoKey(photo string, width int) string {
	return fmt.Sprintf("aftersale/%s/%d.jpg", photo, width)
}

// keepPhotos stores a case's photos and gives what takes them away again.
func (f *Flow) keepPhotos(ctx context.Context, c *aftersale.Case, ps []catalog.Prepared) (drop func(context.Context) error, err error) {
	var kept []string
	drop = func(ctx context.Context) error {
		var errs []error
		for _, k := range kept {
			errs = append(errs, f.Store.Delete(ctx, k))
		}
		return errors.Join(errs...)
	}
	if len(ps) > aftersale.MaxPhotos {
		return drop, fault.New(fault.Invalid, "aftersale.photos", "Max", aftersale.MaxPhotos).At("photos")
	}
	for _, p := range ps {
		photo := aftersale.Photo{ID: id.New[string](), Width: p.Width, Height: p.Height, Sizes: slices.Sorted(maps.Keys(p.JPEG))}
		for _, w := range photo.Sizes {
			kept = append(kept, photoKey(photo.ID, w))
			if err := f.Store.Put(ctx, photoKey(photo.ID, w), bytes.NewReader(p.JPEG[w])); err != nil {
				return drop, err
			}
		}
		c.Photos = append(c.Photos, photo)
	}
	return drop, nil
}

// refundCase makes a case's refund in tx and closes it.
func (f *Flow) refundCase(ctx context.Context, tx *db.Tx, who actor.Actor, t trade, c aftersale.Case, from aftersale.State) (aftersale.Part, error) {
	b := back{freight: c.Freight, bearer: c.Bearer, carrier: c.Carrier, why: payment.AfterSale, reason: c.Reason, by: c.ID}
	if c.Kind == aftersale.Cancel {
		b.unshipped, b.bearer, b.why = true, aftersale.ByProducer, payment.Cancelled
	}
	for _, l := range c.Lines {
		b.takes = append(b.takes, aftersale.Take{Line: l.Line, Units: l.Units, Fen: l.Fen})
	}
	part, err := f.takeBack(ctx, tx, who, t, b)
	if err != nil {
		return part, err
	}
	is, err := aftersale.Done(ctx, tx, who, c, from, part.Refund)
	if err == nil && !is {
		err = fault.New(fault.Conflict, "aftersale.moved_on")
	}
	return part, err
}
