package fsck

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"lindu.example/lindu/internal/db"
)

const (
	// sealMost is how many transactions a seal takes at most, and sealLeast how
	// many must wait for one: the tail that is added up every minute stays
	// between the two.
	sealMost, sealLeast = 20_000, 1_000
)

// balances adds up every account's postings.
func balances(ctx context.Context, q db.Querier, _ slice, c *Check) error {
	return unequal(ctx, q, c, `SELECT path, 0, fen FROM ledger_posting`)
}

// recentBalances adds up what the newest seal has and what came after it. An
// account that does not agree is added up whole before it is a finding: a
// machine's clock that was put back lets postings slip in behind the seal.
func recentBalances(ctx context.Context, q db.Querier, _ slice, c *Check) error {
	var some Check
	err := unequal(ctx, q, &some, `SELECT path, 0, fen FROM fsck_balance
		UNION ALL SELECT path, 0, fen FROM ledger_posting WHERE txn_id > (SELECT coalesce(max(upto), '') FROM fsck_seal)`)
	if err != nil || len(some.Findings) == 0 {
		return err
	}
	return balances(ctx, q, slice{}, c)
}

// unequal finds accounts whose balance is not the sum of postings, which a
// query gives as (path, 0, fen).
func unequal(ctx context.Context, q db.Querier, c *Check, postings string) error {
	k := check{of: whole, says: "account %s: balance %d, postings %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT path AS what, balance_fen AS a, 0 AS b FROM ledger_account
			UNION ALL ` + postings + `) x
		GROUP BY what HAVING sum(a) <> sum(b)`}
	return k.look(ctx, q, slice{}, c)
}

// stretch is a part of the ledger being read in order.
type stretch struct {
	txns, postings int64
	upTo           string
	sums           map[string]int64
	digest         hash.Hash
}

// read adds the transactions of a slice, at most so many, with their postings.
func (x *stretch) read(ctx context.Context, q db.Querier, s slice, most int) error {
	text, args := s.sql(fmt.Sprintf(`SELECT id, ref, kind, at_us, day, memo FROM ledger_txn WHERE {id} ORDER BY id LIMIT %d`, most))
	rows, err := q.Query(ctx, text, args...)
	err = scan(rows, err, func(r *db.Rows) error {
		var id, ref, kind, memo string
		var us, day int64
		if err := r.Scan(&id, &ref, &kind, &us, &day, &memo); err != nil {
			return err
		}
		x.txns++
		x.upTo = id
		fmt.Fprintf(x.digest, "%q %q %q %d %d %q\n", id, ref, kind, us, day, memo)
		return nil
	})
	if err != nil || x.upTo == "" {
		return err
	}
	if s.list == nil && x.txns == int64(most) {
		s.upTo = x.upTo
	}
	text, args = s.sql(`SELECT txn_id, seq, path, fen FROM ledger_posting WHERE {txn_id} ORDER BY txn_id, seq`)
	rows, err = q.Query(ctx, text, args...)
	return scan(rows, err, func(r *db.Rows) error {
		var id, path string
		var seq, fen int64
		if err := r.Scan(&id, &seq, &path, &fen); err != nil {
			return err
		}
		x.postings++
		x.sums[path] += fen
		fmt.Fprintf(x.digest, "%q %d %q %d\n", id, seq, path, fen)
		return nil
	})
}

func scan(rows *db.Rows, err error, each func(*db.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func newStretch() *stretch { return &stretch{sums: map[string]int64{}, digest: sha256.New()} }

func (x *stretch) hex() string { return hex.EncodeToString(x.digest.Sum(nil)) }

// errBeaten means that another node sealed the same stretch.
var errBeaten = errors.New("fsck: sealed by another")

// seal seals what the ledger has after the newest seal and before an id, when
// it is enough.
func seal(ctx context.Context, d *db.DB, before string, least int64, rest func(context.Context) error) error {
	for {
		var after string
		if err := d.QueryRow(ctx, `SELECT coalesce(max(upto), '') FROM fsck_seal`).Scan(&after); err != nil {
			return err
		}
		var waiting int64
		if err := d.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS x FROM ledger_txn WHERE id > $1 AND id <= $2 LIMIT $3) y`, after, before, least).Scan(&waiting); err != nil {
			return err
		}
		if waiting < least {
			return nil
		}
		x := newStretch()
		if err := x.read(ctx, d, slice{after: after, upTo: before}, sealMost); err != nil {
			return err
		}
		if err := rest(ctx); err != nil {
			return err
		}
		err := d.Update(ctx, func(tx *db.Tx) error { return x.write(ctx, tx, after) })
		if err != nil {
			if errors.Is(err, errBeaten) {
				return nil
			}
			return err
		}
	}
}

// write keeps a seal and moves the sums up to it.
func (x *stretch) write(ctx context.Context, tx *db.Tx, after string) error {
	var newest string
	if tx.Dialect == db.Postgres {
		if _, err := tx.Exec(ctx, `LOCK TABLE fsck_seal IN EXCLUSIVE MODE`); err != nil {
			return err
		}
	}
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(upto), '') FROM fsck_seal`).Scan(&newest); err != nil {
		return err
	}
	if newest != after {
		return errBeaten
	}
	if _, err := tx.Exec(ctx, `INSERT INTO fsck_seal (upto, txns, postings, digest, sealed_us) VALUES ($1, $2, $3, $4, $5)`,
		x.upTo, x.txns, x.postings, x.hex(), tx.NowUs()); err != nil {
		return err
	}
	for path, fen := range x.sums {
		if _, err := tx.Exec(ctx, `INSERT INTO fsck_balance (path, fen) VALUES ($1, $2)
			ON CONFLICT (path) DO UPDATE SET fen = fsck_balance.fen + excluded.fen`, path, fen); err != nil {
			return err
		}
	}
	return nil
}

// sealed reads every sealed stretch again and compares.
func sealed(ctx context.Context, q db.Querier, _ slice, c *Check) error {
	type kept struct {
		upTo           string
		txns, postings int64
		digest         string
	}
	rows, err := q.Query(ctx, `SELECT upto, txns, postings, digest FROM fsck_seal ORDER BY upto`)
	all, err := db.Collect(rows, err, func(r *db.Rows, k *kept) error { return r.Scan(&k.upTo, &k.txns, &k.postings, &k.digest) })
	after := ""
	for _, k := range all {
		if err != nil || c.full() {
			return err
		}
		x := newStretch()
		err = x.read(ctx, q, slice{after: after, upTo: k.upTo}, 2*sealMost)
		if err == nil && (x.hex() != k.digest || x.txns != k.txns || x.postings != k.postings) {
			c.found("ledger up to %s: %d transactions with %d lines were sealed, now %d with %d are there%s",
				k.upTo, k.txns, k.postings, x.txns, x.postings, why(x.txns-k.txns, x.postings-k.postings))
		}
		after = k.upTo
	}
	return err
}

// why says what may have happened behind a seal.
func why(txns, postings int64) string {
	switch {
	case txns > 0:
		return ": slipped in, or written while the machine's clock was put back"
	case txns < 0 || postings != 0:
		return ": some were taken away"
	}
	return ": some were changed"
}
