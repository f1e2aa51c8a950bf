package aftersale

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Check tells what is wrong with a case that is to be opened, one fault a field.
func (c *Case) Check() error {
	c.Words = strings.TrimSpace(c.Words)
	var bad []*fault.Error
	if c.Key == "" || len(c.Key) > 64 {
		bad = append(bad, fault.New(fault.Invalid, "fault.form").At("key"))
	}
	if len(c.Lines) == 0 {
		bad = append(bad, fault.New(fault.Invalid, "aftersale.no_line").At("lines"))
	}
	if n := utf8.RuneCountInString(c.Words); n > maxWords {
		bad = append(bad, fault.New(fault.Invalid, "fault.too_long", "Max", maxWords).At("words"))
	} else if n == 0 && c.Reason == Other {
		bad = append(bad, fault.New(fault.Invalid, "aftersale.say_why").At("words"))
	}
	if len(c.Photos) > MaxPhotos {
		bad = append(bad, fault.New(fault.Invalid, "aftersale.photos", "Max", MaxPhotos).At("photos"))
	}
	return fault.Join(bad...)
}

// Open writes a new case. The caller has locked its order. Faults:
// aftersale.open when a line has an open case, aftersale.many.
func Open(ctx context.Context, tx *db.Tx, who actor.Actor, c *Case) error {
	if err := c.Check(); err != nil {
		return err
	}
	var n, open int64
	args := []any{c.Order}
	for _, l := range c.Lines {
		args = append(args, l.Line)
	}
	err := tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM after_sale WHERE order_id = $1),
			(SELECT count(*) FROM after_sale_line WHERE order_id = $1 AND open AND line_id IN (`+db.In(2, len(c.Lines))+`))`, args...).Scan(&n, &open)
	switch {
	case err != nil:
		return err
	case open > 0:
		return fault.New(fault.Conflict, "aftersale.open")
	case n >= MaxCases:
		return fault.New(fault.Conflict, "aftersale.many", "Max", MaxCases)
	}
	c.AskedBy, c.Asked = who.User, tx.Now
	if _, err := tx.Exec(ctx, `
		INSERT INTO after_sale (id, order_id, buyer_id, kind, state, reason, words, freight_fen, bearer, carrier, asked_by, asked_us, idem_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		c.ID, c.Order, c.Buyer, string(c.Kind), string(c.State), c.Reason, c.Words, c.Freight, c.Bearer, c.Carrier, c.AskedBy, tx.NowUs(), c.Key); err != nil {
		return fmt.Errorf("aftersale: open: %w", err)
	}
	if err := insertLines(ctx, tx, *c); err != nil {
		return err
	}
	if err := insertPhotos(ctx, tx, *c); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "aftersale.ask", "order", c.Order,
		map[string]any{"case": c.ID, "kind": c.Kind, "reason": c.Reason, "fen": c.Sum(), "photos": len(c.Photos)})
}

func insertLines(ctx context.Context, tx *db.Tx, c Case) error {
	rows := make([][]any, len(c.Lines))
	for i, l := range c.Lines {
		rows[i] = []any{c.ID, l.Line, c.Order, l.Units, l.Share, int64(l.Fen), c.State.Open()}
	}
	return tx.Insert(ctx, "after_sale_line", []string{"case_id", "line_id", "order_id", "units", "share_bp", "fen", "open"}, rows)
}

func insertPhotos(ctx context.Context, tx *db.Tx, c Case) error {
	if len(c.Photos) == 0 {
		return nil
	}
	rows := make([][]any, len(c.Photos))
	for i, p := range c.Photos {
		sizes, err := json.Marshal(p.Sizes)
		if err != nil {
			return err
		}
		rows[i] = []any{p.ID, c.ID, i, p.Width, p.Height, string(sizes)}
	}
	return tx.Insert(ctx, "after_sale_photo", []string{"id", "case_id", "pos", "width", "height", "sizes"}, rows)
}

// Decision is what service says of a case.
type Decision struct {
	Bearer  string
	Carrier string
	Freight money.Fen
	Note    string // what the buyer is told
}

// CheckNote cleans a note for the buyer; required tells whether it may be empty.
func CheckNote(note string, required bool) (string, *fault.Error) {
	note = strings.TrimSpace(note)
	switch n := utf8.RuneCountInString(note); {
	case n > maxNote:
		return note, fault.New(fault.Invalid, "fault.too_long", "Max", maxNote).At("note")
	case n == 0 && required:
		return note, fault.New(fault.Invalid, "aftersale.say_note").At("note")
	}
	return note, nil
}

// Decide keeps what service decided of an open case, with the amounts granted.
func Decide(ctx context.Context, tx *db.Tx, who actor.Actor, c Case, d Decision) error {
	_, err := tx.Exec(ctx, `
		UPDATE after_sale SET bearer = $2, carrier = $3, freight_fen = $4, note = $5, handled_by = $6, decided_us = $7
		WHERE id = $1 AND state IN ('requested','approved','back')`,
		c.ID, d.Bearer, d.Carrier, d.Freight, d.Note, who.User, tx.NowUs())
	for _, l := range c.Lines {
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE after_sale_line SET fen = $3, units = $4 WHERE case_id = $1 AND line_id = $2`, c.ID, l.Line, l.Fen, l.Units)
		}
	}
	return err
}

// Move takes a case from one state to another and reports whether it did:
// false when it is not in from any more. An end closes its lines.
func Move(ctx context.Context, tx *db.Tx, who actor.Actor, c Case, from, to State) (bool, error) {
	done := int64(0)
	if !to.Open() {
		done = tx.NowUs()
	}
	n, err := tx.Exec(ctx, `UPDATE after_sale SET state = $3, done_us = $4 WHERE id = $1 AND state = $2`, c.ID, string(from), string(to), done)
	if err != nil || n == 0 {
		return false, err
	}
	return true, finish(ctx, tx, who, c, to, map[string]any{"case": c.ID, "from": from})
}

// Done notes that a case was refunded, with the refund.
func Done(ctx context.Context, tx *db.Tx, who actor.Actor, c Case, from State, refund id.Refund) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE after_sale SET state = 'refunded', refund_id = $3, done_us = $4 WHERE id = $1 AND state = $2`,
		c.ID, string(from), refund, tx.NowUs())
	if err != nil || n == 0 {
		return false, err
	}
	return true, finish(ctx, tx, who, c, Refunded, map[string]any{"case": c.ID, "refund": refund})
}

func finish(ctx context.Context, tx *db.Tx, who actor.Actor, c Case, to State, detail map[string]any) error {
	if !to.Open() {
		if _, err := tx.Exec(ctx, `UPDATE after_sale_line SET open = FALSE WHERE case_id = $1`, c.ID); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who, "aftersale."+string(to), "order", c.Order, detail)
}

// Lock reads a case and keeps others from changing it until tx ends.
func Lock(ctx context.Context, tx *db.Tx, c id.Case) (Case, error) {
	if _, err := tx.Exec(ctx, `UPDATE after_sale SET state = state WHERE id = $1`, c); err != nil {
		return Case{}, err
	}
	return ByID(ctx, tx, c)
}

// SetParcel keeps how the buyer sends an approved return back.
func SetParcel(ctx context.Context, tx *db.Tx, who actor.Actor, c Case, parcel string) error {
	parcel = strings.TrimSpace(parcel)
	if parcel == "" {
		return fault.New(fault.Invalid, "fault.required").At("parcel")
	} else if utf8.RuneCountInString(parcel) > maxParcel {
		return fault.New(fault.Invalid, "fault.too_long", "Max", maxParcel).At("parcel")
	}
	n, err := tx.Exec(ctx, `UPDATE after_sale SET parcel = $2 WHERE id = $1 AND state = 'approved'`, c.ID, parcel)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "aftersale.moved_on")
	}
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "aftersale.parcel", "order", c.Order, map[string]any{"case": c.ID})
}

// SetGoods keeps in what state the goods came back.
func SetGoods(ctx context.Context, tx *db.Tx, who actor.Actor, c Case, goods string) error {
	_, err := tx.Exec(ctx, `UPDATE after_sale SET goods = $2, goods_by = $3, goods_us = $4 WHERE id = $1 AND state = 'approved'`, c.ID, goods, who.User, tx.NowUs())
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "aftersale.goods", "order", c.Order, map[string]any{"case": c.ID, "goods": goods})
}

// Record keeps what a refund was for.
func Record(ctx context.Context, tx *db.Tx, p Part) error {
	if _, err := tx.Exec(ctx, `
		INSERT INTO refund_part (refund_id, order_id, case_id, goods_fen, freight_fen, discount_fen, bearer, carrier, reason, whole, by_id, at_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		p.Refund, p.Order, p.Case, p.Goods, p.Freight, p.Discount, p.Bearer, p.Carrier, p.Reason, p.Whole, p.By, tx.NowUs()); err != nil {
		return fmt.Errorf("aftersale: record: %w", err)
	}
	rows := make([][]any, len(p.Shares))
	for i, s := range p.Shares {
		rows[i] = []any{p.Refund, s.Reservation, p.Order, s.Line, s.Lot, s.Producer, s.Local, s.Settlement, s.Units,
			int64(s.Goods), int64(s.Commission), int64(s.Owed), int64(s.Margin), p.Bearer, tx.NowUs()}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Insert(ctx, "refund_share", []string{"refund_id", "reservation_id", "order_id", "line_id", "lot_id", "producer_id", "local", "settlement", "units",
		"goods_fen", "commission_fen", "owed_fen", "margin_fen", "bearer", "at_us"}, rows)
}

// Overdue lists approved returns whose parcel never came, the oldest first.
func Overdue(ctx context.Context, q db.Querier, now time.Time, limit int) ([]id.Case, error) {
	rows, err := q.Query(ctx, `
		SELECT id FROM after_sale WHERE state = 'approved' AND decided_us < $1 ORDER BY decided_us, id LIMIT $2`, clock.Us(now.Add(-ReturnWithin)), limit)
	return db.Collect(rows, err, func(r *db.Rows, c *id.Case) error { return r.Scan(c) })
}
