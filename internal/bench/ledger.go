package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Ledger is `lindu bench ledger`: the engine posts groups of transactions, and
// beside it, in turns, the same rows are inserted bare; then the public log is
// filled and verified.
type Ledger struct {
	JSON    bool          `name:"json" help:"Print one line of JSON."`
	DB      string        `name:"db" help:"postgres://… instead of SQLite; its tables are made there and stay." placeholder:"DSN"`
	Seconds time.Duration `name:"for" help:"How long each of the two is measured." default:"5s"`
	Group   int           `help:"Transactions a database transaction." default:"256"`
	Rounds  int           `help:"Turns the two take." default:"5"`
	Entries int64         `help:"Entries of the log that is verified; 0 leaves the log out." default:"1000000"`
}

// LedgerResult is what it prints.
type LedgerResult struct {
	DB           string  `json:"db"`
	PostingsPerS float64 `json:"postings_per_s"`     // lines the engine booked: balances, limits, refs, triggers
	BarePerS     float64 `json:"bare_inserts_per_s"` // the same rows into tables of the same form
	Ratio        float64 `json:"ratio"`
	LogResult
}

// benchLines is how many lines a transaction has: a sale that is paid.
const benchLines = 3

// Run measures and prints.
func (l *Ledger) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "lindu-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	dsn := l.DB
	if dsn == "" {
		dsn = filepath.Join(dir, "ledger.db")
	}
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := app.Migrate(ctx, d); err != nil {
		return err
	}
	res := LedgerResult{DB: string(d.Dialect)}
	if err := l.postings(ctx, d, &res); err != nil {
		return fmt.Errorf("bench: postings: %w", err)
	}
	if l.Entries > 0 {
		if res.LogResult, err = benchLog(ctx, dir, l.Entries); err != nil {
			return fmt.Errorf("bench: log: %w", err)
		}
	}
	return l.print(res)
}

// postings lets the engine and the bare inserts take turns, so that both see
// the same machine.
func (l *Ledger) postings(ctx context.Context, d *db.DB, res *LedgerResult) error {
	for _, q := range []string{`DROP TABLE IF EXISTS bench_posting`, `DROP TABLE IF EXISTS bench_txn`,
		`CREATE TABLE bench_txn (id TEXT PRIMARY KEY, ref TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, at_us BIGINT NOT NULL, day BIGINT NOT NULL, memo TEXT NOT NULL)`,
		`CREATE TABLE bench_posting (txn_id TEXT NOT NULL REFERENCES bench_txn (id), seq BIGINT NOT NULL, path TEXT NOT NULL, fen BIGINT NOT NULL, PRIMARY KEY (txn_id, seq))`,
		`CREATE INDEX bench_posting_path ON bench_posting (path, txn_id)`} {
		if _, err := d.Exec(ctx, q); err != nil {
			return err
		}
	}
	turn := l.Seconds / time.Duration(max(l.Rounds, 1))
	var booked, bare int64
	var bookedFor, bareFor time.Duration
	for range max(l.Rounds, 1) {
		for _, x := range []struct {
			n     *int64
			took  *time.Duration
			write func(context.Context, *db.Tx, []ledger.Txn) error
		}{{&booked, &bookedFor, book}, {&bare, &bareFor, insertBare}} {
			n, took, err := l.turn(ctx, d, turn, x.write)
			if err != nil {
				return err
			}
			*x.n += n
			*x.took += took
		}
	}
	res.PostingsPerS = round(float64(booked)/bookedFor.Seconds(), 0)
	res.BarePerS = round(float64(bare)/bareFor.Seconds(), 0)
	res.Ratio = round(res.PostingsPerS/res.BarePerS, 3)
	return nil
}

// turn writes group after group, each in one durable transaction, for a time.
func (l *Ledger) turn(ctx context.Context, d *db.DB, for_ time.Duration, write func(context.Context, *db.Tx, []ledger.Txn) error) (n int64, took time.Duration, err error) {
	start := time.Now()
	for took < for_ {
		txns := sales(l.Group)
		if err := d.Update(ctx, func(tx *db.Tx) error { return write(ctx, tx, txns) }); err != nil {
			return 0, 0, err
		}
		n += int64(len(txns) * benchLines)
		took = time.Since(start)
	}
	return n, took, nil
}

func book(ctx context.Context, tx *db.Tx, txns []ledger.Txn) error {
	_, err := ledger.Post(ctx, tx, txns...)
	return err
}

// insertBare writes what ledger.Post writes, by the same statements, with no
// check and no balance.
func insertBare(ctx context.Context, tx *db.Tx, txns []ledger.Txn) error {
	heads, lines := make([][]any, len(txns)), make([][]any, 0, len(txns)*benchLines)
	for i, t := range txns {
		n := id.New[id.Txn]()
		heads[i] = []any{n, t.Ref, t.Kind, tx.NowUs(), int64(clock.DayOf(tx.Now)), t.Memo}
		for seq, x := range t.Lines {
			lines = append(lines, []any{n, seq, x.Path, int64(x.Fen)})
		}
	}
	if err := tx.Insert(ctx, "bench_txn", []string{"id", "ref", "kind", "at_us", "day", "memo"}, heads); err != nil {
		return err
	}
	return tx.Insert(ctx, "bench_posting", []string{"txn_id", "seq", "path", "fen"}, lines)
}

// sales are transactions as a paid order makes them: each to one of a hundred
// producers, with the centre's margin.
func sales(n int) []ledger.Txn {
	out := make([]ledger.Txn, n)
	for i := range out {
		order := id.New[id.Order]()
		producer := "producer/local/" + fmt.Sprintf("%032d", i%100)
		goods := money.Fen(1000 + i)
		out[i] = ledger.Txn{Ref: "order/" + string(order) + "/placed/" + fmt.Sprintf("%032d", i%100), Kind: "bench", Lines: []ledger.Line{
			{Path: producer + "/pending", Kind: ledger.Liability, Fen: -goods + 100},
			{Path: "trade/pending/local", Kind: ledger.Liability, Fen: -100},
			{Path: "buyers/receivable", Kind: ledger.Asset, Fen: goods},
		}}
	}
	return out
}

func (l *Ledger) print(res LedgerResult) error {
	if l.JSON {
		return json.NewEncoder(os.Stdout).Encode(res)
	}
	fmt.Printf("%s: %.0f postings/s, bare inserts %.0f/s, ratio %.2f\n", res.DB, res.PostingsPerS, res.BarePerS, res.Ratio)
	if l.Entries > 0 {
		fmt.Printf("log: %.0f entries/s; a million verified in %.1f s; a proof has %.0f bytes and is checked in %.1f µs\n",
			res.LogPerS, res.VerifyMillionS, res.ProofBytes, res.ProofUs)
	}
	return nil
}
