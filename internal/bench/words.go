package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/review"
)

// Words is `lindu bench words`: chat lines against a word list as large as a
// centre may have, beside plain ways to do the same and beside a bare copy of
// the bytes, in turns on one thread.
type Words struct {
	JSON    bool          `name:"json" help:"Print one line of JSON."`
	Words   int           `name:"words" help:"Words of the centre's own, beside the product's." default:"20000"`
	Seconds time.Duration `name:"for" help:"How long each way is measured." default:"2s"`
	Rounds  int           `help:"Turns the ways take." default:"4"`
}

// WordsResult is what it prints. Times are per message, of the CPU; building a
// list is wall time.
type WordsResult struct {
	Words      int     `json:"words"`
	Messages   int     `json:"messages"` // different ones
	Bytes      float64 `json:"bytes"`    // of a message, on average
	Check      float64 `json:"check_us"` // all of it: folding, words, disguises, telephone numbers, links
	Plain      float64 `json:"check_plain_us"`
	Mixed      float64 `json:"check_mixed_us"` // messages with letters and digits: pinyin, padding and foreign letters are tried
	Contains   float64 `json:"contains_us"`    // strings.Contains, word by word, without folding
	Regexp     float64 `json:"regexp_1000_us"` // one regexp of a thousand of the words, without folding
	Copy       float64 `json:"copy_us"`        // copying the bytes: no check can be faster
	OfContains float64 `json:"of_contains"`    // how many times faster than word by word
	BuildMS    float64 `json:"build_ms"`       // a new list, while the old one is searched
	HeapMB     float64 `json:"heap_mb"`        // what the list keeps
}

// Run measures and prints.
func (w *Words) Run(context.Context) error {
	r := rand.New(rand.NewPCG(1, 2))
	list := randomWords(r, w.Words)
	plain, mixed := messages(r, list)
	all := append(append([]string{}, plain...), mixed...)
	res := WordsResult{Words: len(list), Messages: len(all)}
	for _, m := range all {
		res.Bytes += float64(len(m)) / float64(len(all))
	}
	res.Bytes = round(res.Bytes, 1)
	before := heap()
	start := time.Now()
	built := review.NewWords(list)
	res.BuildMS = round(time.Since(start).Seconds()*1000, 1)
	res.HeapMB = round(float64(heap()-before)/(1<<20), 1)
	var bare []string
	for x := range list {
		bare = append(bare, x)
	}
	one := regexp.MustCompile(strings.Join(quoted(bare[:min(len(bare), regexpWords)]), "|"))
	var sink int
	buf := make([]byte, 4096)
	ways := []struct {
		to   *float64
		of   []string
		each func(string)
	}{
		{&res.Check, all, func(m string) { sink += len(built.Find(m)) }},
		{&res.Plain, plain, func(m string) { sink += len(built.Find(m)) }},
		{&res.Mixed, mixed, func(m string) { sink += len(built.Find(m)) }},
		{&res.Contains, all, func(m string) {
			for _, x := range bare {
				if strings.Contains(m, x) {
					sink++
				}
			}
		}},
		{&res.Regexp, all, func(m string) { sink += len(one.FindAllString(m, -1)) }},
		{&res.Copy, all, func(m string) { sink += copy(buf, m) }},
	}
	took, done := make([]time.Duration, len(ways)), make([]int64, len(ways))
	for range max(w.Rounds, 1) {
		for i, x := range ways {
			n, t := turn(x.of, w.Seconds/time.Duration(max(w.Rounds, 1)), x.each)
			done[i], took[i] = done[i]+n, took[i]+t
		}
	}
	for i, x := range ways {
		*x.to = round(float64(took[i].Nanoseconds())/1000/float64(done[i]), 4)
	}
	if sink == 0 {
		return fmt.Errorf("bench: nothing was found, so nothing was measured")
	}
	res.OfContains = round(res.Contains/res.Check, 1)
	return w.print(res)
}

// few messages are done between two looks at the clock.
const few = 50

// regexpWords is how many words the regexp has: with all of them a message takes
// tens of milliseconds.
const regexpWords = 1000

// turn does messages over and over for a time; the slow ways do not reach all of
// them. What counts is the CPU time, so that others on the machine don't.
func turn(of []string, for_ time.Duration, each func(string)) (n int64, took time.Duration) {
	start, began := time.Now(), usage()
	for at := 0; time.Since(start) < for_; at = (at + few) % len(of) {
		part := of[at:min(at+few, len(of))]
		for _, m := range part {
			each(m)
		}
		n += int64(len(part))
	}
	if took = usage() - began; took <= 0 { // a system that does not tell
		took = time.Since(start)
	}
	return n, took
}

// firstHan and hans bound the characters of made-up words: common ones, which
// is the hard case.
const (
	firstHan = 0x4e00
	hans     = 3000
)

func randomWords(r *rand.Rand, n int) map[string]string {
	kinds := []string{review.Abuse, review.Contact, review.Absolute, review.Health}
	list := map[string]string{}
	for len(list) < n {
		word := make([]rune, 2+r.IntN(4))
		for i := range word {
			word[i] = rune(firstHan + r.IntN(hans))
		}
		list[string(word)] = kinds[r.IntN(len(kinds))]
	}
	return list
}

// messages are chat lines: of 5 to 40 characters, one in ten with a listed
// word, half of them with Latin letters and digits in between.
func messages(r *rand.Rand, list map[string]string) (plain, mixed []string) {
	var words []string
	for w := range list {
		if words = append(words, w); len(words) == 200 {
			break
		}
	}
	for i := range 1000 {
		var b strings.Builder
		for n := 5 + r.IntN(36); utf8.RuneCountInString(b.String()) < n; {
			switch k := r.IntN(12); {
			case k == 0:
				b.WriteRune(0xff0c) // a wide comma
			case k == 1 && i%2 == 1:
				b.WriteString([]string{" hao ", "5", "zui", " kg", "vx", "OK"}[r.IntN(6)])
			default:
				b.WriteRune(rune(firstHan + r.IntN(hans)))
			}
		}
		if i%10 < 2 {
			b.WriteString(words[r.IntN(len(words))])
		}
		if i%2 == 1 {
			mixed = append(mixed, b.String()+" ok2")
		} else {
			plain = append(plain, b.String())
		}
	}
	return plain, mixed
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = regexp.QuoteMeta(w)
	}
	return out
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func (w *Words) print(res WordsResult) error {
	if w.JSON {
		return json.NewEncoder(os.Stdout).Encode(res)
	}
	_, err := fmt.Printf("%d words, messages of %.0f bytes: %.2f µs a message (plain %.2f, with letters %.2f)\nword by word %.0f µs (%.0f times as long), a regexp of 1,000 of them %.1f µs, copying the bytes %.3f µs\nthe list takes %.1f MB and is built in %.0f ms\n",
		res.Words, res.Bytes, res.Check, res.Plain, res.Mixed, res.Contains, res.OfContains, res.Regexp, res.Copy, res.HeapMB, res.BuildMS)
	return err
}
