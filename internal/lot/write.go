package lot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// New describes a lot to be opened.
type New struct {
	Product     id.Product
	Producer    id.Producer
	Grade       string
	Harvest     clock.Day
	BestBefore  clock.Day
	Origin      string
	Certificate string
	Pay, Floor  money.Fen
	Qty         int64 // base units received at once; 0: a forecast
}

// Check tells what is wrong with a new lot, one fault a field.
func (n New) Check() error {
	return fault.Join(
		required("product", string(n.Product)),
		required("producer", string(n.Producer)),
		required("grade", n.Grade),
		text("grade", n.Grade, maxText),
		text("origin", n.Origin, maxText),
		text("certificate", n.Certificate, maxText),
		days(n.Harvest, n.BestBefore),
		amount("pay", n.Pay),
		amount("floor", n.Floor),
		between("qty", n.Qty, 0, MaxQty),
	)
}

func required(field, s string) *fault.Error {
	if strings.TrimSpace(s) == "" {
		return fault.New(fault.Invalid, "fault.required").At(field)
	}
	return nil
}

func text(field, s string, most int) *fault.Error {
	if utf8.RuneCountInString(s) > most {
		return fault.New(fault.Invalid, "fault.too_long", "Max", most).At(field)
	}
	return nil
}

func amount(field string, f money.Fen) *fault.Error {
	if f < 0 || f > money.MaxFen {
		return fault.New(fault.Invalid, "fault.amount").At(field)
	}
	return nil
}

func between(field string, n, least, most int64) *fault.Error {
	if n < least || n > most {
		return fault.New(fault.Invalid, "fault.number", "Min", least, "Max", most).At(field)
	}
	return nil
}

func days(harvest, bestBefore clock.Day) *fault.Error {
	switch {
	case harvest == 0:
		return fault.New(fault.Invalid, "fault.required").At("harvest")
	case bestBefore != 0 && bestBefore < harvest:
		return fault.New(fault.Invalid, "lot.best_before_early").At("best_before")
	}
	return nil
}

// Create opens a lot (selector). With a quantity it is received at once.
func Create(ctx context.Context, tx *db.Tx, who actor.Actor, n New) (Lot, error) {
	if err := who.Need(actor.Selector); err != nil {
		return Lot{}, err
	}
	if err := n.Check(); err != nil {
		return Lot{}, err
	}
	l := Lot{ID: id.New[id.Lot](), Product: n.Product, Producer: n.Producer, Grade: n.Grade, Harvest: n.Harvest, BestBefore: n.BestBefore,
		Origin: n.Origin, Certificate: n.Certificate, Pay: n.Pay, Floor: n.Floor, State: Forecast, Created: tx.Now}
	if err := insert(ctx, tx, &l); err != nil {
		return Lot{}, fmt.Errorf("lot: create: %w", err)
	}
	if err := audit.Write(ctx, tx, who, "lot.create", "lot", l.ID, map[string]any{"no": l.No, "product": l.Product, "producer": l.Producer}); err != nil {
		return Lot{}, err
	}
	if n.Qty > 0 {
		if err := Move(ctx, tx, who, l.ID, Receive, n.Qty, ""); err != nil {
			return Lot{}, err
		}
		l.State, l.OnHand = Received, n.Qty
	}
	return l, nil
}

// insert finds the day's next number. Another process may take the number
// first, so a taken one is tried again with the next.
func insert(ctx context.Context, tx *db.Tx, l *Lot) error {
	day := clock.DayOf(tx.Now)
	var n int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM lot WHERE no LIKE $1`, fmt.Sprintf("%d-%%", day)).Scan(&n)
	if err != nil {
		return err
	}
	for range 1000 {
		n++
		l.No = fmt.Sprintf("%d-%03d", day, n)
		done, err := tx.Exec(ctx, `
			INSERT INTO lot (id, no, product_id, producer_id, grade, harvest_day, best_before_day, origin, certificate_no, pay_fen, floor_fen, state, created_us)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (no) DO NOTHING`,
			l.ID, l.No, l.Product, l.Producer, l.Grade, l.Harvest, l.BestBefore, l.Origin, l.Certificate, l.Pay, l.Floor, l.State, tx.NowUs())
		if err != nil || done == 1 {
			return err
		}
	}
	return errors.New("no free number")
}

// SetState moves a lot on (selector); see doc.go for the moves allowed. Setting
// the state it has changes nothing.
func SetState(ctx context.Context, tx *db.Tx, who actor.Actor, l id.Lot, to State) error {
	if err := who.Need(actor.Selector); err != nil {
		return err
	}
	was, err := one(ctx, tx, l)
	if err != nil || was.State == to {
		return err
	}
	if !slices.Contains(moves[was.State], to) {
		return fault.New(fault.Conflict, "lot.wrong_state", "From", "@ui.lot_"+string(was.State))
	}
	n, err := tx.Exec(ctx, `UPDATE lot SET state = $3 WHERE id = $1 AND state = $2 AND (reserved = 0 AND allotted = 0 OR $3 <> 'closed')`, l, was.State, to)
	if err != nil {
		return err
	}
	if n == 0 {
		return promised(ctx, tx, l)
	}
	if to == Closed { // slices that are used up have nothing more to wait for
		if err := closeSlices(ctx, tx, l); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who, "lot."+string(to), "lot", l, map[string]any{"from": was.State})
}

// promised says who the goods are promised to that can't go.
func promised(ctx context.Context, q db.Querier, l id.Lot) *fault.Error {
	if x, err := one(ctx, q, l); err == nil && x.Allotted > 0 {
		return fault.New(fault.Conflict, "lot.allotted")
	}
	return fault.New(fault.Conflict, "lot.reserved")
}

// Move writes a movement (receive, count, shrink, reject) with its reason. A
// movement that would leave less than is reserved is refused with lot.reserved,
// less than is reserved and allotted with lot.allotted.
func Move(ctx context.Context, tx *db.Tx, who actor.Actor, l id.Lot, kind MoveKind, qty int64, reason string) error {
	return MoveOnce(ctx, tx, who, "", l, kind, qty, reason)
}

// MoveOnce is Move with a key made by the page: the same again changes nothing,
// something else under the same key is lot.key_used.
func MoveOnce(ctx context.Context, tx *db.Tx, who actor.Actor, key string, l id.Lot, kind MoveKind, qty int64, reason string) error {
	if err := who.Need(actor.Selector); err != nil {
		return err
	}
	if err := fault.Join(checkMove(kind, qty, reason), text("key", key, maxKey)); err != nil {
		return err
	}
	if key != "" {
		if err := Lock(ctx, tx, []id.Lot{l}); err != nil { // or two taps at once both find nothing
			return err
		}
		if done, err := movedBefore(ctx, tx, key, Movement{Lot: l, Kind: kind, Qty: qty, Reason: reason}); done || err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, `
		UPDATE lot SET on_hand = on_hand + $2, state = CASE WHEN state = 'forecast' AND $3 = 'receive' THEN 'received' ELSE state END
		WHERE id = $1 AND state <> 'closed' AND (state <> 'forecast' OR $3 = 'receive')
		  AND on_hand + $2 >= reserved + allotted AND on_hand + $2 <= $4`, l, qty, kind, int64(MaxQty))
	if err != nil {
		return err
	}
	if n == 0 {
		return whyNotMoved(ctx, tx, l, qty)
	}
	if err := insertMovements(ctx, tx, []Movement{{Lot: l, Kind: kind, Qty: qty, Reason: reason, Actor: who.User}}, key); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "lot."+string(kind), "lot", l, map[string]any{"qty": qty, "reason": reason})
}

// movedBefore tells whether a key has made this movement; lot.key_used when it
// made another.
func movedBefore(ctx context.Context, q db.Querier, key string, m Movement) (bool, error) {
	var was Movement
	err := q.QueryRow(ctx, `SELECT lot_id, kind, qty, reason FROM stock_movement WHERE idem_key = $1 AND idem_key <> ''`, key).
		Scan(&was.Lot, &was.Kind, &was.Qty, &was.Reason)
	switch {
	case errors.Is(err, db.ErrNoRows):
		return false, nil
	case err == nil && was != m:
		return false, fault.New(fault.Conflict, "lot.key_used")
	}
	return err == nil, err
}

func checkMove(kind MoveKind, qty int64, reason string) *fault.Error {
	var bad *fault.Error
	switch {
	case kind != Receive && kind != Count && kind != Shrink && kind != Reject:
		bad = fault.New(fault.Invalid, "fault.choice").At("kind")
	case kind == Receive && (qty <= 0 || qty > MaxQty):
		bad = between("qty", qty, 1, MaxQty)
	case kind == Count && (qty == 0 || qty > MaxQty || qty < -MaxQty):
		bad = fault.New(fault.Invalid, "lot.qty_zero").At("qty")
	case (kind == Shrink || kind == Reject) && (qty >= 0 || qty < -MaxQty):
		bad = fault.New(fault.Invalid, "lot.qty_minus").At("qty")
	}
	var why *fault.Error
	if kind != Receive {
		why = required("reason", reason)
	}
	return fault.Of(fault.Join(bad, why, text("reason", reason, maxReason)))
}

func whyNotMoved(ctx context.Context, tx *db.Tx, l id.Lot, qty int64) error {
	was, err := one(ctx, tx, l)
	switch {
	case err != nil:
		return err
	case was.State == Closed, was.State == Forecast:
		return fault.New(fault.Conflict, "lot.wrong_state", "From", "@ui.lot_"+string(was.State))
	case qty > 0:
		return between("qty", was.OnHand+qty, 0, MaxQty)
	}
	return promised(ctx, tx, l).At("qty")
}

// insertMovements writes movements; a key stands for a single one.
func insertMovements(ctx context.Context, tx *db.Tx, ms []Movement, key string) error {
	rows := make([][]any, len(ms))
	for i, m := range ms {
		rows[i] = []any{id.New[id.Movement](), m.Lot, m.Kind, m.Qty, m.Reason, m.Ref, m.Actor, tx.NowUs(), key}
	}
	return tx.Insert(ctx, "stock_movement", []string{"id", "lot_id", "kind", "qty", "reason", "ref", "actor_id", "at_us", "idem_key"}, rows)
}
