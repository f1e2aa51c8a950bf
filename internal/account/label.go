package account

import (
	"context"
	"encoding/json"
	"strings"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// ColLabel is the column that labels are sealed for: that of the order which
// keeps one.
const ColLabel = "order.address"

// Label is what an order keeps of an address: where it goes, for everybody who
// handles it, and all of it as sealed JSON (shipping.Recipient).
type Label struct {
	Province, City string
	Enc            string
}

// label seals the address as an order keeps it.
func (a Address) label(v *vault.Vault) (string, error) {
	b, err := json.Marshal(struct {
		Name     string `json:"name"`
		Phone    string `json:"phone"`
		Province string `json:"province"`
		City     string `json:"city"`
		District string `json:"district"`
		Detail   string `json:"detail"`
	}{a.Name, a.Phone, a.Province, a.City, a.District, a.Detail})
	if err != nil {
		return "", err
	}
	return v.Seal(ColLabel, string(b))
}

// made begins the stored label: the end of the sealed detail, which is another
// one each time an address is saved. A release before labels saves the rest of
// an address only; its label is not of that address any more then.
func (s sealed) made() string { return s.detail[max(0, len(s.detail)-16):] + " " }

// Sealed is an address that is still sealed.
type Sealed struct {
	address Address
	sealed  sealed
}

// Label is the address for an order, if it is the user's.
func (s Sealed) Label(v *vault.Vault, u id.User) (l Label, own bool, err error) {
	if s.address.User != u {
		return Label{}, false, nil
	}
	a := s.address
	l = Label{Province: a.Province, City: a.City}
	enc, ok := strings.CutPrefix(s.sealed.label, s.sealed.made())
	if l.Enc = enc; ok {
		return l, true, nil
	}
	if err := a.open(v, s.sealed); err != nil {
		return Label{}, false, err
	}
	l.Enc, err = a.label(v)
	return l, err == nil, err
}

// AddressTables are the tables whose rows SealedByID looks at.
var AddressTables = []string{"user_address"}

// SealedByID reads living addresses, whosever they are, at most
// db.GatherMost; missing ones are left out.
func SealedByID(ctx context.Context, q db.Querier, ids []id.Address) (map[id.Address]Sealed, error) {
	out := make(map[id.Address]Sealed, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	args := db.Padded(ids)
	rows, err := q.Query(ctx, `
		SELECT id, user_id, name_enc, phone_enc, province, city, district, detail_enc, label_enc
		FROM user_address WHERE deleted_us = 0 AND id IN (`+db.In(1, len(args))+`)`, args...)
	list, err := db.Collect(rows, err, func(r *db.Rows, x *Sealed) error {
		a, s := &x.address, &x.sealed
		return r.Scan(&a.ID, &a.User, &s.name, &s.phone, &a.Province, &a.City, &a.District, &s.detail, &s.label)
	})
	for _, x := range list {
		out[x.address.ID] = x
	}
	return out, err
}
