package order

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// First is the order as its buyer was first told of it, whatever has become of
// it since: what the same key is answered again.
func (o Order) First() Order {
	o.State, o.CloseReason = Unpaid, ""
	o.PaidAt, o.ShippedAt, o.ReceivedAt, o.DoneAt, o.ClosedAt, o.PartAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	o.RefundedFreight = 0
	if !o.FirstExpires.IsZero() {
		o.Expires, o.FirstExpires = o.FirstExpires, time.Time{}
	}
	lines := o.Lines
	o.Lines = make([]Line, len(lines))
	for i, l := range lines {
		l.RefundedUnits, l.Refunded = 0, 0
		o.Lines[i] = l
	}
	return o
}

// Key is what makes an order's request unique.
type Key struct {
	Buyer id.User
	Key   string
}

// KeepKeys is how long a refusal is remembered for its key. A placed order
// keeps its key as long as it is kept itself.
const KeepKeys = 24 * time.Hour

// Refusal is what a key was answered when no order came of it.
type Refusal struct {
	Key   Key
	Hash  string // of the request
	Fault string // JSON, of whoever refused
}

// InsertRefusals remembers refusals. A (buyer, key) that stands already is an
// error that db.IsUnique knows.
func InsertRefusals(ctx context.Context, tx *db.Tx, rs []Refusal) error {
	rows := make([][]any, len(rs))
	for i, r := range rs {
		rows[i] = []any{string(r.Key.Buyer), r.Key.Key, r.Hash, r.Fault, tx.NowUs()}
	}
	if err := tx.Insert(ctx, "order_refusal", []string{"buyer_id", "idem_key", "idem_hash", "fault", "at_us"}, rows); err != nil {
		return fmt.Errorf("order: refusals: %w", err)
	}
	return nil
}

// ByKeys reads what keys were answered with: the orders they made, or their
// refusals.
func ByKeys(ctx context.Context, q db.Querier, keys []Key) (map[Key]Order, map[Key]Refusal, error) {
	made, refused := map[Key]Order{}, map[Key]Refusal{}
	for part := range slices.Chunk(keys, keySizes[len(keySizes)-1]) {
		list, err := answers(ctx, q, part)
		if err != nil {
			return nil, nil, fmt.Errorf("order: by keys: %w", err)
		}
		var ids []id.Order
		for _, a := range list {
			if a.order != "" {
				ids = append(ids, a.order)
			}
			if a.refusal.Hash != "" {
				refused[a.refusal.Key] = a.refusal
			}
		}
		orders, err := ByIDs(ctx, q, ids)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range orders {
			made[Key{o.Buyer, o.IdemKey}] = o
		}
	}
	return made, refused, nil
}

// answer is what one key was answered with.
type answer struct {
	order   id.Order // "" if none
	refusal Refusal  // without Hash if none
}

// answers lists the keys that have one. Hardly any has: each is looked up by
// itself, which writes no list of them anywhere, and no statistics of a table
// that has grown since make PostgreSQL read all of it.
func answers(ctx context.Context, q db.Querier, keys []Key) ([]answer, error) {
	var rows *db.Rows
	var err error
	if db.DialectOf(q) == db.Postgres {
		var buyers, of []string
		for _, k := range keys {
			buyers, of = append(buyers, string(k.Buyer)), append(of, k.Key)
		}
		rows, err = q.Query(ctx, answersPostgres, buyers, of)
	} else {
		// Few texts serve every group: the rest of a list repeats its last key.
		size := keySizes[slices.IndexFunc(keySizes, func(n int) bool { return n >= len(keys) })]
		args := make([]any, 0, 2*size)
		for i := range size {
			k := keys[min(i, len(keys)-1)]
			args = append(args, string(k.Buyer), k.Key)
		}
		rows, err = q.Query(ctx, answersText(size), args...)
	}
	return db.Collect(rows, err, func(r *db.Rows, a *answer) error {
		return r.Scan(&a.refusal.Key.Buyer, &a.refusal.Key.Key, &a.order, &a.refusal.Hash, &a.refusal.Fault)
	})
}

// keySizes are the lengths of list that answers asks SQLite with.
var keySizes = []int{1, 8, 32, 64, 96, 128, 192, 256}

const (
	answersHead = `SELECT k.b, k.i, coalesce(o.id, ''), coalesce(r.idem_hash, ''), coalesce(r.fault, '') FROM `
	answersTail = ` WHERE o.id IS NOT NULL OR r.fault IS NOT NULL`

	answersPostgres = answersHead + `(SELECT DISTINCT b, i FROM unnest($1::text[], $2::text[]) AS u (b, i)) AS k
		LEFT JOIN LATERAL (SELECT id FROM sale_order WHERE buyer_id = k.b AND idem_key = k.i LIMIT 1) AS o ON TRUE
		LEFT JOIN LATERAL (SELECT idem_hash, fault FROM order_refusal WHERE buyer_id = k.b AND idem_key = k.i LIMIT 1) AS r ON TRUE` + answersTail
)

func answersText(n int) string {
	return answersHead + `(SELECT column1 AS b, column2 AS i FROM (VALUES (?,?)` + strings.Repeat(",(?,?)", n-1) + `)) AS k
		LEFT JOIN sale_order AS o ON o.idem_key = k.i AND o.buyer_id = k.b
		LEFT JOIN order_refusal AS r ON r.buyer_id = k.b AND r.idem_key = k.i` + answersTail
}

// Limits of PruneRefusals.
const (
	pruneBatch  = 5000
	mostRefused = 2_000_000 // rows kept, however young: some 400 MB
)

// PruneRefusals forgets refusals older than KeepKeys, a batch at a time, and
// the oldest of too many. It tells how many went; 0 when there is nothing left
// to do.
func PruneRefusals(ctx context.Context, tx *db.Tx) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM order_refusal WHERE (buyer_id, idem_key) IN (
		SELECT buyer_id, idem_key FROM order_refusal WHERE at_us < $1 ORDER BY at_us LIMIT $2)`, clock.Us(tx.Now.Add(-KeepKeys)), pruneBatch)
	if err != nil || n > 0 {
		return n, err
	}
	var have int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM order_refusal`).Scan(&have); err != nil || have <= mostRefused {
		return 0, err
	}
	return tx.Exec(ctx, `DELETE FROM order_refusal WHERE (buyer_id, idem_key) IN (
		SELECT buyer_id, idem_key FROM order_refusal ORDER BY at_us LIMIT $1)`, min(pruneBatch, have-mostRefused))
}

// KeyHolders lists who may send a key again that has an answer other than
// "sold out": who has an order, younger than since, of an item of the show (or
// of a product outside shows), and who was refused for another reason. false
// when they are more than most.
func KeyHolders(ctx context.Context, q db.Querier, s id.Show, it id.Item, p id.Product, since time.Time, soldOut string, most int) ([]id.User, bool, error) {
	rows, err := q.Query(ctx, `
		SELECT o.buyer_id FROM sale_order o JOIN order_line l ON l.order_id = o.id
		WHERE o.show_id = $1 AND o.id > $2 AND l.item_id = $3 AND l.product_id = $4
		UNION SELECT buyer_id FROM order_refusal WHERE at_us > $5 AND fault NOT LIKE $6
		LIMIT $7`, string(s), id.From(since), string(it), string(p), clock.Us(since), "%"+soldOut+"%", most+1)
	list, err := db.Collect(rows, err, func(r *db.Rows, u *id.User) error { return r.Scan(u) })
	return list, len(list) <= most, err
}
