package promise

import (
	"context"

	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// What each scope's script gets, and what must come of it. The amounts are
// those that were frozen when the order was placed: a script says where each
// class of money goes, never how much there is.

// saleInput is a producer's part of an order that was paid.
func saleInput(x Share) input {
	s := side(x.Local)
	held, trade := producerPath(x.Producer, x.Local, "pending"), "trade/pending/"+s
	owed, margin, loss := producerPath(x.Producer, x.Local, "owed"), "trade/margin/"+s, "trade/loss/"+s
	in := input{
		accounts: map[string]string{"held": held, "producer": owed},
		amounts: map[string]money.Fen{"paid": x.Owed + x.Commission + max(x.Margin, 0), "owed": x.Owed,
			"margin": max(x.Margin, 0), "loss": max(-x.Margin, 0), "goods": x.Goods},
		held:  map[string]money.Fen{held: x.Owed, trade: max(x.Margin, 0)},
		gives: []string{loss},
		takes: []string{owed, margin, trade},
	}
	if !x.Local {
		in.amounts["commission"] = x.Commission
		in.held["commission/pending"] = x.Commission
		in.takes = append(in.takes, "commission/earned")
	}
	return in
}

// settled runs the script of a version over a share and guards what comes of
// it.
func (v Version) settled(ctx context.Context, s Sale, x Share) (ledger.Txn, error) {
	t := ledger.Txn{Ref: "order/" + string(s.Order) + "/paid/" + string(x.Producer), Kind: KindPaid}
	var err error
	if t.Lines, err = saleInput(x).run(ctx, v.Script); err != nil {
		return t, err
	}
	if err = Guard(t); err == nil {
		err = guardSale(Sale{Order: s.Order, Shares: []Share{x}}, wasPaid, []ledger.Txn{t})
	}
	return t, err
}

// paid books a sale that was paid by the promises that were in force when it
// was placed.
func (r *Rules) paid(ctx context.Context, s Sale, channel string) ([]ledger.Txn, error) {
	out := paid(s, channel)
	for i, x := range s.byProducer() { // of paid's transactions, the first
		scope := ForOutside
		if x.Local {
			scope = ForLocal
		}
		v, err := r.For(scope, s.Placed)
		if err != nil {
			return nil, err
		}
		if out[i], err = v.settled(ctx, s, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// gift is a gift that was paid through a channel.
func (v Version) gift(ctx context.Context, id string, fen money.Fen, channel string) (ledger.Txn, error) {
	from := channelPath(channel)
	return v.run(ctx, "gift/"+id+"/paid", KindGift, input{
		accounts: map[string]string{"channel": from},
		amounts:  map[string]money.Fen{"gift": fen},
		gives:    []string{from, "gift/passed"},
		takes:    []string{"gift/received", "charity/fund"},
	}, map[string]money.Fen{from: fen, "gift/received": -fen, "gift/passed": fen, "charity/fund": -fen}, "P2", "promise.gifts_to_charity")
}

// profit is a period's profit.
func (v Version) profit(ctx context.Context, ref string, fen money.Fen) (ledger.Txn, error) {
	return v.run(ctx, "growth/"+ref, KindToGrowth, input{
		amounts: map[string]money.Fen{"profit": fen},
		gives:   []string{"profit/passed"},
		takes:   []string{"growth/fund"},
	}, map[string]money.Fen{"profit/passed": fen, "growth/fund": -fen}, "P3", "promise.profit_to_growth")
}

// pay is a host's pay and the agency's part of it.
func (v Version) pay(ctx context.Context, ref, cost, host, agency string, whole, part money.Fen) (ledger.Txn, error) {
	in := input{
		accounts: map[string]string{"cost": cost, "host": host, "agency": agency},
		amounts:  map[string]money.Fen{"pay": whole, "part": part},
		gives:    []string{cost},
		takes:    []string{host},
	}
	want := map[string]money.Fen{cost: whole, host: part - whole}
	if part > 0 {
		in.takes, want[agency] = append(in.takes, agency), -part
	}
	return v.run(ctx, "host/"+ref, KindHostEarned, in, want, "P4", "promise.official_host")
}

// run runs a version's script, guards the lines and holds that they move just
// what the event is worth.
func (v Version) run(ctx context.Context, ref, kind string, in input, want map[string]money.Fen, no, key string) (ledger.Txn, error) {
	t := ledger.Txn{Ref: ref, Kind: kind}
	var err error
	if t.Lines, err = in.run(ctx, v.Script); err != nil {
		return t, err
	}
	if len(t.Lines) > 0 {
		if err := Guard(t); err != nil {
			return t, err
		}
	}
	for path, f := range want {
		if sum(t, path) != f {
			return t, broken(key, no, ref)
		}
	}
	return t, nil
}
