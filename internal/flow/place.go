package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
)

// Limits of an order.
const (
	MaxLines = 20
	MaxUnits = 99  // of a line
	MaxNote  = 100 // characters
	MinKey   = 8
	MaxKey   = 255
)

// PlaceLine is what a buyer wants: an item of a show, or a product outside one.
type PlaceLine struct {
	Item    id.Item    `json:"item,omitempty"`
	Product id.Product `json:"product,omitempty"`
	Units   int64      `json:"units" minimum:"1" maximum:"99"`
	// Price is what the buyer saw; another price now is fault order.price_changed.
	Price money.Fen `json:"price_fen"`
}

// PlaceIn is a buyer's order.
type PlaceIn struct {
	Key        string // idempotency key made by the page, 8 to 255 characters
	Show       id.Show
	Lines      []PlaceLine
	Address    id.Address
	NoReturnOK bool // ticked "can't be returned", needed where a product's return rule says so
	Note       string
	// Coupon of the buyer's own, "" for none, and what it takes off as the buyer
	// saw it: another amount now is fault coupon.changed.
	Coupon   id.Claim  `json:",omitempty"`
	Discount money.Fen `json:",omitempty"`
}

// PlaceOrder checks an order, hands it to the order desk, which prices and
// writes it, and answers after the commit. The same key with the same body
// gives the first answer again, order or refusal; with another body it is fault
// order.key_reused. Other faults: one a field, order.address_missing, and
// those of orderdesk.Desk.Place.
func (f *Flow) PlaceOrder(ctx context.Context, who actor.Actor, in PlaceIn) (order.Order, error) {
	if !who.SignedIn() {
		return order.Order{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	in.Note = strings.TrimSpace(in.Note)
	if err := in.check(); err != nil {
		return order.Order{}, err
	}
	hash := in.hash()
	label, err := f.labelOf(ctx, who.User, in.Address)
	if fault.HasKey(err, "order.address_missing") {
		// A repeated request gets its answer also when the address is gone.
		if first, ok, e := orderdesk.Answered(ctx, f.DB, order.Key{Buyer: who.User, Key: in.Key}, hash); ok {
			return first, e
		}
	}
	if err != nil {
		return order.Order{}, err
	}
	return f.Desk.Place(ctx, orderdesk.Request{Who: who, UnpaidFor: f.UnpaidFor, FlashUnpaidFor: f.FlashUnpaidFor, MaxUnpaid: f.MaxUnpaid, Coupon: in.Coupon, Discount: in.Discount, Order: order.Order{
		Buyer: who.User, Show: in.Show, Province: label.Province, City: label.City, AddressEnc: label.Enc,
		Note: in.Note, NoReturnOK: in.NoReturnOK, IdemKey: in.Key, IdemHash: hash, Lines: orderLines(in.Lines),
	}})
}

// check tells what is wrong with the request itself, one fault a field.
func (in PlaceIn) check() error {
	var key, address, note *fault.Error
	if len(in.Key) < MinKey || len(in.Key) > MaxKey || !printable(in.Key) {
		key = fault.New(fault.Invalid, "order.key_bad").At("key")
	}
	if in.Address == "" {
		address = fault.New(fault.Invalid, "order.address_missing").At("address")
	}
	switch {
	case utf8.RuneCountInString(in.Note) > MaxNote:
		note = fault.New(fault.Invalid, "fault.too_long", "Max", MaxNote).At("note")
	case !utf8.ValidString(in.Note) || !printable(in.Note):
		note = fault.New(fault.Invalid, "fault.form").At("note")
	}
	var coupon *fault.Error
	if in.Coupon != "" && !id.Valid(in.Coupon) || in.Coupon == "" && in.Discount != 0 || in.Discount < 0 || in.Discount > money.MaxFen {
		coupon = fault.New(fault.Invalid, "fault.form").At("coupon")
	}
	return fault.Join(append(checkLines(in.Lines), key, address, note, coupon)...)
}

func checkLines(lines []PlaceLine) []*fault.Error {
	if len(lines) == 0 || len(lines) > MaxLines {
		return []*fault.Error{fault.New(fault.Invalid, "order.lines_bad", "Min", 1, "Max", MaxLines).At("lines")}
	}
	var bad []*fault.Error
	for i, l := range lines {
		field := fmt.Sprintf("lines.%d", i)
		if l.Item == "" && l.Product == "" || len(l.Item) > 64 || len(l.Product) > 64 {
			bad = append(bad, fault.New(fault.Invalid, "order.line_bad").At(field))
		}
		if l.Units < 1 || l.Units > MaxUnits {
			bad = append(bad, fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", MaxUnits).At(field+".units"))
		}
		if l.Price < 0 || l.Price > money.MaxFen {
			bad = append(bad, fault.New(fault.Invalid, "fault.amount").At(field+".price"))
		}
	}
	return bad
}

func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }) < 0
}

// hash is of everything the buyer decided but the key, so that a key used
// again for something else is noticed.
func (in PlaceIn) hash() string {
	sum := sha256.Sum256(in.text(make([]byte, 0, 256)))
	return hex.EncodeToString(sum[:])
}

// text is the JSON that encoding/json makes of a request without its key, in a
// fifth of the time: hashes are kept with orders, so it must stay the same.
func (in PlaceIn) text(b []byte) []byte {
	b = appendText(append(b, `{"Key":"","Show":`...), string(in.Show))
	b = append(b, `,"Lines":`...)
	if in.Lines == nil {
		b = append(b, "null"...)
	} else {
		b = append(b, '[')
		for i, l := range in.Lines {
			if i > 0 {
				b = append(b, ',')
			}
			b = l.text(append(b, '{'))
		}
		b = append(b, ']')
	}
	b = appendText(append(b, `,"Address":`...), string(in.Address))
	b = strconv.AppendBool(append(b, `,"NoReturnOK":`...), in.NoReturnOK)
	b = appendText(append(b, `,"Note":`...), in.Note)
	if in.Coupon != "" {
		b = appendText(append(b, `,"Coupon":`...), string(in.Coupon))
	}
	if in.Discount != 0 {
		b = strconv.AppendInt(append(b, `,"Discount":`...), int64(in.Discount), 10)
	}
	return append(b, '}')
}

func (l PlaceLine) text(b []byte) []byte {
	if l.Item != "" {
		b = append(appendText(append(b, `"item":`...), string(l.Item)), ',')
	}
	if l.Product != "" {
		b = append(appendText(append(b, `"product":`...), string(l.Product)), ',')
	}
	b = strconv.AppendInt(append(b, `"units":`...), l.Units, 10)
	b = strconv.AppendInt(append(b, `,"price_fen":`...), int64(l.Price), 10)
	return append(b, '}')
}

// appendText leaves all but letters, digits and plain signs to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || strings.IndexByte(`"\<>&`, c) >= 0 {
			q, err := json.Marshal(s)
			if err != nil {
				panic(err) // strings always marshal
			}
			return append(b, q...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func orderLines(in []PlaceLine) []order.Line {
	out := make([]order.Line, len(in))
	for i, l := range in {
		out[i] = order.Line{Item: l.Item, Product: l.Product, Units: l.Units, Price: l.Price}
	}
	return out
}

// labelOf is an address of the buyer's own as an order keeps it, remembered
// while no address changes, or read together with those of everybody else who
// orders now.
func (f *Flow) labelOf(ctx context.Context, u id.User, a id.Address) (account.Label, error) {
	f.addressOnce.Do(func() {
		f.addresses = &db.Memo[id.Address, account.Sealed]{DB: f.DB, Tables: account.AddressTables, Read: func(ctx context.Context, ids []id.Address) (map[id.Address]account.Sealed, error) {
			return account.SealedByID(ctx, f.DB, ids)
		}}
	})
	sealed, ok, err := f.addresses.Get(ctx, a)
	if err != nil {
		return account.Label{}, err
	}
	if ok {
		if l, own, err := sealed.Label(f.Vault, u); err != nil || own {
			return l, err
		}
	}
	return account.Label{}, fault.New(fault.Invalid, "order.address_missing").At("address")
}
