package fsck

import (
	"context"
	"fmt"
	"slices"

	"lindu.example/lindu/internal/db"
)

// check is one invariant. To add one: a line in statements.go (or a function
// here), its name in locales/*/fsck.json, and rows that break it in
// corruption_test.go. The full run, the run over what changed, the command,
// the status page and the metrics all take it from this list.
type check struct {
	name string // message key
	of   object
	// says puts a row of wrong into words: what, is, should be.
	says string
	// wrong gives a row (what, is, should be) for everything that is wrong;
	// what begins with the object's id. {o.id} stands for "o.id is one of those
	// looked at" and must narrow every table that can grow.
	wrong string
	// by is a check that one query can't make; then says and wrong are empty.
	by func(ctx context.Context, q db.Querier, s slice, c *Check) error
	// counts is the table whose rows a whole check looks at.
	counts string
	// recent replaces by in a run over what changed.
	recent func(ctx context.Context, q db.Querier, s slice, c *Check) error
	// only is the database that has such records; "" for both.
	only db.Dialect
	// fullOnly: a whole check that reads everything there ever was.
	fullOnly bool
}

// checks are all there is to check.
var checks = slices.Concat(statements, refunds, gifts, selling, settlement, publog, []check{
	{name: "fsck.promises", of: txns, by: promises},
	{name: "fsck.days", of: txns, by: days},
	{name: "fsck.books", of: orders, by: books},
	{name: "fsck.placed", of: orders, by: placedTogether},
	{name: "fsck.refund_books", of: orders, by: refundBooks},
	{name: "fsck.balances", of: whole, counts: "ledger_account", by: balances, recent: recentBalances},
	{name: "fsck.sealed", of: whole, counts: "fsck_seal", fullOnly: true, by: sealed},
})

// here tells whether this database has what the check is about.
func (k check) here(q db.Querier) bool { return k.only == "" || k.only == db.DialectOf(q) }

// look makes a check of a slice.
func (k check) look(ctx context.Context, q db.Querier, s slice, c *Check) error {
	if c.full() {
		return nil
	}
	if k.by != nil {
		return k.by(ctx, q, s, c)
	}
	text, args := k.wrong, []any(nil)
	if k.of != whole {
		text, args = s.sql(text)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("%s ORDER BY 1 LIMIT %d", text, MaxFindings), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var what string
		var is, want int64
		if err := rows.Scan(&what, &is, &want); err != nil {
			return err
		}
		c.about(idOf(what))
		c.found(k.says, what, is, want)
	}
	return rows.Err()
}

// about notes which object the next finding is about.
func (c *Check) about(object string) {
	if object != "" && !c.full() && !slices.Contains(c.Objects, object) {
		c.Objects = append(c.Objects, object)
	}
}

// Run recomputes every invariant from the records. An error means that the
// records could not be read, not that they are wrong.
func Run(ctx context.Context, q db.Querier) (Report, error) { return run(ctx, q, nil) }

// Full is Run for a server: with a pause after each statement, and saved.
func Full(ctx context.Context, d *db.DB) (Report, error) {
	rep, err := run(ctx, d, pauses())
	if err != nil {
		return rep, err
	}
	return rep, d.Update(ctx, func(tx *db.Tx) error { return Save(ctx, tx, rep) })
}

// run is Run that calls rest between two statements.
func run(ctx context.Context, q db.Querier, rest func(context.Context) error) (Report, error) {
	began := now()
	found := make([]Check, len(checks))
	for _, o := range []object{orders, lots, items, txns, whole} {
		if err := runObject(ctx, q, o, found, rest); err != nil {
			return Report{}, err
		}
	}
	found = slices.DeleteFunc(found, func(c Check) bool { return c.Name == "" }) // of the other database
	return Report{Checks: found, Took: now().Sub(began)}, nil
}

// runObject makes all checks of one kind of object, a page at a time.
func runObject(ctx context.Context, q db.Querier, o object, found []Check, rest func(context.Context) error) error {
	for after, more := "", true; more; {
		var s slice
		var n int64
		var err error
		if more = false; o != whole {
			if s, n, more, err = next(ctx, q, o, after); err != nil {
				return fmt.Errorf("fsck: %s: %w", o, err)
			}
		}
		for i, k := range checks {
			if k.of != o || !k.here(q) {
				continue
			}
			found[i].Name = k.name
			if o == whole {
				n, err = k.count(ctx, q)
			}
			if err == nil {
				err = k.look(ctx, q, s, &found[i])
			}
			if err == nil && rest != nil {
				err = rest(ctx)
			}
			if err != nil {
				return fmt.Errorf("fsck: %s: %w", k.name, err)
			}
			found[i].Rows += n
		}
		after = s.upTo
	}
	return nil
}

func (k check) count(ctx context.Context, q db.Querier) (n int64, err error) {
	return n, q.QueryRow(ctx, `SELECT count(*) FROM `+k.counts).Scan(&n)
}
