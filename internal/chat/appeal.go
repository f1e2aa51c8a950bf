package chat

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Ask appeals against a sanction that binds, or against a message of one's own
// that is hidden or was refused: once each. Faults: chat.appeal_once,
// chat.appeal_over, NotFound for what is another's.
func Ask(ctx context.Context, tx *db.Tx, who actor.Actor, kind, object, words string) (id.Appeal, error) {
	if !who.SignedIn() {
		return "", fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	words = strings.TrimSpace(words)
	switch n := utf8.RuneCountInString(words); {
	case n == 0:
		return "", fault.New(fault.Invalid, "fault.required").At("words")
	case n > MaxAppeal:
		return "", fault.New(fault.Invalid, "fault.too_long", "Max", MaxAppeal).At("words")
	}
	against, err := appealable(ctx, tx, who, kind, object)
	if err != nil {
		return "", err
	}
	a := id.New[id.Appeal]()
	n, err := tx.Exec(ctx, `INSERT INTO chat_appeal (id, user_id, object_kind, object_id, against, body, state, at_us) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)
		ON CONFLICT (object_id) DO NOTHING`, a, who.User, kind, object, against, words, tx.NowUs())
	switch {
	case err != nil:
		return "", err
	case n == 0:
		return "", fault.New(fault.Conflict, "chat.appeal_once")
	}
	return a, audit.Write(ctx, tx, who, "chat.appeal", kind, object, map[string]any{"appeal": a})
}

// appealable tells who did what somebody wants looked at again.
func appealable(ctx context.Context, tx *db.Tx, who actor.Actor, kind, object string) (by id.User, err error) {
	switch kind {
	case OfSanction:
		x, err := SanctionByID(ctx, tx, id.Sanction(object))
		if err == nil && x.User != who.User {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		if err == nil && !x.Binds(tx.Now) {
			err = fault.New(fault.Conflict, "chat.appeal_over")
		}
		return x.By, err
	case OfMessage:
		var writer, hiddenBy, decidedBy id.User
		var hidden int64
		var state State
		err = tx.QueryRow(ctx, `SELECT user_id, hidden_us, hidden_by, state, decided_by FROM chat_message WHERE id = $1`, object).Scan(&writer, &hidden, &hiddenBy, &state, &decidedBy)
		switch {
		case errors.Is(err, db.ErrNoRows), err == nil && writer != who.User:
			return "", fault.New(fault.NotFound, "fault.not_found")
		case err != nil:
			return "", err
		case hidden > 0:
			return hiddenBy, nil
		case state == Refused:
			return decidedBy, nil
		}
		return "", fault.New(fault.Conflict, "chat.appeal_over")
	}
	return "", fault.New(fault.Invalid, "fault.choice").At("kind")
}

// Answered is an appeal after its answer, and the message that is seen again
// because of it.
type Answered struct {
	Appeal
	Message *Message
}

// Answer settles an appeal (moderator, operator). Granting it lifts the
// sanction, or shows the message. others says whether anybody else could
// answer: then whoever did it may not (chat.appeal_own). Fault
// chat.appeal_done.
func Answer(ctx context.Context, tx *db.Tx, who actor.Actor, a id.Appeal, grant bool, words string, others bool) (Answered, error) {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return Answered{}, err
	}
	words = strings.TrimSpace(words)
	switch n := utf8.RuneCountInString(words); {
	case n == 0:
		return Answered{}, fault.New(fault.Invalid, "fault.required").At("answer")
	case n > MaxAppeal:
		return Answered{}, fault.New(fault.Invalid, "fault.too_long", "Max", MaxAppeal).At("answer")
	}
	x, err := AppealByID(ctx, tx, a)
	if err != nil {
		return Answered{}, err
	}
	if others && who.User != "" && who.User == x.Against {
		return Answered{}, fault.New(fault.Denied, "chat.appeal_own")
	}
	x.State = Denied
	if grant {
		x.State = Granted
	}
	n, err := tx.Exec(ctx, `UPDATE chat_appeal SET state = $2, answer = $3, done_us = $4, done_by = $5 WHERE id = $1 AND state = 'open'`, a, x.State, words, tx.NowUs(), who.User)
	switch {
	case err != nil:
		return Answered{}, err
	case n == 0:
		return Answered{}, fault.New(fault.Conflict, "chat.appeal_done")
	}
	out := Answered{Appeal: x}
	if grant {
		if out.Message, err = undo(ctx, tx, who, x); err != nil {
			return Answered{}, err
		}
	}
	return out, audit.Write(ctx, tx, who, "chat.appeal_answer", x.Kind, x.Object, map[string]any{"appeal": a, "state": x.State})
}

// undo takes back what was appealed.
func undo(ctx context.Context, tx *db.Tx, who actor.Actor, x Appeal) (*Message, error) {
	if x.Kind == OfSanction {
		s, err := SanctionByID(ctx, tx, id.Sanction(x.Object))
		if err == nil {
			err = lift(ctx, tx, who, s)
		}
		return nil, err
	}
	if _, err := tx.Exec(ctx, `UPDATE chat_message SET state = 'shown', shown_us = $2, reason = '', decided_us = $2, decided_by = $3 WHERE id = $1 AND state = 'refused'`,
		x.Object, tx.NowUs(), who.User); err != nil {
		return nil, err
	}
	m, err := unhide(ctx, tx, who, id.Message(x.Object))
	return &m, err
}

const appealColumns = `id, user_id, object_kind, object_id, against, body, state, answer, at_us, done_us, done_by`

func scanAppeal(r interface{ Scan(dest ...any) error }) (a Appeal, err error) {
	var at, done int64
	err = r.Scan(&a.ID, &a.User, &a.Kind, &a.Object, &a.Against, &a.Body, &a.State, &a.Answer, &at, &done, &a.DoneBy)
	a.At = clock.FromUs(at)
	if done > 0 {
		a.Done = clock.FromUs(done)
	}
	return a, err
}

// AppealByID reads one; fault NotFound.
func AppealByID(ctx context.Context, q db.Querier, a id.Appeal) (Appeal, error) {
	x, err := scanAppeal(q.QueryRow(ctx, `SELECT `+appealColumns+` FROM chat_appeal WHERE id = $1`, a))
	if errors.Is(err, db.ErrNoRows) {
		return x, fault.New(fault.NotFound, "fault.not_found")
	}
	return x, err
}

// Appeals lists those in a state ("" for all), open ones oldest first; at most 200.
func Appeals(ctx context.Context, q db.Querier, state string) ([]Appeal, error) {
	order := `at_us DESC, id DESC`
	if state == Open {
		order = `at_us, id`
	}
	return appeals(ctx, q, `($1 = '' OR state = $1) ORDER BY `+order, state)
}

// AppealsOf lists a person's, the newest first.
func AppealsOf(ctx context.Context, q db.Querier, u id.User) ([]Appeal, error) {
	return appeals(ctx, q, `user_id = $1 ORDER BY at_us DESC, id DESC`, u)
}

func appeals(ctx context.Context, q db.Querier, where string, args ...any) ([]Appeal, error) {
	rows, err := q.Query(ctx, `SELECT `+appealColumns+` FROM chat_appeal WHERE `+where+` LIMIT 200`, args...)
	return db.Collect(rows, err, func(r *db.Rows, a *Appeal) (err error) {
		*a, err = scanAppeal(r)
		return err
	})
}

// OpenAppeals counts those that wait for an answer.
func OpenAppeals(ctx context.Context, q db.Querier) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM chat_appeal WHERE state = 'open'`).Scan(&n)
	return n, err
}
