package relay

import (
	"context"
	"errors"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/vault"
)

// Limits.
const (
	MaxTargets = 40
	MaxOn      = 8
	MaxName    = 40

	keyColumn = "relay_target.key" // the vault binds a sealed text to its column
	maxIdem   = 255
)

// Target is a place to send to. The key is not in it.
type Target struct {
	ID      id.Relay
	Name    string
	Server  string
	Hint    string // last characters of the key
	Made    time.Time
	Changed time.Time
}

// Mask is the key as a screen shows it.
func (t Target) Mask() string { return strings.Repeat("•", 8) + t.Hint }

// hint is what may be shown of a key: nothing of a short one.
func hint(key string) string {
	r := []rune(key)
	if len(r) < 16 {
		return ""
	}
	return string(r[len(r)-4:])
}

const columns = `id, name, server, hint, made_us, changed_us`

func scan(r interface{ Scan(...any) error }) (t Target, err error) {
	var made, changed int64
	err = r.Scan(&t.ID, &t.Name, &t.Server, &t.Hint, &made, &changed)
	t.Made, t.Changed = clock.FromUs(made), clock.FromUs(changed)
	return t, err
}

// List gives the targets that are there, by name.
func List(ctx context.Context, q db.Querier) ([]Target, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM relay_target WHERE removed_us = 0 ORDER BY name, id`)
	return db.Collect(rows, err, func(r *db.Rows, t *Target) (err error) {
		*t, err = scan(r)
		return err
	})
}

// ByID finds a target that is there; fault NotFound.
func ByID(ctx context.Context, q db.Querier, t id.Relay) (Target, error) {
	x, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM relay_target WHERE id = $1 AND removed_us = 0`, t))
	if errors.Is(err, db.ErrNoRows) {
		return x, fault.New(fault.NotFound, "send.gone")
	}
	return x, err
}

// Uses tells which targets are on for a show.
func Uses(ctx context.Context, q db.Querier, s id.Show) (map[id.Relay]bool, error) {
	rows, err := q.Query(ctx, `
		SELECT u.target_id FROM relay_use u JOIN relay_target t ON t.id = u.target_id
		WHERE u.show_id = $1 AND u.is_on AND t.removed_us = 0`, s)
	list, err := db.Collect(rows, err, func(r *db.Rows, t *id.Relay) error { return r.Scan(t) })
	out := make(map[id.Relay]bool, len(list))
	for _, t := range list {
		out[t] = true
	}
	return out, err
}

// UsedBy lists the shows a target is on for.
func UsedBy(ctx context.Context, q db.Querier, t id.Relay) ([]id.Show, error) {
	rows, err := q.Query(ctx, `SELECT show_id FROM relay_use WHERE target_id = $1 AND is_on`, t)
	return db.Collect(rows, err, func(r *db.Rows, s *id.Show) error { return r.Scan(s) })
}

// On opens what the pusher needs to send shows on: by show, the targets that
// are on. A key that can't be opened leaves its target out and is told as an
// error beside the others.
func On(ctx context.Context, q db.Querier, v *vault.Vault, shows ...id.Show) (map[id.Show][]push.Target, error) {
	out := map[id.Show][]push.Target{}
	if len(shows) == 0 {
		return out, nil
	}
	type row struct {
		show   id.Show
		target push.Target
		sealed string
	}
	found, err := q.Query(ctx, `SELECT u.show_id, t.id, t.server, t.key_enc FROM relay_use u JOIN relay_target t ON t.id = u.target_id
		WHERE u.show_id IN (`+db.In(1, len(shows))+`) AND u.is_on AND t.removed_us = 0 ORDER BY u.show_id, t.id`, db.Args(shows)...)
	rows, err := db.Collect(found, err, func(r *db.Rows, x *row) error {
		return r.Scan(&x.show, &x.target.ID, &x.target.Server, &x.sealed)
	})
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, x := range rows {
		if x.target.Key, err = v.Open(keyColumn, x.sealed); err != nil {
			wrong = append(wrong, err)
			continue
		}
		out[x.show] = append(out[x.show], x.target)
	}
	return out, errors.Join(wrong...)
}
