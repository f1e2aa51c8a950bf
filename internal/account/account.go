package account

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// User is a person who can sign in.
type User struct {
	ID        id.User
	PhoneEnc  string
	Name      string
	Lang      string
	LargeType bool
	LocalHost bool
	State     string // active, disabled
	Roles     []actor.Role
	Created   time.Time
}

// Code is a sign-in code that was made; Plain goes to the phone and is not stored.
type Code struct {
	ID      string
	Plain   string
	Expires time.Time
}

// AskCode makes a code for a phone: six digits, ten minutes, one use, five
// tries, limited per phone and per address (fault TooMany with RetryAfter).
// addr is the asker's network address.
func AskCode(ctx context.Context, tx *db.Tx, v *vault.Vault, phone, addr string) (Code, error) {
	panic("not built yet")
}

// SignIn checks a code and opens a session; the first sign-in makes the user.
// kind is "web" or "api". The token is shown once.
func SignIn(ctx context.Context, tx *db.Tx, v *vault.Vault, codeID, code, kind, agent, addr string) (User, string, error) {
	panic("not built yet")
}

// OpenSession opens a session for a user without a code: demo links and tests.
func OpenSession(ctx context.Context, tx *db.Tx, u id.User, kind, agent, addr string) (token string, err error) {
	panic("not built yet")
}

// Session is one sign-in.
type Session struct {
	ID      id.Session
	User    id.User
	Kind    string
	Agent   string
	Addr    string
	Created time.Time
	Seen    time.Time
	Expires time.Time
}

// ByToken is who holds a token: false when it is unknown, over or revoked.
func ByToken(ctx context.Context, q db.Querier, now time.Time, token string) (User, Session, bool, error) {
	panic("not built yet")
}

// Touch notes that a session was used, at most once an hour.
func Touch(ctx context.Context, tx *db.Tx, s id.Session) error { panic("not built yet") }

// Sessions lists a user's living sessions, the newest first.
func Sessions(ctx context.Context, q db.Querier, now time.Time, u id.User) ([]Session, error) {
	panic("not built yet")
}

// Revoke ends a session of the user's own, or anyone's for an admin.
func Revoke(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Session) error {
	panic("not built yet")
}

// RevokeAll ends all sessions of a user but keep ("" for none).
func RevokeAll(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, keep id.Session) error {
	panic("not built yet")
}

// Create makes a user with a phone and roles, or gives the one who has the phone (admin, demo).
func Create(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, phone, name string, roles ...actor.Role) (User, error) {
	panic("not built yet")
}

// SetRoles replaces a user's roles and ends their sessions (admin, never on oneself).
func SetRoles(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, roles []actor.Role) error {
	panic("not built yet")
}

// SetState disables or enables a user (admin); disabling ends their sessions.
func SetState(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, state string) error {
	panic("not built yet")
}

// SetProfile changes one's own shown name, language and type size.
func SetProfile(ctx context.Context, tx *db.Tx, who actor.Actor, name, lang string, large bool) error {
	panic("not built yet")
}

// SetLocalHost marks a host as of the county (admin, teacher).
func SetLocalHost(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, local bool) error {
	panic("not built yet")
}

// LinkProducer lets a user see a producer's lots, orders and money (admin, selector).
func LinkProducer(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, p id.Producer) error {
	panic("not built yet")
}

// ProducersOf lists the producers a user may see.
func ProducersOf(ctx context.Context, q db.Querier, u id.User) ([]id.Producer, error) {
	panic("not built yet")
}

// Users reads users with roles by id.
func Users(ctx context.Context, q db.Querier, ids ...id.User) (map[id.User]User, error) {
	panic("not built yet")
}

// WithRole lists users who hold a role; "" for everyone; at most 500, the newest first.
func WithRole(ctx context.Context, q db.Querier, r actor.Role) ([]User, error) {
	panic("not built yet")
}

// Address in a user's address book. Sealed fields are opened by Addresses.
type Address struct {
	ID       id.Address
	User     id.User
	Name     string
	Phone    string
	Province string
	City     string
	District string
	Detail   string
	Default  bool
}

// SaveAddress creates (ID empty) or changes an address of one's own; at most 20.
// The fields are checked by the caller (shipping.Recipient.Check).
func SaveAddress(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, a Address) (id.Address, error) {
	panic("not built yet")
}

// DeleteAddress removes an address of one's own.
func DeleteAddress(ctx context.Context, tx *db.Tx, who actor.Actor, a id.Address) error {
	panic("not built yet")
}

// Addresses lists a user's addresses opened, the default first.
func Addresses(ctx context.Context, q db.Querier, v *vault.Vault, u id.User) ([]Address, error) {
	panic("not built yet")
}

// Follow and Unfollow a host.
func Follow(ctx context.Context, tx *db.Tx, who actor.Actor, host id.User, on bool) error {
	panic("not built yet")
}

// Followers counts a host's followers, and tells whether u is one.
func Followers(ctx context.Context, q db.Querier, host, u id.User) (n int64, mine bool, err error) {
	panic("not built yet")
}
