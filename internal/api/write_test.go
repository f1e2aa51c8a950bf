package api

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// TestAnOrderIsWrittenAsTheLibraryWritesIt: whatever is in it.
func TestAnOrderIsWrittenAsTheLibraryWritesIt(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z"\\<>&\x00-\x1f]{0,6}`), rapid.SampledFrom([]string{"", "蓝莓", "a\u2028b", "…", "\xff", "😀", "\x7f"}))
	when := rapid.Custom(func(t *rapid.T) time.Time {
		at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "us"))
		if rapid.Bool().Draw(t, "utc") {
			return at.UTC()
		}
		return at.In(time.FixedZone("", 8*3600))
	})
	fen := rapid.Int64Range(-1, int64(money.MaxFen))
	rapid.Check(t, func(t *rapid.T) {
		opt := func(name string) *time.Time {
			if rapid.Bool().Draw(t, name) {
				return nil
			}
			at := when.Draw(t, name)
			return &at
		}
		o := Order{ID: id.Order(text.Draw(t, "id")), No: text.Draw(t, "no"), Show: id.Show(text.Draw(t, "show")), State: text.Draw(t, "state"), CloseReason: text.Draw(t, "reason"),
			Goods: money.Fen(fen.Draw(t, "goods")), Freight: money.Fen(fen.Draw(t, "freight")), Discount: money.Fen(rapid.Int64Range(0, 2).Draw(t, "discount")), Total: money.Fen(fen.Draw(t, "total")),
			Lines: []Line{}, Placed: when.Draw(t, "placed"), Expires: opt("expires"), Paid: opt("paid"), Shipped: opt("shipped"), Received: opt("received")}
		for range rapid.IntRange(0, 3).Draw(t, "lines") {
			o.Lines = append(o.Lines, Line{ID: id.Line(text.Draw(t, "line")), Item: id.Item(text.Draw(t, "item")), Product: id.Product(text.Draw(t, "product")), Name: text.Draw(t, "name"),
				SellUnit: text.Draw(t, "unit"), Units: fen.Draw(t, "units"), Price: money.Fen(fen.Draw(t, "price")), Goods: money.Fen(fen.Draw(t, "goods")), ReturnRule: text.Draw(t, "rule")})
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(o); err != nil {
			t.Fatal(err)
		}
		if got := append(appendOrder(nil, &o), '\n'); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("%s\nis not\n%s", got, want.Bytes())
		}
	})
}
