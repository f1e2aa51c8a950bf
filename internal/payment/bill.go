package payment

import (
	"errors"
	"time"

	"lindu.example/lindu/internal/money"
)

// ErrNoBill means that the provider has no bill of the day yet: try again
// later. WeChat Pay makes yesterday's at about 10:00, Alipay by 09:00.
var ErrNoBill = errors.New("payment: no bill of that day yet")

// Kinds of a bill's rows.
const (
	BillPay    = "pay"
	BillRefund = "refund"
)

// BillRow is one movement on a provider's bill of a day (Asia/Shanghai).
type BillRow struct {
	Kind   string    // BillPay, BillRefund
	Ours   string    // id of our payment or refund
	Ref    string    // the provider's number
	Amount money.Fen // what the buyer paid or got back, positive
	Fee    money.Fen // what the provider kept; below zero: gave back with a refund
	At     time.Time
}

// MaxBill bounds the bytes of a bill that are read.
const MaxBill = 64 << 20
