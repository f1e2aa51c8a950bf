package recording

import (
	"context"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// MaxReason of a lock, in characters.
const MaxReason = 200

const lockColumns = `id, show_id, reason, by_id, at_us, released_us, why`

// Locks reads the locks that hold: of these shows, or of all.
func Locks(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show]Lock, error) {
	and := ""
	if len(shows) > 0 {
		and = ` AND show_id IN (` + db.In(1, len(shows)) + `)`
	}
	rows, err := q.Query(ctx, `SELECT `+lockColumns+` FROM recording_lock WHERE released_us = 0`+and, db.Args(shows)...)
	list, err := db.Collect(rows, err, scanLock)
	out := make(map[id.Show]Lock, len(list))
	for _, l := range list {
		out[l.Show] = l
	}
	return out, err
}

func scanLock(r *db.Rows, l *Lock) error {
	var at, released int64
	err := r.Scan(&l.ID, &l.Show, &l.Reason, &l.By, &at, &released, &l.Why)
	l.At, l.Released = clock.FromUs(at), clock.FromUs(released)
	return err
}

// SetLock keeps a show's recording from being deleted. Faults: recording.locked
// (Conflict) if it is locked already; recording.reason.
func SetLock(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, reason string) error {
	if err := who.Need(actor.Service, actor.Operator); err != nil {
		return err
	}
	reason, err := words(reason)
	if err != nil {
		return err
	}
	held, err := Locks(ctx, tx, s)
	if err != nil {
		return err
	}
	if _, ok := held[s]; ok {
		return fault.New(fault.Conflict, "recording.locked")
	}
	l := id.New[id.Lock]()
	if _, err := tx.Exec(ctx, `INSERT INTO recording_lock (id, show_id, reason, by_id, at_us) VALUES ($1, $2, $3, $4, $5)`, l, s, reason, who.User, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "recording.locked", "show", s, map[string]any{"reason": reason})
}

// Release takes the lock of a show away. Fault recording.not_locked (Conflict).
func Release(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, why string) error {
	if err := who.Need(actor.Admin); err != nil {
		return err
	}
	why, err := words(why)
	if err != nil {
		return err
	}
	held, err := Locks(ctx, tx, s)
	if err != nil {
		return err
	}
	l, ok := held[s]
	if !ok {
		return fault.New(fault.Conflict, "recording.not_locked")
	}
	if _, err := tx.Exec(ctx, `UPDATE recording_lock SET released_us = $2, released_by = $3, why = $4 WHERE id = $1 AND released_us = 0`, l.ID, tx.NowUs(), who.User, why); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "recording.released", "show", s, map[string]any{"locked_for": l.Reason, "why": why})
}

func words(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || utf8.RuneCountInString(s) > MaxReason {
		return "", fault.New(fault.Invalid, "recording.reason", "Max", MaxReason).At("reason")
	}
	return s, nil
}
