package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
)

// LineOptions is what can be asked for of a line now.
type LineOptions struct {
	order.Line
	Units map[aftersale.Kind]int64 // most units of a cancellation or a return
	Fen   money.Fen                // of the line that was not taken back
	Open  bool                     // it has an open case
	// Why tells for each kind why a buyer can't ask for it; kinds that can be
	// asked for are left out.
	Why map[aftersale.Kind]*fault.Error
	// NoReason: it may come back without a reason.
	NoReason bool
}

// May tells whether a buyer can ask for a kind.
func (l LineOptions) May(k aftersale.Kind) bool { return l.Why[k] == nil && !l.Open }

// AfterSaleOptions tells what the buyer of an order, or service for them, can
// ask for.
func (f *Flow) AfterSaleOptions(ctx context.Context, who actor.Actor, o id.Order) (order.Order, []LineOptions, error) {
	x, err := order.ByID(ctx, f.DB, o)
	if err != nil {
		return x, nil, err
	}
	if err := buyerOr(who, x, actor.Service); err != nil {
		return x, nil, err
	}
	t, err := readTrade(ctx, f.DB, x)
	if err != nil {
		return x, nil, err
	}
	open, err := openLines(ctx, f.DB, o)
	out := make([]LineOptions, len(x.Lines))
	for i, l := range x.Lines {
		out[i] = f.options(t, l)
		out[i].Open = open[l.ID]
	}
	return x, out, err
}

func (f *Flow) options(t trade, l order.Line) LineOptions {
	s := soldOf(t, l)
	out := LineOptions{Line: l, Units: map[aftersale.Kind]int64{}, Fen: l.Goods - l.Refunded, Why: map[aftersale.Kind]*fault.Error{}, NoReason: s.NoReason()}
	for _, x := range t.shares {
		if x.Line != l.ID {
			continue
		}
		if t.held[x.Reservation] {
			out.Units[aftersale.Cancel] += x.UnitsLeft()
		} else {
			out.Units[aftersale.Return] += x.UnitsLeft()
		}
	}
	back := aftersale.Quality
	if out.NoReason {
		back = aftersale.SevenDay
	}
	for kind, reason := range map[aftersale.Kind]string{aftersale.Cancel: aftersale.Unwanted, aftersale.Return: back, aftersale.Claim: aftersale.Quality} {
		switch why := f.Rules().May(kind, reason, s, f.DB.Clock.Now()); {
		case why != nil:
			out.Why[kind] = why
		case out.Fen == 0 || kind != aftersale.Claim && out.Units[kind] == 0:
			out.Why[kind] = fault.New(fault.Conflict, "aftersale.nothing_left")
		}
	}
	return out
}

// readTrade reads how an order stands, without holding it.
func readTrade(ctx context.Context, q db.Querier, x order.Order) (trade, error) {
	t := trade{order: x, held: map[string]bool{}}
	rs, err := lot.Reservations(ctx, q, x.ID)
	if err != nil {
		return t, err
	}
	for _, r := range rs {
		t.held[r.ID] = r.State == lot.Held
	}
	t.shares, err = sharesLeft(ctx, q, x.ID)
	return t, err
}

func openLines(ctx context.Context, q db.Querier, o id.Order) (map[id.Line]bool, error) {
	cases, err := aftersale.OfOrder(ctx, q, o)
	out := map[id.Line]bool{}
	for _, c := range cases {
		for _, l := range c.Lines {
			out[l.Line] = out[l.Line] || c.State.Open()
		}
	}
	return out, err
}
