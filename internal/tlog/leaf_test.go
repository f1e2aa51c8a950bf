package tlog_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
)

func fix(d *db.DB, leaves ...tlog.Leaf) error {
	return d.Update(context.Background(), func(tx *db.Tx) error { return tlog.Fix(context.Background(), tx, leaves...) })
}

func sale(ref string, fen int64) tlog.Leaf {
	return tlog.Leaf{Kind: "order.paid", Ref: tlog.TxnRef(ref),
		Public:  entry.Sums{Fen: map[string]int64{"local.owed": -fen, "local.pending": fen}},
		Opening: tlog.Txn{Ref: ref, Kind: "order.paid", Day: 20261123, Lines: []tlog.Line{{Path: "producer/local/f/owed", Fen: -fen}, {Path: "producer/local/f/pending", Fen: fen}}}}
}

func TestFixTwiceIsOneLeafThatOpens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 2 {
			if err := fix(d, sale("order/1/paid/f", 300), sale("order/1/paid/g", 400)); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := tlog.ByRef(t.Context(), d, "txn/order/1/")
		if err != nil || len(rows) != 2 {
			t.Fatal(rows, err)
		}
		for _, r := range rows {
			e, err := entry.Parse([]byte(r.Body))
			if err != nil || r.Seq != -1 || !e.Opens(r.Salt, r.Opening) || e.Opens(r.Salt, r.Opening+" ") || e.Opens(entry.NewSalt(), r.Opening) {
				t.Errorf("%+v %v", r, err)
			}
			if strings.Contains(r.Body, "order/") || strings.Contains(r.Body, r.Salt) {
				t.Errorf("the public body tells the order: %s", r.Body)
			}
		}
	})
}

func TestLeavesAreNeverChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := fix(d, sale("order/1/paid/f", 300)); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{
			`UPDATE log_leaf SET body = 'x'`, `UPDATE log_leaf SET seq = 1, salt = 'x'`, `DELETE FROM log_leaf`,
		} {
			if _, err := d.Exec(t.Context(), q); err == nil {
				t.Errorf("%s was allowed", q)
			}
		}
		if n, err := d.Exec(t.Context(), `UPDATE log_leaf SET seq = 0`); n != 1 || err != nil {
			t.Fatal("a place can't be given:", n, err)
		}
		if _, err := d.Exec(t.Context(), `UPDATE log_leaf SET seq = 1`); err == nil {
			t.Error("a place was given twice")
		}
	})
}

func TestFixRefusesWhatIsNoLeaf(t *testing.T) {
	d := dbtest.SQLite(t)
	for name, l := range map[string]tlog.Leaf{
		"no ref":      {Kind: "a", Public: struct{}{}},
		"no kind":     {Ref: "r", Public: struct{}{}},
		"no object":   {Ref: "r", Kind: "a", Public: 1},
		"bad kind":    {Ref: "r", Kind: "A b", Public: struct{}{}},
		"long body":   {Ref: "r", Kind: "a", Public: map[string]string{"x": strings.Repeat("x", entry.MaxBody)}},
		"long hidden": {Ref: "r", Kind: "a", Public: struct{}{}, Opening: strings.Repeat("x", entry.MaxOpening)},
	} {
		if err := fix(d, l); !errors.Is(err, entry.ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
