package bank

import (
	"context"
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

// Sorts of moves.
const (
	Channel = "channel" // a payment channel's balance came to the bank
	Carrier = "carrier" // a carrier paid what it owed for claims
	Tax     = "tax"     // withheld tax went to the tax office
)

// Move is one line of the bank's statement.
type Move struct {
	ID    id.Move
	Kind  string
	Party string // channel or carrier, "" for tax
	Day   clock.Day
	Fen   money.Fen
	Ref   string // the bank's own number
	Note  string
	By    id.User
	At    time.Time
	Back  Back // that it was taken back; no ID: it stands
	turn  int64
}

// Back says that a move was entered wrongly.
type Back struct {
	ID     id.Back
	Reason string
	By     id.User
	At     time.Time
}

const maxText = 200

// MaxRef bounds a bank's reference, in characters.
const MaxRef = 64

func (m *Move) check(today clock.Day) error {
	var bad []*fault.Error
	m.Ref, m.Note = strings.Join(strings.Fields(m.Ref), " "), strings.TrimSpace(m.Note)
	if m.Kind != Channel && m.Kind != Carrier && m.Kind != Tax || (m.Kind == Tax) != (m.Party == "") {
		bad = append(bad, fault.New(fault.Invalid, "fault.choice").At("account"))
	}
	if m.Fen <= 0 || m.Fen > money.MaxFen {
		bad = append(bad, fault.New(fault.Invalid, "fault.amount").At("amount"))
	}
	if m.Day == 0 || m.Day > today {
		bad = append(bad, fault.New(fault.Invalid, "statement.day_ahead").At("day"))
	}
	switch n := utf8.RuneCountInString(m.Ref); {
	case n == 0:
		bad = append(bad, fault.New(fault.Invalid, "fault.required").At("ref"))
	case n > MaxRef || !utf8.ValidString(m.Ref):
		bad = append(bad, fault.New(fault.Invalid, "fault.too_long", "Max", MaxRef).At("ref"))
	}
	if utf8.RuneCountInString(m.Note) > maxText || !utf8.ValidString(m.Note) {
		bad = append(bad, fault.New(fault.Invalid, "fault.too_long", "Max", maxText).At("note"))
	}
	return fault.Join(bad...)
}

// Add keeps a move (finance) and tells whether it is new; the move it gives
// stands in the table. The caller books it. Fault bank.ref_used when the bank's
// reference stands with something else.
func Add(ctx context.Context, tx *db.Tx, who actor.Actor, m Move) (Move, bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return m, false, err
	}
	if err := m.check(clock.DayOf(tx.Now)); err != nil {
		return m, false, err
	}
	s, err := stands(ctx, tx, m)
	if err != nil || s.ID != "" && s.Back.ID == "" {
		return s, false, err
	}
	if s.ID != "" {
		m.turn = s.turn + 1
	}
	m.ID, m.By, m.At = id.New[id.Move](), who.User, clock.FromUs(tx.NowUs())
	n, err := tx.Exec(ctx, `
		INSERT INTO money_moved (id, kind, party, day, fen, ref, turn, note, by_id, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (kind, ref, turn) DO NOTHING`, m.ID, m.Kind, m.Party, int64(m.Day), m.Fen, m.Ref, m.turn, m.Note, m.By, tx.NowUs())
	if err != nil {
		return m, false, err
	}
	if n == 0 { // another was faster
		s, err = stands(ctx, tx, m)
		return s, false, err
	}
	return m, true, audit.Write(ctx, tx, who, "money.moved", "money_moved", m.ID, map[string]any{"kind": m.Kind, "party": m.Party, "fen": m.Fen, "ref": m.Ref, "day": m.Day})
}

// stands reads the newest move of a reference, one without an ID if there is
// none. Fault bank.ref_used when it is another move than this one and was not
// taken back.
func stands(ctx context.Context, q db.Querier, m Move) (Move, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+from+` WHERE m.kind = $1 AND m.ref = $2 ORDER BY m.turn DESC LIMIT 1`, m.Kind, m.Ref)
	list, err := db.Collect(rows, err, scan)
	if err != nil || len(list) == 0 {
		return Move{}, err
	}
	s := list[0]
	if s.Back.ID == "" && (s.Party != m.Party || s.Fen != m.Fen || s.Day != m.Day) {
		return s, fault.New(fault.Conflict, "bank.ref_used", "Ref", s.Ref, "Fen", s.Fen.String(), "Day", s.Day.String()).At("ref")
	}
	return s, nil
}

// TakeBack keeps that a move was entered wrongly (finance) and tells whether
// that is new; the caller takes its booking back. Fault NotFound.
func TakeBack(ctx context.Context, tx *db.Tx, who actor.Actor, of id.Move, reason string) (Move, bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return Move{}, false, err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return Move{}, false, fault.New(fault.Invalid, "fault.required").At("reason")
	case utf8.RuneCountInString(reason) > maxText || !utf8.ValidString(reason):
		return Move{}, false, fault.New(fault.Invalid, "fault.too_long", "Max", maxText).At("reason")
	}
	rows, err := tx.Query(ctx, `SELECT `+columns+from+` WHERE m.id = $1`, of)
	list, err := db.Collect(rows, err, scan)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Move{}, false, err
	}
	m := list[0]
	b := Back{ID: id.New[id.Back](), Reason: reason, By: who.User, At: clock.FromUs(tx.NowUs())}
	n, err := tx.Exec(ctx, `INSERT INTO money_moved_back (id, move_id, reason, by_id, at_us) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (move_id) DO NOTHING`,
		b.ID, m.ID, b.Reason, b.By, tx.NowUs())
	if err != nil || n == 0 {
		return m, false, err
	}
	m.Back = b
	return m, true, audit.Write(ctx, tx, who, "money.moved_back", "money_moved", m.ID, map[string]any{"back": b.ID, "fen": m.Fen, "reason": reason})
}

const (
	columns = `m.id, m.kind, m.party, m.day, m.fen, m.ref, m.turn, m.note, m.by_id, m.at_us,
		coalesce(b.id, ''), coalesce(b.reason, ''), coalesce(b.by_id, ''), coalesce(b.at_us, 0)`
	from = ` FROM money_moved m LEFT JOIN money_moved_back b ON b.move_id = m.id`
)

func scan(r *db.Rows, m *Move) error {
	var us, back int64
	err := r.Scan(&m.ID, &m.Kind, &m.Party, &m.Day, &m.Fen, &m.Ref, &m.turn, &m.Note, &m.By, &us, &m.Back.ID, &m.Back.Reason, &m.Back.By, &back)
	m.At, m.Back.At = clock.FromUs(us), clock.FromUs(back)
	return err
}

// PageSize is how many moves Between gives at most.
const PageSize = 200

// Between lists moves of the bank's days from one to another, both counted, the
// newest entry first, from before an id ("" for the first page).
func Between(ctx context.Context, q db.Querier, first, last clock.Day, before id.Move) ([]Move, error) {
	if before == "" {
		before = "~"
	}
	rows, err := q.Query(ctx, `SELECT `+columns+from+` WHERE m.day BETWEEN $1 AND $2 AND m.id < $3 ORDER BY m.id DESC LIMIT $4`,
		int64(first), int64(last), before, PageSize)
	return db.Collect(rows, err, scan)
}
