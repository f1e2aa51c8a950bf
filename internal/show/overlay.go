package show

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// An overlay token is 24 random bytes, base64url: it stands in an address that
// OBS keeps, so nobody types it.
const (
	overlayBytes  = 24
	overlayLength = overlayBytes / 3 * 4
	overlayColumn = "show_overlay.token"
)

func overlayHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// NewOverlay makes a fresh address for the show's overlay and revokes the one
// before (operator).
func NewOverlay(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, s id.Show) (token string, err error) {
	if err := who.Need(actor.Operator); err != nil {
		return "", err
	}
	if _, err := lockOpen(ctx, tx, s); err != nil {
		return "", err
	}
	if _, err := revokeOverlay(ctx, tx, s); err != nil {
		return "", err
	}
	var raw [overlayBytes]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(err) // the system has no randomness: nothing may go on
	}
	token = base64.RawURLEncoding.EncodeToString(raw[:])
	sealed, err := v.Seal(overlayColumn, token)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO show_overlay (id, show_id, token_hash, token_enc, made_us) VALUES ($1, $2, $3, $4, $5)`,
		id.New[id.Event](), s, overlayHash(token), sealed, tx.NowUs())
	if err != nil {
		return "", err
	}
	return token, audit.Write(ctx, tx, who, "show.overlay_new", "show", s, map[string]any{})
}

// RevokeOverlay makes the overlay's address worthless (operator); without one
// nothing happens.
func RevokeOverlay(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	n, err := revokeOverlay(ctx, tx, s)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "show.overlay_revoke", "show", s, map[string]any{})
}

func revokeOverlay(ctx context.Context, tx *db.Tx, s id.Show) (int64, error) {
	return tx.Exec(ctx, `UPDATE show_overlay SET revoked_us = $2 WHERE show_id = $1 AND revoked_us = 0`, s, tx.NowUs())
}

// Overlay opens the token of the overlay's address, "" if there is none
// (operator).
func Overlay(ctx context.Context, q db.Querier, v *vault.Vault, who actor.Actor, s id.Show) (string, error) {
	if err := who.Need(actor.Operator); err != nil {
		return "", err
	}
	var sealed string
	err := q.QueryRow(ctx, `SELECT token_enc FROM show_overlay WHERE show_id = $1 AND revoked_us = 0`, s).Scan(&sealed)
	if errors.Is(err, db.ErrNoRows) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	return v.Open(overlayColumn, sealed)
}

// ByOverlay finds the show a living token stands for; fault NotFound.
func ByOverlay(ctx context.Context, q db.Querier, token string) (Show, error) {
	none := fault.New(fault.NotFound, "rooms.overlay_gone")
	if len(token) != overlayLength {
		return Show{}, none
	}
	var s id.Show
	err := q.QueryRow(ctx, `SELECT show_id FROM show_overlay WHERE token_hash = $1 AND revoked_us = 0`, overlayHash(token)).Scan(&s)
	if errors.Is(err, db.ErrNoRows) {
		return Show{}, none
	} else if err != nil {
		return Show{}, err
	}
	return ByID(ctx, q, s)
}
