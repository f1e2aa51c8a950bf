package tlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Next is the first index of the log that no leaf has a place at.
func Next(ctx context.Context, q db.Querier) (n int64, err error) {
	return n, q.QueryRow(ctx, `SELECT coalesce(max(seq) + 1, 0) FROM log_leaf WHERE seq IS NOT NULL`).Scan(&n)
}

// Waiting counts the leaves that have no place yet, and tells since when the
// oldest waits (the zero time for none).
func Waiting(ctx context.Context, q db.Querier) (n int64, since time.Time, err error) {
	var us int64
	err = q.QueryRow(ctx, `SELECT count(*), coalesce(min(at_us), 0) FROM log_leaf WHERE seq IS NULL`).Scan(&n, &us)
	return n, clock.FromUs(us), err
}

// Place gives the leaves that wait their places, at most n, in the order of
// their ids, and tells how many it gave. Only the one follower may call it.
func Place(ctx context.Context, d *db.DB, n int) (placed int, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id FROM log_leaf WHERE seq IS NULL ORDER BY id LIMIT $1`, int64(n))
		ids, err := db.Collect(rows, err, func(r *db.Rows, l *ID) error { return r.Scan(l) })
		if err != nil || len(ids) == 0 {
			placed = 0
			return err
		}
		from, err := Next(ctx, tx)
		if err != nil {
			return err
		}
		placed = len(ids)
		return place(ctx, tx, ids, from)
	})
	return placed, err
}

func place(ctx context.Context, tx *db.Tx, ids []ID, from int64) error {
	if tx.Dialect == db.Postgres {
		rows := make([][]any, len(ids))
		for i, l := range ids {
			rows[i] = []any{l, from + int64(i)}
		}
		src, args, err := db.Unnest(rows, 1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE log_leaf SET seq = x.seq FROM `+src+` AS x(id, seq) WHERE log_leaf.id = x.id`, args...)
		return err
	}
	for i, l := range ids {
		if _, err := tx.Exec(ctx, `UPDATE log_leaf SET seq = $2 WHERE id = $1`, l, from+int64(i)); err != nil {
			return err
		}
	}
	return nil
}

// placeNow fixes a leaf at an index, which must be the next one.
func placeNow(ctx context.Context, tx *db.Tx, l Leaf, seq int64) error {
	next, err := Next(ctx, tx)
	if err != nil {
		return err
	}
	if next != seq {
		return fmt.Errorf("tlog: the next place is %d, not %d: somebody else places leaves", next, seq)
	}
	if err := Fix(ctx, tx, l); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE log_leaf SET seq = $2 WHERE ref = $1 AND seq IS NULL`, l.Ref, seq)
	if err == nil && n != 1 {
		err = fmt.Errorf("tlog: %s stands already", l.Ref)
	}
	return err
}

// Placed reads the leaves from an index on, in order, at most n.
func Placed(ctx context.Context, q db.Querier, from int64, n int) ([]Row, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM log_leaf WHERE seq >= $1 ORDER BY seq LIMIT $2`, from, int64(n))
	return db.Collect(rows, err, scan)
}

// AdoptLost writes a row for an entry that stands in the log and that the
// database lost (it was restored from an older copy). Its opening is gone with
// the lost rows; the entry itself can't be taken back.
func AdoptLost(ctx context.Context, tx *db.Tx, seq int64, kind, body string) error {
	next, err := Next(ctx, tx)
	if err != nil {
		return err
	}
	if next != seq {
		return fmt.Errorf("tlog: the next place is %d, not %d", next, seq)
	}
	_, err = tx.Exec(ctx, `INSERT INTO log_leaf (id, ref, kind, body, at_us, seq) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New[ID](), fmt.Sprintf("lost/%d", seq), kind, body, tx.NowUs(), seq)
	return err
}

// Head is the root of the tree at a size.
type Head struct {
	Size int64
	Root string // 64 hex digits
	At   time.Time
}

// WriteHead keeps a root; one of a size that stands already is left as it is.
func WriteHead(ctx context.Context, d *db.DB, size int64, root string) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO log_head (size, root, at_us) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING`, size, root, tx.NowUs())
		return err
	})
}

// Heads are the roots that were kept, the newest first, at most n.
func Heads(ctx context.Context, q db.Querier, n int) ([]Head, error) {
	rows, err := q.Query(ctx, `SELECT size, root, at_us FROM log_head ORDER BY size DESC LIMIT $1`, int64(n))
	return db.Collect(rows, err, func(r *db.Rows, h *Head) error {
		var us int64
		err := r.Scan(&h.Size, &h.Root, &us)
		h.At = clock.FromUs(us)
		return err
	})
}

// Origin is whose log the database's leaves go to: the first line of every
// checkpoint and the verifier key; "" before the first start.
func Origin(ctx context.Context, q db.Querier) (origin, vkey string, err error) {
	err = q.QueryRow(ctx, `SELECT origin, vkey FROM log_origin ORDER BY id DESC LIMIT 1`).Scan(&origin, &vkey)
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return origin, vkey, err
}

// SetOrigin says whose log it is from now on.
func SetOrigin(ctx context.Context, d *db.DB, origin, vkey string) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO log_origin (id, origin, vkey, at_us) VALUES ($1, $2, $3, $4)`, id.New[string](), origin, vkey, tx.NowUs())
		return err
	})
}

// Cosignature is a checkpoint with a witness's signature.
type Cosignature struct {
	Size int64
	Name string // of the witness's key
	Note string
	At   time.Time
}

// WriteCosignature keeps a checkpoint that a witness signed; a second one of
// the same size is left out.
func WriteCosignature(ctx context.Context, d *db.DB, c Cosignature) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO log_cosignature (size, name, note, at_us) VALUES ($1, $2, $3, $4) ON CONFLICT (size, name) DO NOTHING`,
			c.Size, c.Name, c.Note, tx.NowUs())
		return err
	})
}

// Cosignatures are those of checkpoints up to a size, the newest first, at
// most n.
func Cosignatures(ctx context.Context, q db.Querier, upTo int64, n int) ([]Cosignature, error) {
	rows, err := q.Query(ctx, `SELECT size, name, note, at_us FROM log_cosignature WHERE size <= $1 ORDER BY size DESC, name LIMIT $2`, upTo, int64(n))
	return db.Collect(rows, err, func(r *db.Rows, c *Cosignature) error {
		var us int64
		err := r.Scan(&c.Size, &c.Name, &c.Note, &us)
		c.At = clock.FromUs(us)
		return err
	})
}
