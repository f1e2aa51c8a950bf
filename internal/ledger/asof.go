package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/money"
)

// Today as a date of balances: everything there is.
const Today clock.Day = 0

// BalanceAt is an account's balance at the end of a day; Today: now.
func BalanceAt(ctx context.Context, q db.Querier, path string, day clock.Day) (money.Fen, error) {
	if day == Today {
		return Balance(ctx, q, path)
	}
	f, err := at(ctx, q, `= $1`, []any{path}, day)
	return f[path], err
}

// SubtreeAt adds up an account and all below it at the end of a day; Today: now.
func SubtreeAt(ctx context.Context, q db.Querier, path string, day clock.Day) (money.Fen, error) {
	all, err := BalancesAt(ctx, q, path, day)
	var sum money.Fen
	for _, f := range all {
		sum += f
	}
	return sum, err
}

// BalancesAt are the balances of an account and of all below it ("": of all)
// at the end of a day; Today: now.
func BalancesAt(ctx context.Context, q db.Querier, path string, day clock.Day) (map[string]money.Fen, error) {
	if day != Today {
		cond, args := below(path)
		return at(ctx, q, cond, args, day)
	}
	cond, args := below(path)
	rows, err := q.Query(ctx, `SELECT path, balance_fen FROM ledger_account WHERE path `+strings.ReplaceAll(cond, "PATH", "path")+` ORDER BY path`, args...)
	return sums(rows, err)
}

// below is a condition on a path: the account itself and what is under it, as
// ranges of an index. "0" is the character after "/".
func below(path string) (string, []any) {
	if path == "" {
		return `>= $1`, []any{""}
	}
	return `= $1 OR PATH > $2 AND PATH < $3`, []any{path, path + "/", path + "0"}
}

// at adds up the days that are kept and, of what came after them, the days
// wanted: in one statement, so that the two fit.
func at(ctx context.Context, q db.Querier, cond string, args []any, day clock.Day) (map[string]money.Fen, error) {
	n := len(args) + 1
	on := func(table string) string {
		return "(" + table + "path " + strings.ReplaceAll(cond, "PATH", table+"path") + ")"
	}
	rows, err := q.Query(ctx, fmt.Sprintf(`
		SELECT path, CAST(sum(fen) AS BIGINT) FROM (
			SELECT d.path, d.fen FROM ledger_day d WHERE %s AND d.day <= $%d
			UNION ALL SELECT p.path, p.fen FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
				WHERE %s AND p.txn_id > (SELECT upto FROM ledger_day_mark WHERE one = 1) AND t.day <= $%d) x
		GROUP BY path ORDER BY path`, on("d."), n, on("p."), n), append(args, int64(day))...)
	return sums(rows, err)
}

func sums(rows *db.Rows, err error) (map[string]money.Fen, error) {
	type account struct {
		path string
		fen  money.Fen
	}
	list, err := db.Collect(rows, err, func(r *db.Rows, a *account) error { return r.Scan(&a.path, &a.fen) })
	out := make(map[string]money.Fen, len(list))
	for _, a := range list {
		out[a.path] = a.fen
	}
	return out, err
}

// Node of the tree of accounts.
type Node struct {
	Path  string
	Depth int
	Open  bool      // an account of its own, and not only the name above some
	Kind  Kind      // "" if it is none
	Own   money.Fen // of the account itself
	Sum   money.Fen // with all below it
}

// Tree lists an account and all below it ("": all) at the end of a day
// (Today: now), parents before children, in the order of their paths.
func Tree(ctx context.Context, q db.Querier, path string, day clock.Day) ([]Node, error) {
	own, err := BalancesAt(ctx, q, path, day)
	if err != nil {
		return nil, err
	}
	cond, args := below(path)
	rows, err := q.Query(ctx, `SELECT path, kind FROM ledger_account WHERE path `+strings.ReplaceAll(cond, "PATH", "path")+` ORDER BY path`, args...)
	open, err := db.Collect(rows, err, func(r *db.Rows, n *Node) error { return r.Scan(&n.Path, &n.Kind) })
	if err != nil {
		return nil, err
	}
	nodes := map[string]*Node{}
	for _, n := range open {
		for p := n.Path; p != "" && len(p) >= len(path); p = parent(p) {
			if nodes[p] == nil {
				nodes[p] = &Node{Path: p, Depth: strings.Count(p, "/")}
			}
			nodes[p].Sum += own[n.Path]
		}
		nodes[n.Path].Open, nodes[n.Path].Kind, nodes[n.Path].Own = true, n.Kind, own[n.Path]
	}
	out := make([]Node, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, *n)
	}
	// "/" sorts before every letter, so that a parent's children follow it.
	slices.SortFunc(out, func(a, b Node) int {
		return slices.Compare(strings.Split(a.Path, "/"), strings.Split(b.Path, "/"))
	})
	return out, nil
}

// parent is the path above one, "" above the top.
func parent(p string) string { return p[:max(strings.LastIndexByte(p, '/'), 0)] }

const (
	// dayBatch is how many transactions one step of KeepDays takes.
	dayBatch = 5000
	// settled is how old an id must be before the days take it: an id is made
	// before its transaction commits, and none of ours lives this long.
	settled = 2 * time.Minute
)

// KeepDays adds what was posted since the last time to the days that make
// balances of a date cheap. It stops short of the newest two minutes and may
// run at any time, also twice at once.
func KeepDays(ctx context.Context, d *db.DB) error {
	return keepDays(ctx, d, idAt(time.Now().Add(-settled))) //nolint:forbidigo // ids come from the machine's clock
}

// idAt is an id that sorts before all that are made from t on (UUIDv7: it
// begins with 48 bits of milliseconds).
func idAt(t time.Time) string {
	ms := uint64(t.UnixMilli())
	return hex.EncodeToString([]byte{byte(ms >> 40), byte(ms >> 32), byte(ms >> 24), byte(ms >> 16), byte(ms >> 8), byte(ms)})
}

func keepDays(ctx context.Context, d *db.DB, before string) error {
	for more := true; more; {
		err := d.Update(ctx, func(tx *db.Tx) (err error) {
			more, err = keepSome(ctx, tx, before)
			return err
		})
		if err != nil {
			return fmt.Errorf("ledger: days: %w", err)
		}
	}
	return nil
}

// keepSome takes a batch and tells whether there may be more.
func keepSome(ctx context.Context, tx *db.Tx, before string) (bool, error) {
	// The mark's row is locked first: of two at once the second goes on where
	// the first ended.
	var from string
	if err := tx.QueryRow(ctx, `UPDATE ledger_day_mark SET upto = upto WHERE one = 1 RETURNING upto`).Scan(&from); err != nil {
		return false, err
	}
	var n int64
	var upTo string
	if err := tx.QueryRow(ctx, `
		SELECT count(*), coalesce(max(id), '') FROM (SELECT id FROM ledger_txn WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3) x`,
		from, before, dayBatch).Scan(&n, &upTo); err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO ledger_day (path, day, fen)
		SELECT p.path, t.day, CAST(sum(p.fen) AS BIGINT) FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
		WHERE p.txn_id > $1 AND p.txn_id <= $2 GROUP BY p.path, t.day ORDER BY p.path, t.day
		ON CONFLICT (path, day) DO UPDATE SET fen = ledger_day.fen + excluded.fen`, from, upTo); err != nil {
		return false, err
	}
	_, err := tx.Exec(ctx, `UPDATE ledger_day_mark SET upto = $1 WHERE one = 1`, upTo)
	return n == dayBatch, err
}

// RemakeDays makes the days again from the postings: after fsck found that
// they don't agree.
func RemakeDays(ctx context.Context, d *db.DB) error {
	if err := d.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE ledger_day_mark SET upto = '' WHERE one = 1`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM ledger_day`)
		return err
	}); err != nil {
		return err
	}
	return KeepDays(ctx, d)
}
