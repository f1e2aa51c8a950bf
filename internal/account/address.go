package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

const (
	// MaxAddresses is how many addresses a person keeps.
	MaxAddresses    = 20
	maxAddressField = 200 // characters; the forms allow less
)

// Columns that vault binds sealed text to.
const (
	colAddrName   = "user_address.name"
	colAddrPhone  = "user_address.phone"
	colAddrDetail = "user_address.detail"
)

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

// sealed is an address as it is stored.
type sealed struct{ name, phone, detail, label string }

func (a Address) seal(v *vault.Vault) (s sealed, err error) {
	var errs [4]error
	s.name, errs[0] = v.Seal(colAddrName, a.Name)
	s.phone, errs[1] = v.Seal(colAddrPhone, a.Phone)
	s.detail, errs[2] = v.Seal(colAddrDetail, a.Detail)
	s.label, errs[3] = a.label(v)
	s.label = s.made() + s.label
	return s, errors.Join(errs[:]...)
}

func (a *Address) open(v *vault.Vault, s sealed) error {
	var errs [3]error
	a.Name, errs[0] = v.Open(colAddrName, s.name)
	a.Phone, errs[1] = v.Open(colAddrPhone, s.phone)
	a.Detail, errs[2] = v.Open(colAddrDetail, s.detail)
	if err := errors.Join(errs[:]...); err != nil {
		return fmt.Errorf("account: address %s: %w", a.ID, err)
	}
	return nil
}

// check is the last net under the forms' own checks.
func (a Address) check() error {
	var faults []*fault.Error
	for _, f := range []struct{ name, value string }{
		{"name", a.Name}, {"phone", a.Phone}, {"province", a.Province}, {"city", a.City}, {"district", a.District}, {"detail", a.Detail},
	} {
		switch {
		case strings.TrimSpace(f.value) == "" && f.name != "district": // some cities have none
			faults = append(faults, fault.New(fault.Invalid, "fault.required").At(f.name))
		case utf8.RuneCountInString(f.value) > maxAddressField:
			faults = append(faults, fault.New(fault.Invalid, "fault.too_long", "Max", maxAddressField).At(f.name))
		}
	}
	return fault.Join(faults...)
}

// SaveAddress creates (ID empty) or changes an address of one's own; at most
// 20. The first one is the default, and there is always exactly one. The
// fields are checked by the caller (shipping.Recipient.Check).
func SaveAddress(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, a Address) (id.Address, error) {
	if err := person(who); err != nil {
		return "", err
	}
	if err := a.check(); err != nil {
		return "", err
	}
	s, err := a.seal(v)
	if err != nil {
		return "", err
	}
	if err := lock(ctx, tx, who.User); err != nil {
		return "", err
	}
	others, err := countOthers(ctx, tx, who.User, a.ID)
	if err != nil {
		return "", err
	}
	if a.ID == "" {
		if others >= MaxAddresses {
			return "", fault.New(fault.Conflict, "account.addresses_full", "Max", MaxAddresses)
		}
		a.ID = id.New[id.Address]()
		err = insertAddress(ctx, tx, who.User, a, s)
	} else {
		err = updateAddress(ctx, tx, who.User, a, s)
	}
	if err != nil {
		return "", err
	}
	if a.Default {
		err = setDefault(ctx, tx, who.User, a.ID)
	} else {
		err = ensureDefault(ctx, tx, who.User)
	}
	if err != nil {
		return "", err
	}
	return a.ID, audit.Write(ctx, tx, who, "account.save_address", "address", a.ID, nil)
}

func countOthers(ctx context.Context, tx *db.Tx, u id.User, but id.Address) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM user_address WHERE user_id = $1 AND deleted_us = 0 AND id <> $2`, u, but).Scan(&n)
	return n, err
}

func insertAddress(ctx context.Context, tx *db.Tx, u id.User, a Address, s sealed) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO user_address (id, user_id, name_enc, phone_enc, province, city, district, detail_enc, label_enc, is_default, created_us, deleted_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE, $10, 0)`,
		a.ID, u, s.name, s.phone, a.Province, a.City, a.District, s.detail, s.label, tx.NowUs())
	return err
}

func updateAddress(ctx context.Context, tx *db.Tx, u id.User, a Address, s sealed) error {
	n, err := tx.Exec(ctx, `
		UPDATE user_address SET name_enc = $3, phone_enc = $4, province = $5, city = $6, district = $7, detail_enc = $8, label_enc = $9
		WHERE id = $1 AND user_id = $2 AND deleted_us = 0`,
		a.ID, u, s.name, s.phone, a.Province, a.City, a.District, s.detail, s.label)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return err
}

// setDefault makes one address the default. The old one goes first: a unique
// index holds that there are never two.
func setDefault(ctx context.Context, tx *db.Tx, u id.User, a id.Address) error {
	if _, err := tx.Exec(ctx, `UPDATE user_address SET is_default = FALSE WHERE user_id = $1 AND is_default AND id <> $2`, u, a); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE user_address SET is_default = TRUE WHERE user_id = $1 AND id = $2 AND deleted_us = 0`, u, a)
	return err
}

// ensureDefault makes the newest address the default if there is none.
func ensureDefault(ctx context.Context, tx *db.Tx, u id.User) error {
	_, err := tx.Exec(ctx, `
		UPDATE user_address SET is_default = TRUE WHERE id = (
			SELECT id FROM user_address WHERE user_id = $1 AND deleted_us = 0
			ORDER BY created_us DESC, id DESC LIMIT 1)
		AND NOT EXISTS (SELECT 1 FROM user_address d WHERE d.user_id = $1 AND d.is_default AND d.deleted_us = 0)`, u)
	return err
}

// DeleteAddress removes an address of one's own. Its sealed fields are wiped
// at once; orders hold a copy of their own.
func DeleteAddress(ctx context.Context, tx *db.Tx, who actor.Actor, a id.Address) error {
	if err := person(who); err != nil {
		return err
	}
	if err := lock(ctx, tx, who.User); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE user_address
		SET deleted_us = $3, is_default = FALSE, name_enc = '', phone_enc = '', detail_enc = '', label_enc = '', city = '', district = ''
		WHERE id = $1 AND user_id = $2 AND deleted_us = 0`, a, who.User, tx.NowUs())
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := ensureDefault(ctx, tx, who.User); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "account.delete_address", "address", a, nil)
}

// Addresses lists a user's addresses opened, the default first.
func Addresses(ctx context.Context, q db.Querier, v *vault.Vault, u id.User) ([]Address, error) {
	rows, err := q.Query(ctx, `
		SELECT id, user_id, name_enc, phone_enc, province, city, district, detail_enc, is_default
		FROM user_address WHERE user_id = $1 AND deleted_us = 0
		ORDER BY CASE WHEN is_default THEN 0 ELSE 1 END, created_us DESC, id DESC LIMIT $2`, u, MaxAddresses)
	return db.Collect(rows, err, func(r *db.Rows, a *Address) error {
		var s sealed
		if err := r.Scan(&a.ID, &a.User, &s.name, &s.phone, &a.Province, &a.City, &a.District, &s.detail, &a.Default); err != nil {
			return err
		}
		return a.open(v, s)
	})
}
