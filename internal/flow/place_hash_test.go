package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// TestTheHashOfARequestStays: it is of the JSON the library makes of the
// request, as the hashes kept with orders are.
func TestTheHashOfARequestStays(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9"\\<>&\x00-\x1f\x7f]{0,8}`), rapid.SampledFrom([]string{"", "蓝莓", "a\u2028b", "\xff", "😀"}))
	number := rapid.Int64Range(-2, int64(money.MaxFen))
	rapid.Check(t, func(t *rapid.T) {
		in := PlaceIn{Key: text.Draw(t, "key"), Show: id.Show(text.Draw(t, "show")), Address: id.Address(text.Draw(t, "address")), NoReturnOK: rapid.Bool().Draw(t, "ok"),
			Note: text.Draw(t, "note"), Coupon: id.Claim(text.Draw(t, "coupon")), Discount: money.Fen(rapid.Int64Range(-1, 1).Draw(t, "discount"))}
		for range rapid.IntRange(0, 3).Draw(t, "lines") {
			in.Lines = append(in.Lines, PlaceLine{Item: id.Item(text.Draw(t, "item")), Product: id.Product(text.Draw(t, "product")), Units: number.Draw(t, "units"), Price: money.Fen(number.Draw(t, "price"))})
		}
		if in.Lines == nil && rapid.Bool().Draw(t, "empty") {
			in.Lines = []PlaceLine{}
		}
		plain := in
		plain.Key = ""
		want, err := json.Marshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(want)
		if got := in.text(nil); string(got) != string(want) || in.hash() != hex.EncodeToString(sum[:]) {
			t.Fatalf("%s\nis not\n%s", got, want)
		}
	})
}
