package flow

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
)

// What an inspector or a court gets in one file (order 117 of 2026, art. 16):
// records as they are kept, each with its SHA-256, and where the picture is.
// Nobody's address or phone is in it: who must have them is given them by hand.

const (
	// chatAround is how much of the chat goes with an order, before and after it.
	chatAround = 10 * time.Minute
	// chatMost bounds the chat of a bundle.
	chatMost = 20_000
)

// evidenceStaff may take bundles out.
var evidenceStaff = []actor.Role{actor.Operator, actor.Service, actor.Finance, actor.Overseer}

// part is a file of a bundle.
type part struct {
	name string
	of   any
}

// writeBundle packs the parts with a list of what each must hash to.
func writeBundle(w io.Writer, made time.Time, parts []part) error {
	z := zip.NewWriter(w)
	var sums strings.Builder
	for _, p := range parts {
		b, err := json.MarshalIndent(p.of, "", "  ")
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(sum[:]), p.name)
		if err := put(z, p.name, made, b); err != nil {
			return err
		}
	}
	if err := put(z, "SHA256SUMS", made, []byte(sums.String())); err != nil {
		return err
	}
	return z.Close()
}

func put(z *zip.Writer, name string, made time.Time, b []byte) error {
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: made})
	if err == nil {
		_, err = f.Write(b)
	}
	return err
}

// EvidenceLine is a message of the chat in a bundle.
type EvidenceLine struct {
	At    time.Time `json:"at"`
	Name  string    `json:"name"`
	Badge string    `json:"badge,omitempty"`
	Body  string    `json:"body"`
}

func (f *Flow) evidenceChat(ctx context.Context, s id.Show, from, to time.Time) ([]EvidenceLine, error) {
	list, err := chat.Between(ctx, f.DB, s, from, to, chatMost)
	out := make([]EvidenceLine, len(list))
	for i, m := range list {
		out[i] = EvidenceLine{At: m.Since, Name: m.Name, Badge: m.Badge, Body: m.Body}
	}
	return out, err
}

// ShowEvidence writes the bundle of a show: its record and its chat.
func (f *Flow) ShowEvidence(ctx context.Context, who actor.Actor, s id.Show, w io.Writer) error {
	if err := who.Need(actor.Operator, actor.Overseer); err != nil {
		return err
	}
	rec, err := f.ReadRecord(ctx, s)
	if err != nil {
		return err
	}
	talk, err := f.evidenceChat(ctx, s, time.Unix(0, 0), rec.Made)
	if err != nil {
		return err
	}
	return writeBundle(w, rec.Made, []part{{"show.json", rec}, {"chat.json", talk}})
}

// OrderEvidence is an order as it stood when it was placed, and what became of
// it.
type OrderEvidence struct {
	No         string          `json:"no"`
	Placed     time.Time       `json:"placed"`
	State      string          `json:"state"`
	Replay     string          `json:"replay,omitempty"` // where the minute it was placed in can be watched
	Show       string          `json:"show,omitempty"`
	Province   string          `json:"province"`
	Goods      int64           `json:"goods_fen"`
	Freight    int64           `json:"freight_fen"`
	Discount   int64           `json:"discount_fen"`
	Total      int64           `json:"total_fen"`
	NoReturnOK bool            `json:"no_return_agreed"`
	Paid       time.Time       `json:"paid,omitzero"`
	Shipped    time.Time       `json:"shipped,omitzero"`
	Received   time.Time       `json:"received,omitzero"`
	Closed     time.Time       `json:"closed,omitzero"`
	Why        string          `json:"close_reason,omitempty"`
	Lines      []EvidenceGoods `json:"lines"`
}

// EvidenceGoods is a line as the buyer saw it, and whose goods it was.
type EvidenceGoods struct {
	Name       string   `json:"name"`
	SellUnit   string   `json:"sell_unit"`
	NetG       int64    `json:"net_g"`
	Units      int64    `json:"units"`
	Price      int64    `json:"price_fen"`
	Goods      int64    `json:"goods_fen"`
	ReturnRule string   `json:"return_rule"`
	Refunded   int64    `json:"refunded_fen"`
	From       []string `json:"from"` // producers
}

type evidencePayment struct {
	Gateway string    `json:"gateway"`
	State   string    `json:"state"`
	Ref     string    `json:"provider_no,omitempty"`
	Amount  int64     `json:"amount_fen"`
	At      time.Time `json:"at"`
}

type evidenceParcel struct {
	Carrier string    `json:"carrier"`
	Number  string    `json:"number"`
	Shipped time.Time `json:"shipped,omitzero"`
}

type evidenceCase struct {
	Kind   string    `json:"kind"`
	Reason string    `json:"reason"`
	State  string    `json:"state"`
	Words  string    `json:"words,omitempty"`
	Asked  time.Time `json:"asked"`
	Fen    int64     `json:"amount_fen"`
}

// OrderEvidence writes the bundle of an order: what was shown and agreed, the
// chat around it, payment, parcels, after-sale, and the record of its show.
func (f *Flow) OrderEvidence(ctx context.Context, who actor.Actor, no string, w io.Writer) error {
	if err := who.Need(evidenceStaff...); err != nil {
		return err
	}
	o, err := order.ByNo(ctx, f.DB, no)
	if err != nil {
		return err
	}
	var parts []part
	for _, read := range []func(context.Context, order.Order) ([]part, error){f.evidenceOrder, f.evidencePaid, f.evidenceAround} {
		p, err := read(ctx, o)
		if err != nil {
			return err
		}
		parts = append(parts, p...)
	}
	return writeBundle(w, f.DB.Clock.Now(), parts)
}

func (f *Flow) evidenceOrder(ctx context.Context, o order.Order) ([]part, error) {
	shares, err := order.Shares(ctx, f.DB, o.ID)
	if err != nil {
		return nil, err
	}
	var ids []id.Producer
	for _, s := range shares {
		ids = append(ids, s.Producer)
	}
	ps, err := catalog.Producers(ctx, f.DB, ids...)
	if err != nil {
		return nil, err
	}
	e := OrderEvidence{No: o.No, Placed: o.Placed, State: string(o.State), Show: string(o.Show), Province: o.Province, Goods: int64(o.Goods), Freight: int64(o.Freight),
		Discount: int64(o.Discount), Total: int64(o.Total), NoReturnOK: o.NoReturnOK, Paid: o.PaidAt, Shipped: o.ShippedAt, Received: o.ReceivedAt, Closed: o.ClosedAt, Why: o.CloseReason}
	if o.Show != "" {
		e.Replay = fmt.Sprintf("%s/replay/%s?at=%d", f.BaseURL, o.Show, o.Placed.UnixMilli())
	}
	for _, l := range o.Lines {
		x := EvidenceGoods{Name: l.Name, SellUnit: l.SellUnit, NetG: l.NetG, Units: l.Units, Price: int64(l.Price), Goods: int64(l.Goods), ReturnRule: l.ReturnRule, Refunded: int64(l.Refunded)}
		for _, s := range shares {
			if s.Line == l.ID {
				x.From = append(x.From, ps[s.Producer].Name)
			}
		}
		e.Lines = append(e.Lines, x)
	}
	return []part{{"order.json", e}}, nil
}

func (f *Flow) evidencePaid(ctx context.Context, o order.Order) ([]part, error) {
	pays, err := payment.OfOrder(ctx, f.DB, o.ID)
	if err != nil {
		return nil, err
	}
	money := []evidencePayment{}
	for _, p := range pays {
		money = append(money, evidencePayment{Gateway: p.Gateway, State: p.State, Ref: p.Ref, Amount: int64(p.Amount), At: p.Created})
	}
	sent, err := shipping.OfOrder(ctx, f.DB, o.ID)
	if err != nil {
		return nil, err
	}
	parcels := []evidenceParcel{}
	for _, s := range sent {
		parcels = append(parcels, evidenceParcel{Carrier: s.Carrier, Number: s.TrackingNo, Shipped: s.At})
	}
	asked, err := aftersale.OfOrder(ctx, f.DB, o.ID)
	cases := []evidenceCase{}
	for _, c := range asked {
		cases = append(cases, evidenceCase{Kind: string(c.Kind), Reason: c.Reason, State: string(c.State), Words: c.Words, Asked: c.Asked, Fen: int64(c.Sum() + c.Freight)})
	}
	return []part{{"payments.json", money}, {"parcels.json", parcels}, {"aftersale.json", cases}}, err
}

// evidenceAround is what surrounds an order: what was done with it, and, if it
// was placed in a show, the chat and the show's record.
func (f *Flow) evidenceAround(ctx context.Context, o order.Order) ([]part, error) {
	es, err := f.changes(ctx, "order", string(o.ID))
	if err != nil {
		return nil, err
	}
	history := []RecordEvent{}
	for _, e := range es {
		if name := e.ActorName; e.Action != "" {
			if e.Actor == o.Buyer {
				name = "" // the buyer is not named
			}
			history = append(history, RecordEvent{At: e.At, Who: name, Action: e.Action})
		}
	}
	parts := []part{{"history.json", history}}
	if o.Show == "" {
		return parts, nil
	}
	talk, err := f.evidenceChat(ctx, o.Show, o.Placed.Add(-chatAround), o.Placed.Add(chatAround))
	if err != nil {
		return nil, err
	}
	rec, err := f.ReadRecord(ctx, o.Show)
	if fault.Is(err, fault.NotFound) {
		return parts, nil
	}
	return append(parts, part{"chat.json", talk}, part{"show.json", rec}), err
}
