package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Kinds of sessions: a browser's cookie, a program's bearer token.
const (
	Web = "web"
	API = "api"
)

const (
	webLasts    = 30 * 24 * time.Hour  // of a browser's session, from its last use
	apiLasts    = 90 * 24 * time.Hour  // of a program's
	sessionEnds = 365 * 24 * time.Hour // however busy it is (OWASP ASVS 7.3.2)
	touchEvery  = time.Hour
	maxSessions = 30
	maxAgent    = 120 // characters kept of a User-Agent
)

// Session is one sign-in.
type Session struct {
	ID      id.Session
	User    id.User
	Kind    string // Web, API
	Agent   string // shortened User-Agent
	Addr    string // network, last part cut: enough to recognise one's own
	Created time.Time
	Seen    time.Time
	Expires time.Time
}

// OpenSession opens a session for a user without a code: demo links and
// tests, and the end of SignIn. A user's 31st session ends the one that was
// unused for longest.
func OpenSession(ctx context.Context, tx *db.Tx, u id.User, kind, agent, addr string) (token string, err error) {
	if kind != Web && kind != API {
		return "", fmt.Errorf("account: no session kind %q", kind)
	}
	if err := lock(ctx, tx, u); err != nil {
		return "", err
	}
	s, token := id.New[id.Session](), id.Secret()
	_, err = tx.Exec(ctx, `
		INSERT INTO user_session (id, token_hash, user_id, kind, agent, addr, created_us, seen_us, expires_us, revoked_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, 0)`,
		s, hashToken(token), u, kind, cutAgent(agent), cutAddr(addr), tx.NowUs(), clock.Us(tx.Now.Add(lasts(kind))))
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `
		UPDATE user_session SET revoked_us = $2 WHERE id IN (
			SELECT id FROM user_session WHERE user_id = $1 AND revoked_us = 0 AND expires_us > $2
			ORDER BY seen_us DESC, id DESC LIMIT $3 OFFSET $4)`, u, tx.NowUs(), maxSessions, maxSessions)
	if err != nil {
		return "", err
	}
	return token, audit.Write(ctx, tx, actor.Actor{User: u, Via: kind}, "account.sign_in", "session", s, map[string]any{"kind": kind})
}

func lasts(kind string) time.Duration {
	if kind == API {
		return apiLasts
	}
	return webLasts
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

const sessionColumns = `s.id, s.user_id, s.kind, s.agent, s.addr, s.created_us, s.seen_us, s.expires_us`

func sessionDest(s *Session) (dest []any, done func()) {
	var created, seen, expires int64
	return []any{&s.ID, &s.User, &s.Kind, &s.Agent, &s.Addr, &created, &seen, &expires}, func() {
		s.Created, s.Seen, s.Expires = clock.FromUs(created), clock.FromUs(seen), clock.FromUs(expires)
	}
}

// ByToken is who holds a token: false when it is unknown, over or revoked, or
// its user disabled.
func ByToken(ctx context.Context, q db.Querier, now time.Time, token string) (User, Session, bool, error) {
	if len(token) != 64 { // what id.Secret makes; anything else needs no query
		return User{}, Session{}, false, nil
	}
	var u User
	var s Session
	ud, userDone := userDest(&u)
	sd, sessionDone := sessionDest(&s)
	err := q.QueryRow(ctx, `
		SELECT `+userColumns+`, `+sessionColumns+`
		FROM user_session s JOIN user_account u ON u.id = s.user_id
		WHERE s.token_hash = $1 AND s.revoked_us = 0 AND s.expires_us > $2 AND u.state = 'active'`,
		hashToken(token), clock.Us(now)).Scan(append(ud, sd...)...)
	if errors.Is(err, db.ErrNoRows) {
		return User{}, Session{}, false, nil
	}
	if err != nil {
		return User{}, Session{}, false, err
	}
	userDone()
	sessionDone()
	return u, s, true, nil
}

// Sign is a session and whose it is.
type Sign struct {
	User    User
	Session Session
}

// SignTables are the tables whose rows ByTokens looks at.
var SignTables = []string{"user_session", "user_account", "user_role"}

// ByTokens is ByToken for many at once, at most db.GatherMost; those who hold
// nothing are left out.
func ByTokens(ctx context.Context, q db.Querier, now time.Time, tokens []string) (map[string]Sign, error) {
	out := make(map[string]Sign, len(tokens))
	hashes := make([]string, 0, len(tokens))
	of := make(map[string]string, len(tokens))
	for _, t := range tokens {
		if len(t) == 64 {
			h := hashToken(t)
			hashes = append(hashes, h)
			of[h] = t
		}
	}
	if len(hashes) == 0 {
		return out, nil
	}
	type row struct {
		hash string
		Sign
	}
	args := db.Padded(hashes)
	rows, err := q.Query(ctx, `
		SELECT s.token_hash, `+userColumns+`, `+sessionColumns+`
		FROM user_session s JOIN user_account u ON u.id = s.user_id
		WHERE s.revoked_us = 0 AND s.expires_us > $1 AND u.state = 'active' AND s.token_hash IN (`+db.In(2, len(args))+`)`,
		append([]any{clock.Us(now)}, args...)...)
	list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error {
		ud, userDone := userDest(&x.User)
		sd, sessionDone := sessionDest(&x.Session)
		err := r.Scan(append(append([]any{&x.hash}, ud...), sd...)...)
		userDone()
		sessionDone()
		return err
	})
	for _, x := range list {
		out[of[x.hash]] = x.Sign
	}
	return out, err
}

// Touch notes that a session was used, at most once an hour, and so keeps it
// alive: 30 days from now for a browser, 90 for a program, but never longer
// than a year after its sign-in.
func Touch(ctx context.Context, tx *db.Tx, s id.Session) error {
	var kind string
	var created int64
	err := tx.QueryRow(ctx, `SELECT kind, created_us FROM user_session WHERE id = $1`, s).Scan(&kind, &created)
	if errors.Is(err, db.ErrNoRows) {
		return nil // pruned between the request's start and now
	}
	if err != nil {
		return err
	}
	until := min(clock.Us(tx.Now.Add(lasts(kind))), created+sessionEnds.Microseconds())
	_, err = tx.Exec(ctx, `
		UPDATE user_session SET seen_us = $2, expires_us = $3
		WHERE id = $1 AND revoked_us = 0 AND expires_us > $2 AND seen_us <= $4`,
		s, tx.NowUs(), until, clock.Us(tx.Now.Add(-touchEvery)))
	return err
}

// Sessions lists a user's living sessions, the newest first.
func Sessions(ctx context.Context, q db.Querier, now time.Time, u id.User) ([]Session, error) {
	rows, err := q.Query(ctx, `
		SELECT `+sessionColumns+` FROM user_session s
		WHERE s.user_id = $1 AND s.revoked_us = 0 AND s.expires_us > $2
		ORDER BY s.created_us DESC, s.id DESC LIMIT $3`, u, clock.Us(now), maxSessions)
	return db.Collect(rows, err, func(r *db.Rows, s *Session) error {
		dest, done := sessionDest(s)
		err := r.Scan(dest...)
		done()
		return err
	})
}

// Revoke ends a session of the user's own, or anyone's for an admin. Ending
// one that is over changes nothing.
func Revoke(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Session) error {
	if err := who.Need(actor.Buyer); err != nil {
		return err
	}
	var owner id.User
	err := tx.QueryRow(ctx, `SELECT user_id FROM user_session WHERE id = $1`, s).Scan(&owner)
	if errors.Is(err, db.ErrNoRows) || err == nil && owner != who.User && !who.Has(actor.Admin) {
		return fault.New(fault.NotFound, "fault.not_found") // another's session does not even exist
	}
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE user_session SET revoked_us = $2 WHERE id = $1 AND revoked_us = 0`, s, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "account.revoke", "session", s, map[string]any{"user": owner})
}

// RevokeAll ends all sessions of a user but keep ("" for none): one's own, or
// anyone's for an admin.
func RevokeAll(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, keep id.Session) error {
	if err := who.Need(actor.Buyer); err != nil {
		return err
	}
	if u != who.User && !who.Has(actor.Admin) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	n, err := endSessions(ctx, tx, u, keep)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "account.revoke_all", "user", u, map[string]any{"sessions": n})
}

func endSessions(ctx context.Context, tx *db.Tx, u id.User, keep id.Session) (int64, error) {
	return tx.Exec(ctx, `UPDATE user_session SET revoked_us = $2 WHERE user_id = $1 AND revoked_us = 0 AND id <> $3`, u, tx.NowUs(), keep)
}

// cutAgent keeps the readable start of a User-Agent.
func cutAgent(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), 4*maxAgent)], ""))
	if r := []rune(s); len(r) > maxAgent {
		return string(r[:maxAgent])
	}
	return s
}

// cutAddr keeps the network of an address: 203.0.113.*, 2001:db8:1::*.
func cutAddr(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		b := a.As4()
		return fmt.Sprintf("%d.%d.%d.*", b[0], b[1], b[2])
	}
	p, err := a.Prefix(48)
	if err != nil {
		return ""
	}
	return p.Addr().String() + "*"
}
