package gift

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// useBatch is how many gifts are read at once while a disbursement is allotted.
const useBatch = 200

// ErrShort means that the gifts that stand don't cover a disbursement: the fund
// and the gifts disagree.
var ErrShort = fmt.Errorf("gift: the gifts given do not cover it")

// Use allots fen of a disbursement to the oldest gifts that are not used up.
// The caller holds the fund's account, so that two can't take the same gift.
func Use(ctx context.Context, tx *db.Tx, d id.Disbursement, fen money.Fen) error {
	for fen > 0 {
		rows, err := tx.Query(ctx, `SELECT id, fen - used_fen FROM gift WHERE state IN ('paid','covered') AND used_fen < fen ORDER BY paid_us, id LIMIT $1`, useBatch)
		free, err := db.Collect(rows, err, func(r *db.Rows, p *Part) error { return r.Scan(&p.Gift, &p.Fen) })
		if err != nil {
			return err
		}
		if len(free) == 0 {
			return fmt.Errorf("%w: %s missing", ErrShort, fen)
		}
		var uses [][]any
		for _, p := range free {
			take := min(p.Fen, fen)
			n, err := tx.Exec(ctx, `UPDATE gift SET used_fen = used_fen + $2 WHERE id = $1 AND used_fen + $2 <= fen AND state IN ('paid','covered')`, p.Gift, take)
			if err != nil {
				return err
			}
			if n == 0 { // given back meanwhile: look again
				continue
			}
			uses = append(uses, []any{id.New[string](), p.Gift, d, take, tx.NowUs()})
			if fen -= take; fen == 0 {
				break
			}
		}
		if err := tx.Insert(ctx, "gift_use", []string{"id", "gift_id", "disbursement_id", "fen", "at_us"}, uses); err != nil {
			return err
		}
	}
	return nil
}

// Part of a gift in a disbursement.
type Part struct {
	Gift         id.Gift
	Disbursement id.Disbursement
	Fen          money.Fen
}

// Uses lists what a gift paid for: its part in each disbursement.
func Uses(ctx context.Context, q db.Querier, g id.Gift) ([]Part, error) {
	rows, err := q.Query(ctx, `
		SELECT gift_id, disbursement_id, CAST(sum(fen) AS BIGINT) FROM gift_use WHERE gift_id = $1
		GROUP BY gift_id, disbursement_id HAVING sum(fen) <> 0 ORDER BY disbursement_id`, g)
	return db.Collect(rows, err, func(r *db.Rows, p *Part) error { return r.Scan(&p.Gift, &p.Disbursement, &p.Fen) })
}

// Free takes a gift out of the disbursements it paid for and allots their parts
// to other gifts, before it is refunded. ErrShort when no other gift is left.
func Free(ctx context.Context, tx *db.Tx, g id.Gift) error {
	parts, err := Uses(ctx, tx, g)
	if err != nil || len(parts) == 0 {
		return err
	}
	for _, p := range parts {
		if _, err := tx.Exec(ctx, `INSERT INTO gift_use (id, gift_id, disbursement_id, fen, at_us) VALUES ($1, $2, $3, $4, $5)`,
			id.New[string](), g, p.Disbursement, -p.Fen, tx.NowUs()); err != nil {
			return err
		}
	}
	// Still counted as used up, so that its own parts don't come back to it.
	if _, err := tx.Exec(ctx, `UPDATE gift SET used_fen = fen WHERE id = $1`, g); err != nil {
		return err
	}
	for _, p := range parts {
		if err := Use(ctx, tx, p.Disbursement, p.Fen); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE gift SET used_fen = 0 WHERE id = $1`, g)
	return err
}

// Givers counts the gifts that paid for a disbursement: a number, no names.
func Givers(ctx context.Context, q db.Querier, d id.Disbursement) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM (SELECT gift_id FROM gift_use WHERE disbursement_id = $1 GROUP BY gift_id HAVING sum(fen) <> 0) u`, d).Scan(&n)
	return n, err
}
