package show

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// A stream key is 24 characters of Crockford's base32 (120 random bits) in six
// groups, "7k3m-q0vz-…": easy to paste, and to read out over the telephone,
// because 0/O and 1/I/L count as one.
const (
	keyAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	keyLength   = 24
	keyGroup    = 4
	keyColumn   = "stream_key.key" // the vault binds a sealed text to its column
)

var keySame = strings.NewReplacer("o", "0", "i", "1", "l", "1", "-", "", " ", "", "\t", "", "\n", "", "\r", "")

func makeKey() string {
	var b [keyLength]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // the system has no randomness: nothing may go on
	}
	var out strings.Builder
	for i, c := range b {
		if i > 0 && i%keyGroup == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(keyAlphabet[c&31])
	}
	return out.String()
}

// keyHash finds a key in the table. A plain hash will do: nobody guesses 120
// random bits. ok is false for a text that can't be a key.
func keyHash(key string) (hash string, ok bool) {
	if len(key) > 4*keyLength {
		return "", false
	}
	key = keySame.Replace(strings.ToLower(key))
	if len(key) != keyLength {
		return "", false
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]), true
}

// NewKey makes a fresh stream key and revokes the one before (operator, or the
// show's host). The caller ends a stream that still runs on the old one.
func NewKey(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, s id.Show) (key string, err error) {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return "", err
	}
	sh, err := lockOpen(ctx, tx, s)
	if err != nil {
		return "", err
	}
	if err := mayRun(who, sh); err != nil {
		return "", err
	}
	if _, err := revoke(ctx, tx, s); err != nil {
		return "", err
	}
	key = makeKey()
	hash, _ := keyHash(key)
	sealed, err := v.Seal(keyColumn, key)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stream_key (id, show_id, key_hash, key_enc, created_us) VALUES ($1, $2, $3, $4, $5)`,
		id.New[id.Event](), s, hash, sealed, tx.NowUs())
	if err != nil {
		return "", err
	}
	return key, audit.Write(ctx, tx, who, "show.key_new", "show", s, map[string]any{})
}

// RevokeKey makes the living stream key worthless (operator, or the show's
// host); without one nothing happens.
func RevokeKey(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show) error {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return err
	}
	sh, err := lock(ctx, tx, s)
	if err != nil {
		return err
	}
	if err := mayRun(who, sh); err != nil {
		return err
	}
	n, err := revoke(ctx, tx, s)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "show.key_revoke", "show", s, map[string]any{})
}

func revoke(ctx context.Context, tx *db.Tx, s id.Show) (int64, error) {
	return tx.Exec(ctx, `UPDATE stream_key SET revoked_us = $2 WHERE show_id = $1 AND revoked_us = 0`, s, tx.NowUs())
}

// Key opens the living stream key, "" if there is none (operator, or the
// show's host).
func Key(ctx context.Context, q db.Querier, v *vault.Vault, who actor.Actor, s id.Show) (string, error) {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return "", err
	}
	sh, err := ByID(ctx, q, s)
	if err != nil {
		return "", err
	}
	if err := mayRun(who, sh); err != nil {
		return "", err
	}
	var sealed string
	err = q.QueryRow(ctx, `SELECT key_enc FROM stream_key WHERE show_id = $1 AND revoked_us = 0`, s).Scan(&sealed)
	if errors.Is(err, db.ErrNoRows) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	return v.Open(keyColumn, sealed)
}

// ByKey finds the show a stream key may publish to. Spaces, dashes and case of
// the key don't matter. Faults, in words for the person at the encoder:
// show.key_wrong, show.key_revoked, show.key_over.
func ByKey(ctx context.Context, q db.Querier, key string) (Show, error) {
	wrong := fault.New(fault.Denied, "show.key_wrong")
	hash, ok := keyHash(key)
	if !ok {
		return Show{}, wrong
	}
	var s id.Show
	var revoked int64
	err := q.QueryRow(ctx, `SELECT show_id, revoked_us FROM stream_key WHERE key_hash = $1`, hash).Scan(&s, &revoked)
	if errors.Is(err, db.ErrNoRows) {
		return Show{}, wrong
	} else if err != nil {
		return Show{}, err
	}
	sh, err := ByID(ctx, q, s)
	switch {
	case err != nil:
		return Show{}, err
	case sh.Over(): // before "revoked": it is what the person can't mend
		return Show{}, fault.New(fault.Gone, "show.key_over")
	case revoked != 0:
		return Show{}, fault.New(fault.Denied, "show.key_revoked")
	}
	return sh, nil
}
