package account

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// States of a user.
const (
	Active   = "active"
	Disabled = "disabled"
)

// User is a person who can sign in.
type User struct {
	ID        id.User
	PhoneEnc  string // sealed, see Phone
	Name      string
	Lang      string
	LargeType bool
	LocalHost bool
	State     string // Active, Disabled
	Roles     []actor.Role
	Created   time.Time
}

// Actor is the user acting through "web", "api" or "system".
func (u User) Actor(via string) actor.Actor {
	return actor.Actor{User: u.ID, Name: u.Name, Roles: u.Roles, Via: via}
}

const userColumns = `u.id, u.phone_enc, u.name, u.lang, u.large_type, u.local_host, u.state, u.created_us,
	coalesce((SELECT string_agg(r.role, ',' ORDER BY r.role) FROM user_role r WHERE r.user_id = u.id), '')`

// userDest is where userColumns are scanned to; done finishes the user.
func userDest(u *User) (dest []any, done func()) {
	var us int64
	var roles string
	return []any{&u.ID, &u.PhoneEnc, &u.Name, &u.Lang, &u.LargeType, &u.LocalHost, &u.State, &us, &roles}, func() {
		u.Created = clock.FromUs(us)
		for r := range strings.SplitSeq(roles, ",") {
			if r != "" {
				u.Roles = append(u.Roles, actor.Role(r))
			}
		}
	}
}

func scanUser(r *db.Rows, u *User) error {
	dest, done := userDest(u)
	err := r.Scan(dest...)
	done()
	return err
}

// maxIn is how many ids one query asks for.
const maxIn = 256

// Users reads users with roles by id; unknown ids are left out.
func Users(ctx context.Context, q db.Querier, ids ...id.User) (map[id.User]User, error) {
	out := make(map[id.User]User, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		rows, err := q.Query(ctx, `SELECT `+userColumns+` FROM user_account u WHERE u.id IN (`+db.In(1, len(part))+`) ORDER BY u.id`, db.Args(part)...)
		us, err := db.Collect(rows, err, scanUser)
		if err != nil {
			return nil, err
		}
		for _, u := range us {
			out[u.ID] = u
		}
	}
	return out, nil
}

func byID(ctx context.Context, q db.Querier, u id.User) (User, error) {
	m, err := Users(ctx, q, u)
	if err != nil {
		return User{}, err
	}
	if got, ok := m[u]; ok {
		return got, nil
	}
	return User{}, fault.New(fault.NotFound, "fault.not_found")
}

// maxUsers bounds a listing of people.
const maxUsers = 500

// WithRole lists users who hold a role; "" for everyone; at most 500, the newest first.
func WithRole(ctx context.Context, q db.Querier, r actor.Role) ([]User, error) {
	rows, err := q.Query(ctx, `
		SELECT `+userColumns+` FROM user_account u
		WHERE $1 = '' OR EXISTS (SELECT 1 FROM user_role x WHERE x.user_id = u.id AND x.role = $1)
		ORDER BY u.created_us DESC, u.id DESC LIMIT $2`, string(r), maxUsers)
	return db.Collect(rows, err, scanUser)
}

// ByPhone finds the user who has a phone number.
func ByPhone(ctx context.Context, q db.Querier, v *vault.Vault, phone string) (User, bool, error) {
	p, err := ParsePhone(phone)
	if err != nil {
		return User{}, false, err
	}
	return byPhoneIdx(ctx, q, v.Index(colPhone, p))
}

func byPhoneIdx(ctx context.Context, q db.Querier, idx string) (User, bool, error) {
	var u User
	dest, done := userDest(&u)
	err := q.QueryRow(ctx, `SELECT `+userColumns+` FROM user_account u WHERE u.phone_idx = $1`, idx).Scan(dest...)
	if errors.Is(err, db.ErrNoRows) {
		return User{}, false, nil
	}
	done()
	return u, err == nil, err
}

// Create makes a user with a phone and roles, or gives the one who has the
// phone, unchanged: roles of somebody who is there already are changed by
// SetRoles (admin, and the demo). An empty name gets a neutral one.
func Create(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, phone, name string, roles ...actor.Role) (User, error) {
	if err := who.Need(actor.Admin); err != nil {
		return User{}, err
	}
	p, err := ParsePhone(phone)
	if err != nil {
		return User{}, err
	}
	if name != "" {
		if name, err = CleanName(name); err != nil {
			return User{}, err
		}
	}
	roles, err = checkRoles(roles)
	if err != nil {
		return User{}, err
	}
	u, made, err := ensure(ctx, tx, v, p, name)
	if err != nil || !made {
		return u, err
	}
	if err := grant(ctx, tx, who, u.ID, roles); err != nil {
		return User{}, err
	}
	u.Roles = roles
	return u, audit.Write(ctx, tx, who, "account.create", "user", u.ID, map[string]any{"roles": roles})
}

// ensure gives the user of a phone, made if there is none.
func ensure(ctx context.Context, tx *db.Tx, v *vault.Vault, phone, name string) (u User, made bool, err error) {
	idx := v.Index(colPhone, phone)
	if u, ok, err := byPhoneIdx(ctx, tx, idx); ok || err != nil {
		return u, false, err
	}
	enc, err := v.Seal(colPhone, phone)
	if err != nil {
		return User{}, false, err
	}
	u = User{ID: id.New[id.User](), PhoneEnc: enc, Name: name, Lang: string(i18n.Chinese), State: Active, Created: tx.Now}
	if u.Name == "" {
		u.Name = newName(u.ID)
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO user_account (id, phone_enc, phone_idx, name, lang, large_type, local_host, state, created_us)
		VALUES ($1, $2, $3, $4, $5, FALSE, FALSE, $6, $7)
		ON CONFLICT (phone_idx) DO NOTHING`,
		u.ID, u.PhoneEnc, idx, u.Name, u.Lang, u.State, tx.NowUs())
	if err != nil || n == 1 {
		return u, n == 1, err
	}
	u, _, err = byPhoneIdx(ctx, tx, idx) // somebody was faster
	return u, false, err
}

// SetProfile changes one's own shown name, language and type size.
func SetProfile(ctx context.Context, tx *db.Tx, who actor.Actor, name, lang string, large bool) error {
	if err := person(who); err != nil {
		return err
	}
	name, err := CleanName(name)
	if err != nil {
		return err
	}
	if !slices.Contains(i18n.Langs, i18n.Lang(lang)) {
		return fault.New(fault.Invalid, "fault.choice").At("lang")
	}
	n, err := tx.Exec(ctx, `UPDATE user_account SET name = $2, lang = $3, large_type = $4 WHERE id = $1`, who.User, name, lang, large)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return audit.Write(ctx, tx, who, "account.profile", "user", who.User, map[string]any{"lang": lang, "large": large})
}

// person refuses an actor behind whom no person stands, also the system: what
// is one's own needs an owner.
func person(who actor.Actor) error {
	if !who.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	return nil
}

// lock makes changes of one person's own things wait for each other.
// PostgreSQL has row locks for it; SQLite has one writer anyway.
func lock(ctx context.Context, tx *db.Tx, u id.User) error {
	n, err := tx.Exec(ctx, `UPDATE user_account SET state = state WHERE id = $1`, u)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return err
}
