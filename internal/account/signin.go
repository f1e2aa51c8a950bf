package account

import (
	"context"
	"errors"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/vault"
)

// SignIn checks a code and opens a session; the first sign-in makes the user.
// kind is "web" or "api". The token is shown once.
//
// It takes the database and not a transaction: a wrong try is an error to the
// caller and must be counted all the same.
//
// Faults: account.code_wrong with the tries left; account.code_over for a
// code that is unknown, used, too old or tried too often; account.disabled.
func SignIn(ctx context.Context, d *db.DB, v *vault.Vault, codeID, code, kind, agent, addr string) (User, string, error) {
	var u User
	var token string
	var refused error
	err := d.Update(ctx, func(tx *db.Tx) (err error) {
		u, token, refused, err = signIn(ctx, tx, v, codeID, code, kind, agent, addr)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return User{}, "", err
	}
	return u, token, nil
}

// signIn answers refused for a try that failed and is to be committed.
func signIn(ctx context.Context, tx *db.Tx, v *vault.Vault, codeID, code, kind, agent, addr string) (u User, token string, refused, err error) {
	phone, refused, err := useCode(ctx, tx, v, codeID, code)
	if refused != nil || err != nil {
		return u, "", refused, err
	}
	u, made, err := ensure(ctx, tx, v, phone, "")
	if err != nil {
		return u, "", nil, err
	}
	if u.State != Active {
		return u, "", fault.New(fault.Denied, "account.disabled"), nil
	}
	if made {
		if err := audit.Write(ctx, tx, u.Actor(kind), "account.join", "user", u.ID, nil); err != nil {
			return u, "", nil, err
		}
	}
	token, err = OpenSession(ctx, tx, u.ID, kind, agent, addr)
	return u, token, nil, err
}

// useCode counts the try, and gives the phone if the code is right.
func useCode(ctx context.Context, tx *db.Tx, v *vault.Vault, codeID, code string) (phone string, refused, err error) {
	over := fault.New(fault.Gone, "account.code_over").At("code")
	var idx, enc, hash string
	var tries int
	err = tx.QueryRow(ctx, `
		UPDATE login_code SET tries = tries + 1
		WHERE id = $1 AND used_us = 0 AND expires_us > $2 AND tries < $3
		RETURNING phone_idx, phone_enc, code_hash, tries`, codeID, tx.NowUs(), CodeTries).Scan(&idx, &enc, &hash, &tries)
	if errors.Is(err, db.ErrNoRows) {
		return "", over, nil
	}
	if err != nil {
		return "", nil, err
	}
	if !sameHash(hash, hashCode(v, codeID, strings.TrimSpace(code))) {
		err := audit.Write(ctx, tx, actor.System("sign-in"), "account.code_wrong", "login_code", codeID, map[string]any{"try": tries})
		if tries >= CodeTries {
			return "", over, err
		}
		return "", fault.New(fault.Invalid, "account.code_wrong", "Left", CodeTries-tries).At("code"), err
	}
	// The phone's other open codes have done their duty too.
	if _, err := tx.Exec(ctx, `UPDATE login_code SET used_us = $2 WHERE phone_idx = $1 AND used_us = 0`, idx, tx.NowUs()); err != nil {
		return "", nil, err
	}
	phone, err = v.Open(colCodePhone, enc)
	return phone, nil, err
}
