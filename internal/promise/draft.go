package promise

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// examples are sales that every script of a sale is tried with before it may be
// signed: whole prices, agreed prices above and below, single fen, and large
// ones.
func examples(local bool) []Share {
	var out []Share
	for i, goods := range []money.Fen{1, 2, 3, 99, 100, 3990, 12345, 99999, 1000001, money.MaxFen} {
		x := Share{Producer: id.Producer(fmt.Sprintf("example-%d", i)), Local: local, Goods: goods}
		if local {
			out = append(out, with(x, goods, 0))
		} else {
			for _, bp := range []int64{0, 1, 1000, 3333, 5000} {
				out = append(out, with(x, goods-goods.Share(bp), goods.Share(bp)))
			}
		}
		x.Agreed = true
		for _, owed := range []money.Fen{1, goods.Share(8000), goods, goods + goods.Share(2000)} {
			if owed > 0 {
				out = append(out, with(x, owed, 0))
			}
		}
	}
	return out
}

func with(x Share, owed, commission money.Fen) Share {
	x.Owed, x.Commission, x.Margin = owed, commission, x.Goods-owed-commission
	return x
}

// Try tells whether a script keeps the promises of its scope: it is run over
// the examples by the path that settles real ones, and nothing is written.
// Faults: promise.script_…; promise.script_breaks with the example and the
// promise that would be broken.
func Try(ctx context.Context, scope Scope, script string) error {
	v := Version{Scope: scope, Script: script}
	switch scope {
	case ForWords:
		if script != "" {
			return fault.New(fault.Invalid, "promise.script_not_wanted").At("script")
		}
		return nil
	case ForLocal, ForOutside:
		for _, x := range examples(scope == ForLocal) {
			if _, err := v.settled(ctx, Sale{Order: "example"}, x); err != nil {
				return breaks(err, "Goods", x.Goods.String(), "Owed", x.Owed.String())
			}
		}
		return nil
	}
	for _, fen := range []money.Fen{1, 2, 3, 99, 10000, 1600000, money.MaxFen} {
		var err error
		switch scope {
		case ForGift:
			_, err = v.gift(ctx, "example", fen, "example")
		case ForProfit:
			_, err = v.profit(ctx, "example", fen)
		case ForHost:
			for _, part := range []money.Fen{0, fen.Share(2000), fen} {
				if err == nil {
					_, err = v.pay(ctx, "example", "costs/wages", "host/example/owed", "agency/example/owed", fen, part)
				}
			}
		default:
			err = fault.New(fault.Invalid, "fault.choice").At("scope")
		}
		if err != nil {
			return breaks(err, "Goods", fen.String(), "Owed", fen.String())
		}
	}
	return nil
}

// breaks tells a drafter with which example a promise would be broken; what is
// wrong with the script itself is told as it is.
func breaks(err error, args ...any) error {
	f := fault.Of(err)
	if f.Kind != fault.Denied {
		return err
	}
	for _, n := range []string{"No", "Words"} {
		if v, ok := f.Args[n]; ok {
			args = append(args, n, v)
		}
	}
	if _, ok := f.Args["No"]; !ok {
		return fault.New(fault.Invalid, "promise.script_unknown", args...).At("script").Because(err)
	}
	return fault.New(fault.Invalid, "promise.script_breaks", args...).At("script").Because(err)
}
