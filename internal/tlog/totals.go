package tlog

import (
	"context"
	"encoding/json"
	"fmt"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/tlog/entry"
)

const totalsPage = 1000

// AddTotals adds, once a day, an entry that sums up those since the last one,
// and tells whether it did. Only the one follower may call it.
func AddTotals(ctx context.Context, d *db.DB) (bool, error) {
	last, next, err := lastTotals(ctx, d)
	if err != nil || next == last.Seq+1 {
		return false, err // nothing came since
	}
	since := last.At
	if last.Seq < 0 {
		first, err := Placed(ctx, d, 0, 1)
		if err != nil || len(first) == 0 {
			return false, err
		}
		since = first[0].At
	}
	today := clock.DayOf(d.Clock.Now())
	if clock.DayOf(since) >= today {
		return false, nil
	}
	sum, err := sumUp(ctx, d, last, next)
	if err != nil {
		return false, err
	}
	l := Leaf{Kind: entry.KindTotals, Ref: fmt.Sprintf("totals/%012d", next), Day: today, Public: sum.Totals(next)}
	err = d.Update(ctx, func(tx *db.Tx) error { return placeNow(ctx, tx, l, next) })
	return err == nil, err
}

// lastTotals is the newest entry of sums (Seq -1 for none), and the next index.
func lastTotals(ctx context.Context, q db.Querier) (Row, int64, error) {
	next, err := Next(ctx, q)
	if err != nil {
		return Row{}, 0, err
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM log_leaf WHERE ref >= 'totals/' AND ref < 'totals/~' ORDER BY ref DESC LIMIT 1`)
	list, err := db.Collect(rows, err, scan)
	if err != nil || len(list) == 0 {
		return Row{Seq: -1}, next, err
	}
	return list[0], next, nil
}

// sumUp adds up the entries before next that last does not cover.
func sumUp(ctx context.Context, q db.Querier, last Row, next int64) (*entry.Summing, error) {
	sum := entry.NewSumming()
	from := int64(0)
	if last.Seq >= 0 {
		// Hidden sums may reach back behind the last totals.
		e, err := entry.Parse([]byte(last.Body))
		if err != nil {
			return nil, err
		}
		t, err := e.ReadTotals()
		if err != nil {
			return nil, err
		}
		from = last.Seq
		for _, h := range t.Hidden {
			if h.Count < entry.MinHidden {
				from = min(from, h.From)
			}
		}
	}
	return sum, addFrom(ctx, q, sum, from, next)
}

func addFrom(ctx context.Context, q db.Querier, sum *entry.Summing, from, next int64) error {
	sum.From = from
	for from < next {
		rows, err := Placed(ctx, q, from, totalsPage)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fmt.Errorf("tlog: no leaf has the place %d", from)
		}
		for _, r := range rows {
			if r.Seq >= next {
				return nil
			}
			e, err := entry.Parse([]byte(r.Body))
			if err != nil {
				return fmt.Errorf("tlog: leaf %s: %w", r.ID, err)
			}
			if err := sum.Add(e, hiddenSums(r)); err != nil {
				return err
			}
			from = r.Seq + 1
		}
	}
	return nil
}

// hiddenSums are the sums by class that an opening tells.
func hiddenSums(r Row) map[string]int64 {
	var o struct {
		Fen map[string]int64 `json:"fen"`
	}
	if r.Opening == "" || json.Unmarshal([]byte(r.Opening), &o) != nil {
		return nil
	}
	return o.Fen
}
