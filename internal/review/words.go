package review

import (
	"bufio"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	ahocorasick "github.com/petar-dambovaliev/aho-corasick"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/vault"
)

// Kinds of listed words; doc.go says whom they concern.
const (
	Abuse    = "abuse"
	Contact  = "contact"
	Absolute = "absolute"
	Health   = "health"
	allow    = "allow" // not a hit: covers a listed word inside it
)

var kinds = []string{Abuse, Contact, Absolute, Health, allow}

// Hit is a listed word found in a text.
type Hit struct {
	Word string // as listed; a telephone number is masked
	Kind string // abuse, contact, absolute, health
}

// Proposal is the message key of a wording to use instead.
func (h Hit) Proposal() string { return "review.propose_" + h.Kind }

// Words is a word list ready to search; it is safe for use by many goroutines.
type Words struct {
	ac    ahocorasick.AhoCorasick
	word  []string // by pattern: as listed
	kind  []string
	latin []edges
}

// edges says which ends of a pattern must not touch another Latin letter or digit.
type edges struct{ start, end bool }

//go:embed words.txt
var builtIn string

// Default is the list that comes with the product.
var defaultWords = sync.OnceValue(func() *Words {
	list, err := parseWords(builtIn)
	if err != nil {
		panic(err) // embedded: a broken build
	}
	return NewWords(list)
})

// Default is the list that comes with the product.
func Default() *Words { return defaultWords() }

// parseWords reads sections "[kind]" with one word a line; "#" starts a comment.
func parseWords(text string) (map[string]string, error) {
	out := map[string]string{}
	kind := ""
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			if kind = strings.Trim(line, "[]"); !slices.Contains(kinds, kind) {
				return nil, fmt.Errorf("review: words, line %d: no kind %q", n, kind)
			}
		case kind == "":
			return nil, fmt.Errorf("review: words, line %d stands in no section", n)
		case out[line] != "":
			return nil, fmt.Errorf("review: words, line %d: %q stands twice", n, line)
		default:
			out[line] = kind
		}
	}
	return out, sc.Err()
}

// NewWords builds a list: word -> kind, where kind "allow" marks harmless
// words. A word of which nothing is left in the compared form is skipped.
func NewWords(list map[string]string) *Words {
	w := &Words{}
	var patterns [][]byte
	seen := map[string]bool{}
	for _, word := range slices.Sorted(maps.Keys(list)) {
		f := fold(word)
		if len(f.text) == 0 || seen[string(f.text)] {
			continue
		}
		seen[string(f.text)] = true
		patterns = append(patterns, f.text)
		w.word, w.kind = append(w.word, word), append(w.kind, list[word])
		w.latin = append(w.latin, edges{latin(f.text[0]), latin(f.text[len(f.text)-1])})
	}
	b := ahocorasick.NewAhoCorasickBuilder(ahocorasick.Opts{MatchKind: ahocorasick.LeftMostLongestMatch, DFA: len(patterns) < 5_000})
	w.ac = b.BuildByte(patterns)
	return w
}

// Find looks through a text and names each listed word once, in order of
// appearance. Where a longer word holds a shorter one only the longer counts.
func (w *Words) Find(text string) []Hit {
	f := fold(text)
	hits := w.listed(f)
	for _, n := range phones(f) {
		hits = append(hits, Hit{Word: vault.Phone(n), Kind: Contact})
	}
	return hits
}

func (w *Words) listed(f folded) (hits []Hit) {
	if len(w.word) == 0 || len(f.text) == 0 {
		return nil
	}
	end := 0
	it := w.ac.IterByte(f.text) // goes on one byte after each match's start
	for m := it.Next(); m != nil; m = it.Next() {
		p := m.Pattern()
		if m.Start() < end || !f.standsAlone(m.Start(), m.End(), w.latin[p]) {
			continue
		}
		end = m.End()
		h := Hit{w.word[p], w.kind[p]}
		if h.Kind != allow && !slices.Contains(hits, h) {
			hits = append(hits, h)
		}
	}
	return hits
}

// For leaves the hits that concern a speaker: all for one who sells, abuse and
// contact for anyone else.
func For(seller bool, hits []Hit) []Hit {
	if seller {
		return hits
	}
	return slices.DeleteFunc(slices.Clone(hits), func(h Hit) bool { return h.Kind != Abuse && h.Kind != Contact })
}

// Check refuses a text (of a form field) that holds a listed word: fault
// review.word with Word and Proposal. A nil list refuses nothing.
func (w *Words) Check(seller bool, field, text string) error {
	if w == nil {
		return nil
	}
	hits := For(seller, w.Find(text))
	if len(hits) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "review.word", "Word", hits[0].Word, "Proposal", "@"+hits[0].Proposal()).At(field)
}
