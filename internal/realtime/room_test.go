package realtime

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ev(kind, data string) event { return event{kind, json.RawMessage(`"` + data + `"`)} }

func (r *room) kinds() (out []string) {
	for _, e := range r.waiting {
		out = append(out, e.kind)
	}
	return out
}

func TestOnlyTheNewestCountMatters(t *testing.T) {
	r := &room{}
	for _, e := range []event{ev("count", "1"), ev("chat", "a"), ev("count", "2")} {
		r.put(e)
	}
	if got := string(frame(r.take())); got != `{"e":[{"k":"chat","d":"a"},{"k":"count","d":"2"}]}` {
		t.Error(got)
	}
}

func TestAFullTickDropsTheLeastFirst(t *testing.T) {
	r := &room{}
	for i := range maxEvents {
		r.put(ev([]string{"item", "like", "chat"}[i%3], fmt.Sprint(i)))
	}
	likes := len(r.waiting) - len(slices.DeleteFunc(r.kinds(), func(k string) bool { return k == "like" }))
	for range likes {
		r.put(ev("item", "price"))
	}
	if slices.Contains(r.kinds(), "like") || !slices.Contains(r.kinds(), "chat") {
		t.Error("likes do not go first")
	}
	r.put(ev("like", "x"))
	if slices.Contains(r.kinds(), "like") {
		t.Error("a like pushed something better out")
	}
	items := 0
	for _, k := range r.kinds() {
		if k == "item" {
			items++
		}
	}
	if want := maxEvents/3 + 1 + likes; items != want {
		t.Errorf("%d prices, want %d", items, want)
	}
}

func TestWhatCantFitIsToldAsLost(t *testing.T) {
	r := &room{}
	big := strings.Repeat("x", maxBytes/4)
	told := 0
	for range 10 {
		if !r.put(ev("item", big)) {
			told++
		}
	}
	events, lost := r.take()
	if !lost || told != 1 || len(events) >= 10 {
		t.Errorf("lost %v, told %d times, %d events", lost, told, len(events))
	}
	if got := string(frame(nil, true)); got != `{"e":[{"k":"lost","d":{}}]}` {
		t.Error(got)
	}
	if _, lost := r.take(); lost {
		t.Error("lost is told twice")
	}
}

func TestATickNeverDropsAPriceInSilence(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := &room{}
		var prices []string
		for i := range rapid.IntRange(0, 3*maxEvents).Draw(rt, "n") {
			k := rapid.SampledFrom([]string{"like", "count", "chat", "chat", "item"}).Draw(rt, "k")
			d := fmt.Sprint(i)
			if k == "item" {
				prices = append(prices, `"`+d+`"`)
			} else {
				d += strings.Repeat("y", rapid.IntRange(0, 500).Draw(rt, "size"))
			}
			r.put(ev(k, d))
			if len(r.waiting) > maxEvents || r.bytes > maxBytes {
				rt.Fatalf("%d events, %d bytes", len(r.waiting), r.bytes)
			}
		}
		sum := 0
		var got []string
		for _, e := range r.waiting {
			sum += e.size()
			if e.kind == "item" {
				got = append(got, string(e.data))
			}
		}
		if sum != r.bytes {
			rt.Fatalf("bytes %d, counted %d", r.bytes, sum)
		}
		if !r.lost && !slices.Equal(got, prices) {
			rt.Fatalf("prices %v, want %v", got, prices)
		}
		if !json.Valid(frame(r.take())) {
			rt.Fatal("the frame is no JSON")
		}
	})
}
