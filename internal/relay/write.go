package relay

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/vault"
)

// New is a target as a person enters it.
type New struct {
	Name, Server, Key string
}

// parse checks what was entered, all of it at once; keep allows an empty key.
func (n New) parse(keep bool) (push.Address, string, error) {
	var wrong []*fault.Error
	name := strings.Join(strings.Fields(n.Name), " ")
	if name == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "fault.required").At("name"))
	} else if utf8.RuneCountInString(name) > MaxName {
		wrong = append(wrong, fault.New(fault.Invalid, "fault.too_long", "Max", MaxName).At("name"))
	}
	kept := keep && strings.TrimSpace(n.Key) == ""
	if kept {
		n.Key = "kept" // stands for the one that is there
	}
	a, err := push.Parse(n.Server, n.Key)
	if err != nil {
		wrong = append(wrong, fault.Of(err).All()...)
	}
	if kept {
		a.Key = ""
	}
	return a, name, fault.Join(wrong...)
}

// Add keeps a target (operator); the same idempotency key again gives the first.
// Faults: one a field (send.bad_address, send.no_key, send.bad_key), send.many.
func Add(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, idem string, n New) (Target, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Target{}, err
	}
	if idem == "" || len(idem) > maxIdem {
		return Target{}, fault.New(fault.Invalid, "fault.required").At("key")
	}
	a, name, err := n.parse(false)
	if err != nil {
		return Target{}, err
	}
	was, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM relay_target WHERE idem_key = $1`, idem))
	if err == nil || !errors.Is(err, db.ErrNoRows) {
		return was, err
	}
	var have int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM relay_target WHERE removed_us = 0`).Scan(&have); err != nil {
		return Target{}, err
	} else if have >= MaxTargets {
		return Target{}, fault.New(fault.Conflict, "send.many", "Max", MaxTargets)
	}
	sealed, err := v.Seal(keyColumn, a.Key)
	if err != nil {
		return Target{}, err
	}
	t := id.New[id.Relay]()
	if _, err := tx.Exec(ctx, `
		INSERT INTO relay_target (id, name, server, key_enc, hint, idem_key, actor_id, made_us, changed_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`, t, name, a.Server, sealed, hint(a.Key), idem, who.User, tx.NowUs()); err != nil {
		return Target{}, err
	}
	if err := audit.Write(ctx, tx, who, "relay.add", "relay", t, map[string]any{"name": name, "server": a.Server}); err != nil {
		return Target{}, err
	}
	return ByID(ctx, tx, t)
}

// Change gives a target another name, server or, when one is given, key
// (operator). Faults as Add, send.gone.
func Change(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, t id.Relay, n New) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	a, name, err := n.parse(true)
	if err != nil {
		return err
	}
	if _, err := ByID(ctx, tx, t); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE relay_target SET name = $2, server = $3, changed_us = $4 WHERE id = $1`, t, name, a.Server, tx.NowUs()); err != nil {
		return err
	}
	if a.Key != "" {
		sealed, err := v.Seal(keyColumn, a.Key)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE relay_target SET key_enc = $2, hint = $3 WHERE id = $1`, t, sealed, hint(a.Key)); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who, "relay.change", "relay", t, map[string]any{"name": name, "server": a.Server, "new_key": a.Key != ""})
}

// Remove takes a target away, for all shows (operator); its key goes with it.
func Remove(ctx context.Context, tx *db.Tx, who actor.Actor, t id.Relay) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	if _, err := ByID(ctx, tx, t); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE relay_use SET is_on = FALSE, changed_us = $2 WHERE target_id = $1 AND is_on`, t, tx.NowUs()); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE relay_target SET removed_us = $2, key_enc = '', hint = '' WHERE id = $1`, t, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "relay.remove", "relay", t, map[string]any{})
}

// Switch says whether a show uses a target (operator). Faults: send.gone,
// send.many_on.
func Switch(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, t id.Relay, on bool) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	if _, err := ByID(ctx, tx, t); err != nil {
		return err
	}
	uses, err := Uses(ctx, tx, s)
	if err != nil || uses[t] == on {
		return err
	}
	if on && len(uses) >= MaxOn {
		return fault.New(fault.Conflict, "send.many_on", "Max", MaxOn)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO relay_use (show_id, target_id, is_on, actor_id, changed_us) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (show_id, target_id) DO UPDATE SET is_on = excluded.is_on, actor_id = excluded.actor_id, changed_us = excluded.changed_us`,
		s, t, on, who.User, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "relay.switch", "show", s, map[string]any{"target": t, "on": on})
}
