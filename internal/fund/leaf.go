package fund

import (
	"context"
	"encoding/json"
	"slices"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/tlog"
)

// leafKind is the kind of a disbursement's entry in the public log. The sum is
// in that of its booking: here is what it was for.
const leafKind = "fund.disbursed"

// LeafRef is the ref of a disbursement's entry in the public log.
func LeafRef(d id.Disbursement) string { return "fund/" + string(d) }

// leafPublic is what everyone reads for ever: no names, which the law lets
// people take back. Anyone can hold the voucher's file against the hash.
type leafPublic struct {
	Fund    string `json:"fund"`
	No      string `json:"no"`
	Voucher string `json:"voucher_sha256,omitempty"` // 64 hex digits; none for one drafted before vouchers were hashed
}

// opening is what the entry is committed to: whom it was paid to and what for,
// by which agreement and whose signatures.
type opening struct {
	Disbursement id.Disbursement `json:"disbursement"`
	No           string          `json:"no"`
	Fund         string          `json:"fund"`
	Agreement    id.Agreement    `json:"agreement"`
	Recipient    string          `json:"recipient"`
	Account      string          `json:"account"`
	Purpose      string          `json:"purpose"`
	Fen          money.Fen       `json:"paid_fen"`
	File         string          `json:"voucher"`
	Kind         string          `json:"voucher_kind"`
	Hash         string          `json:"voucher_sha256"`
	Day          string          `json:"day"`
	BankRef      string          `json:"bank_ref"`
	Drafted      id.User         `json:"drafted_by"`
	Approved     id.User         `json:"approved_by"`
	Paid         id.User         `json:"paid_by"`
}

func (d Disbursement) opening() opening {
	return opening{d.ID, d.No, d.Fund, d.Agreement, d.Recipient, d.Payee, d.Purpose, d.Fen, d.Voucher, d.VoucherKind, d.VoucherHash,
		clock.DayOf(d.PaidAt).String(), d.BankRef, d.DraftedBy, d.ApprovedBy, d.PaidBy}
}

func (d Disbursement) leaf() tlog.Leaf {
	return tlog.Leaf{Kind: leafKind, Ref: LeafRef(d.ID), Public: leafPublic{d.Fund, d.No, d.VoucherHash}, Opening: d.opening()}
}

// Logged tells whether an entry of the public log says what the disbursement
// says, in its public part and in what it is committed to.
func (d Disbursement) Logged(public []byte, open string) bool {
	var p leafPublic
	var o opening
	return json.Unmarshal(public, &p) == nil && json.Unmarshal([]byte(open), &o) == nil && p == leafPublic{d.Fund, d.No, d.VoucherHash} && o == d.opening()
}

// LogPaid puts paid disbursements into the public log that are not in it: those
// from before there were entries of them. It may run at every start.
func LogPaid(ctx context.Context, d *db.DB) error {
	rows, err := d.Query(ctx, `SELECT `+columns+` FROM disbursement x WHERE state = 'paid' AND NOT EXISTS (SELECT 1 FROM log_leaf l WHERE l.ref = 'fund/' || x.id) ORDER BY id`)
	missing, err := db.Collect(rows, err, func(r *db.Rows, d *Disbursement) error { return scan(r, d) })
	if err != nil {
		return err
	}
	for some := range slices.Chunk(missing, 100) {
		if err := d.Update(ctx, func(tx *db.Tx) error { return fix(ctx, tx, some...) }); err != nil {
			return err
		}
	}
	return nil
}

func fix(ctx context.Context, tx *db.Tx, paid ...Disbursement) error {
	leaves := make([]tlog.Leaf, len(paid))
	for i, d := range paid {
		leaves[i] = d.leaf()
	}
	return tlog.Fix(ctx, tx, leaves...)
}
