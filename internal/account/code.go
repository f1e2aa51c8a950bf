package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
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

const (
	// CodeLasts is how long a sign-in code works (OWASP ASVS 6.5: at most ten minutes).
	CodeLasts = 10 * time.Minute
	// CodeTries is how many wrong tries end a code: with ten codes a day, one
	// guess in 20,000 days would hit.
	CodeTries = 5
)

// Code is a sign-in code that was made; Plain goes to the phone and is not stored.
type Code struct {
	ID      string
	Phone   string // 11 digits: where Plain is to be sent, however it was typed
	Plain   string
	Expires time.Time
}

// Text is what is sent to the phone.
func (c Code) Text(l i18n.Lang) string {
	return i18n.For(l).T("account.sms_code", "Code", c.Plain, "Minutes", int(CodeLasts/time.Minute))
}

// limit is at most n codes in a window of time.
type limit struct {
	n      int
	window time.Duration
	key    string // what to tell
}

var (
	phoneLimits = []limit{
		{1, time.Minute, "account.code_wait"},
		{5, time.Hour, "account.code_many"},
		{10, 24 * time.Hour, "account.code_many"},
	}
	// Of codes that nobody has used: a class of fifty signs in behind one address,
	// and a machine that asks for codes of other people's phones can't use them.
	addrLimits   = []limit{{60, time.Hour, "account.code_addr"}}
	centreLimits = []limit{{3000, time.Hour, "account.code_busy"}} // texts cost money
)

// AskCode makes a code for a phone: six digits, ten minutes, one use, five
// tries, limited per phone and per address (fault TooMany with RetryAfter).
// addr is the asker's network address; an empty one (tests, the demo's own
// buyers) is not limited by address.
func AskCode(ctx context.Context, tx *db.Tx, v *vault.Vault, phone, addr string) (Code, error) {
	p, err := ParsePhone(phone)
	if err != nil {
		return Code{}, err
	}
	phoneIdx, addrIdx := v.Index(colPhone, p), ""
	if addr != "" {
		addrIdx = v.Index(colCodeAddr, Network(addr))
	}
	if err := checkLimits(ctx, tx, phoneIdx, addrIdx); err != nil {
		return Code{}, err
	}
	enc, err := v.Seal(colCodePhone, p)
	if err != nil {
		return Code{}, err
	}
	c := Code{ID: id.New[string](), Phone: p, Plain: digits(), Expires: tx.Now.Add(CodeLasts)}
	_, err = tx.Exec(ctx, `
		INSERT INTO login_code (id, phone_idx, phone_enc, addr_idx, code_hash, tries, created_us, expires_us, used_us)
		VALUES ($1, $2, $3, $4, $5, 0, $6, $7, 0)`,
		c.ID, phoneIdx, enc, addrIdx, hashCode(v, c.ID, c.Plain), tx.NowUs(), clock.Us(c.Expires))
	if err != nil {
		return Code{}, err
	}
	return c, audit.Write(ctx, tx, actor.System("sign-in"), "account.ask_code", "login_code", c.ID, nil)
}

// digits makes six random digits.
func digits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // the system has no randomness: nothing may go on
	}
	return fmt.Sprintf("%06d", n)
}

// hashCode binds a code to its id under a key outside the database: who has
// read the table can't try out the million codes.
func hashCode(v *vault.Vault, codeID, plain string) string {
	return v.Index(colCode, codeID+"/"+plain)
}

func checkLimits(ctx context.Context, tx *db.Tx, phoneIdx, addrIdx string) error {
	// Always the phone before the address, so that no two askers wait for each other.
	for _, key := range []string{"phone/" + phoneIdx, "addr/" + addrIdx} {
		if strings.HasSuffix(key, "/") {
			continue
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO login_gate (key, at_us) VALUES ($1, $2)
			ON CONFLICT (key) DO UPDATE SET at_us = excluded.at_us`, key, tx.NowUs())
		if err != nil {
			return err
		}
	}
	for _, l := range phoneLimits {
		if err := l.check(ctx, tx, `phone_idx = $1`, phoneIdx); err != nil {
			return err
		}
	}
	if addrIdx != "" {
		for _, l := range addrLimits {
			if err := l.check(ctx, tx, `addr_idx = $1 AND used_us = 0`, addrIdx); err != nil {
				return err
			}
		}
	}
	for _, l := range centreLimits {
		if err := l.check(ctx, tx, `$1 = ''`, ""); err != nil {
			return err
		}
	}
	return nil
}

// check looks for the n-th last code of the window: if it is there, the limit
// is reached and it leaves the window after RetryAfter.
func (l limit) check(ctx context.Context, tx *db.Tx, where, arg string) error {
	var us int64
	err := tx.QueryRow(ctx, `
		SELECT created_us FROM login_code WHERE `+where+` AND created_us > $2
		ORDER BY created_us DESC LIMIT 1 OFFSET $3`, arg, clock.Us(tx.Now.Add(-l.window)), l.n-1).Scan(&us)
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	wait := min(clock.FromUs(us).Add(l.window).Sub(tx.Now), l.window) // no longer, should the clock have jumped back
	return fault.New(fault.TooMany, l.key,
		"Seconds", int((wait+time.Second-1)/time.Second), "Minutes", int((wait+time.Minute-1)/time.Minute)).After(wait)
}

// Network is what counts as one address: an IPv4 address, or the /64 that an
// IPv6 household gets. What is no address counts as it stands.
func Network(addr string) string {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return addr
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return addr
	}
	return p.String()
}

func sameHash(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
