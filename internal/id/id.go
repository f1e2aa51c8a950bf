package id

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/gofrs/uuid/v5"

	"lindu.example/lindu/internal/clock"
)

// One type a kind, so that the compiler sees a mix-up.
type (
	User      string // a person who can sign in
	Session   string
	Address   string
	Producer  string // household, co-op or firm
	Product   string
	Picture   string
	Lot       string
	Movement  string // of stock
	Show      string
	Item      string // a product in a show's running order
	Order     string
	Line      string // of an order
	Payment   string
	Refund    string
	Callback  string // of a payment gateway
	Shipment  string
	Txn       string // of the ledger
	Message   string // of the chat
	Report    string // a complaint
	Event     string // of the audit trail
	Case      string // after-sale
	Allotment string // a host's slice of a lot
	Flash     string // a flash sale

	Agreement string // of a donation
	Agency    string // of hosts
	Comment   string // to a promise
	Plan      string // of commission

	Gift         string // to charity, in a room
	GiftKind     string // of the price list
	Disbursement string // out of a fund

	Statement string // of a producer, host or agency
	Account   string // at a bank
	Batch     string // of payouts
	Payout    string
	Cost      string // of the centre
	Earning   string // a host's pay
	Back      string // of pay or a cost that was entered wrongly

	Move  string // of money, on the bank account
	Split string // of a payment, at the provider

	Chunk string // a file of a recording
	Lock  string // of a recording
	Clip  string // a short video out of a recording

	Sanction string // who may not write in a room
	Appeal   string // against one, or a hidden message

	Placing string // of the orders that were placed in one transaction
	Help    string // a host's call

	Correction string // of something said in a show

	Relay string // a server the picture is sent on to

	Coupon       string // of a show
	Claim        string // a person's own coupon
	PriceRequest string // that waits for a second signer
	Wait         string // for more of a sold-out item
)

// New makes an id of the kind.
func New[T ~string]() T {
	return T(hex.EncodeToString(uuid.Must(uuid.NewV7()).Bytes()))
}

// From is below every id made at t or later, and above those made a millisecond
// or more before.
func From(t time.Time) string {
	return fmt.Sprintf("%012x", max(t.UnixMilli(), 0))
}

// Valid tells whether s looks like an id: 32 lower-case hex digits.
func Valid[T ~string](s T) bool {
	return len(s) == 32 && strings.Trim(string(s), "0123456789abcdef") == ""
}

// OrderNo makes an order number for people.
func OrderNo(day clock.Day) string {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000_000))
	if err != nil {
		panic(err) // the system has no randomness: nothing may go on
	}
	s := fmt.Sprintf("%08d%011d", day, n)
	return s + string(rune('0'+luhn(s)))
}

// ValidOrderNo tells whether s is an order number with the right check digit.
func ValidOrderNo(s string) bool {
	if len(s) != 20 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	return luhn(s[:19]) == int(s[19]-'0')
}

// luhn is the check digit to append to s.
func luhn(s string) int {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return (10 - sum%10) % 10
}

// Secret makes an unguessable token of 32 bytes as 64 hex digits.
func Secret() string {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err)
	}
	return hex.EncodeToString(b[:])
}
