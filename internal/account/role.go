package account

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// checkRoles sorts roles and refuses unknown ones and those that must not be
// one person's: who grants roles must not also confirm money, and who
// oversees the centre must not work in it. Buyer is everyone's and is left out.
func checkRoles(roles []actor.Role) ([]actor.Role, error) {
	out := []actor.Role{}
	for _, r := range actor.Roles {
		if r != actor.Buyer && slices.Contains(roles, r) {
			out = append(out, r)
		}
	}
	for _, r := range roles {
		if !actor.ValidRole(r) {
			return nil, fault.New(fault.Invalid, "fault.choice").At("roles")
		}
	}
	if slices.Contains(out, actor.Admin) && slices.Contains(out, actor.Finance) {
		return nil, fault.New(fault.Invalid, "account.roles_money").At("roles")
	}
	if slices.Contains(out, actor.Overseer) && len(out) > 1 {
		return nil, fault.New(fault.Invalid, "account.roles_overseer").At("roles")
	}
	return out, nil
}

func grant(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, roles []actor.Role) error {
	for _, r := range roles {
		_, err := tx.Exec(ctx, `
			INSERT INTO user_role (user_id, role, granted_us, granted_by) VALUES ($1, $2, $3, $4)
			ON CONFLICT (user_id, role) DO NOTHING`, u, r, tx.NowUs(), who.User)
		if err != nil {
			return err
		}
	}
	return nil
}

// SetRoles replaces a user's roles and ends their sessions (admin, never on
// oneself). The same roles again change nothing.
func SetRoles(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, roles []actor.Role) error {
	if err := overOther(who, u); err != nil {
		return err
	}
	roles, err := checkRoles(roles)
	if err != nil {
		return err
	}
	if err := lock(ctx, tx, u); err != nil {
		return err
	}
	old, err := byID(ctx, tx, u)
	if err != nil {
		return err
	}
	had, err := checkRoles(old.Roles) // in the same order
	if err == nil && slices.Equal(had, roles) {
		return nil
	}
	for _, r := range old.Roles {
		if slices.Contains(roles, r) {
			continue // it keeps the day it was granted
		}
		if _, err := tx.Exec(ctx, `DELETE FROM user_role WHERE user_id = $1 AND role = $2`, u, r); err != nil {
			return err
		}
	}
	if err := grant(ctx, tx, who, u, roles); err != nil {
		return err
	}
	if _, err := endSessions(ctx, tx, u, ""); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "account.set_roles", "user", u, map[string]any{"from": old.Roles, "to": roles})
}

// SetState disables or enables a user (admin, never on oneself); disabling
// ends their sessions.
func SetState(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, state string) error {
	if err := overOther(who, u); err != nil {
		return err
	}
	if state != Active && state != Disabled {
		return fault.New(fault.Invalid, "fault.choice").At("state")
	}
	if err := lock(ctx, tx, u); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE user_account SET state = $2 WHERE id = $1 AND state <> $2`, u, state)
	if err != nil || n == 0 {
		return err
	}
	if state == Disabled {
		if _, err := endSessions(ctx, tx, u, ""); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who, "account.set_state", "user", u, map[string]any{"to": state})
}

// overOther lets an admin act on somebody else.
func overOther(who actor.Actor, u id.User) error {
	if err := who.Need(actor.Admin); err != nil {
		return err
	}
	if who.SignedIn() && who.User == u {
		return fault.New(fault.Denied, "account.self")
	}
	return nil
}

// SetLocalHost marks a host as of the county (admin, teacher).
func SetLocalHost(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, local bool) error {
	if err := who.Need(actor.Admin, actor.Teacher); err != nil {
		return err
	}
	if err := lock(ctx, tx, u); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE user_account SET local_host = $2 WHERE id = $1 AND local_host <> $2`, u, local)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "account.set_local_host", "user", u, map[string]any{"local": local})
}
