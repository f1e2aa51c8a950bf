package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestAnOrderIsReadAsTheLibraryReadsIt: what the quick way takes, the library
// takes, and understands the same; broken and odd texts among it.
func TestAnOrderIsReadAsTheLibraryReadsIt(t *testing.T) {
	pieces := rapid.SampledFrom([]string{`{`, `}`, `[`, `]`, `,`, `:`, ` `, "\n", `"show"`, `"Show"`, `"lines"`, `"address"`, `"note"`, `"no_return_ok"`, `"item"`, `"units"`, `"price_fen"`, `"product"`, `"x"`,
		`"a1"`, `"蓝莓"`, `"\u0041"`, "\"\xff\"", "\"a\tb\"", `true`, `false`, `null`, `0`, `1`, `01`, `-1`, `1.0`, `1e3`, `999999999999999`, `9999999999999999`, `99999999999999999999`})
	whole := func(t *rapid.T) []byte {
		var b bytes.Buffer
		sp := func() { b.WriteString(rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, "space")) }
		member := func(n int, k, v string) {
			if n > 0 {
				b.WriteString(",")
			}
			sp()
			b.WriteString(`"` + k + `":`)
			sp()
			b.WriteString(v)
		}
		value := rapid.SampledFrom([]string{`"a1"`, `"b"`, `""`, `1`, `20`, `true`, `false`, `null`, `"é"`, `"\\"`, `1.5`})
		b.WriteString("{")
		n := 0
		for _, k := range []string{"show", "address", "note", "no_return_ok", rapid.SampledFrom([]string{"note", "other", "Show", ""}).Draw(t, "fifth")} {
			if k != "" && rapid.Bool().Draw(t, "there") {
				v := value.Draw(t, "value")
				if rapid.IntRange(0, 9).Draw(t, "right") > 0 {
					v = map[bool]string{true: "true", false: `"a1"`}[k == "no_return_ok"]
				}
				member(n, k, v)
				n++
			}
		}
		member(n, "lines", "[")
		for l := range rapid.IntRange(0, 3).Draw(t, "lines") {
			if l > 0 {
				b.WriteString(",")
			}
			b.WriteString("{")
			for i, k := range []string{"item", "units", "price_fen"} {
				v := map[string]string{"item": `"i1"`, "units": "2", "price_fen": "1990"}[k]
				if rapid.IntRange(0, 19).Draw(t, "odd") == 0 {
					v = value.Draw(t, "value")
				}
				member(i, k, v)
			}
			b.WriteString("}")
		}
		b.WriteString("]}")
		sp()
		return b.Bytes()
	}
	var in placeIn
	if !readPlace([]byte(`{"show":"s","address":"a","lines":[{"item":"i","units":2,"price_fen":1990}, {"product":"p","units":1,"price_fen":5}],"note":"别压坏","no_return_ok":true}`), &in) || len(in.Body.Lines) != 2 || in.Body.Note != "别压坏" {
		t.Errorf("a page's order is not read the quick way: %+v", in)
	}
	rapid.Check(t, func(t *rapid.T) {
		var body []byte
		if rapid.Bool().Draw(t, "pieces") {
			for range rapid.IntRange(0, 20).Draw(t, "n") {
				body = append(body, pieces.Draw(t, "piece")...)
			}
		} else if body = whole(t); rapid.Bool().Draw(t, "cut") && len(body) > 0 {
			at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
			body = append(body[:at:at], body[min(len(body), at+rapid.IntRange(0, 2).Draw(t, "gone")):]...)
		}
		var got, want placeIn
		if !readPlace(body, &got) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&want.Body); err != nil || len(bytes.TrimSpace(body[d.InputOffset():])) > 0 {
			t.Fatalf("%q was taken: %v", body, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %+v, should be %+v", body, got, want)
		}
	})
}
