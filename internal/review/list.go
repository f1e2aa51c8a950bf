package review

import (
	"slices"

	ahocorasick "github.com/petar-dambovaliev/aho-corasick"

	"lindu.example/lindu/internal/vault"
)

// word of a list: as it was given.
type word struct {
	text, kind, wording string
	runes               int
	han                 int
}

// list is a word list ready to search; it never changes.
type list struct {
	words  []word
	starts starts                  // of plain
	plain  ahocorasick.AhoCorasick // over folded text
	ends   []edges                 // by word
	sounds sounds                  // over text as it sounds
}

// edges says which ends of a pattern must not touch another Latin letter or digit.
type edges struct{ start, end bool }

// newList builds a list of the product's words and the centre's own, which win
// where both name the same.
func newList(words map[string]string, own []Word) *list {
	l := &list{}
	var patterns [][]byte
	var folds []folded
	seen := map[string]bool{}
	add := func(text, kind, wording string) {
		f := fold(text)
		if len(f.text) == 0 || seen[string(f.text)] {
			return
		}
		seen[string(f.text)] = true
		patterns, folds = append(patterns, f.text), append(folds, f)
		x := word{text: text, kind: kind, wording: wording}
		for _, r := range string(f.text) {
			x.runes++
			if isHan(r) {
				x.han++
			}
		}
		l.words = append(l.words, x)
		l.ends = append(l.ends, edges{latin(f.text[0]), latin(f.text[len(f.text)-1])})
	}
	for _, x := range own {
		add(x.Text, x.Kind, x.Wording)
	}
	for _, x := range sorted(words) {
		add(x, words[x], "")
	}
	l.starts, l.plain = newStarts(patterns), automaton(patterns)
	l.sounds = newSounds(l.words, folds)
	return l
}

// denseBelow is how many patterns an automaton is laid out in full for: a
// larger one would take more memory than it is worth.
const denseBelow = 5_000

func automaton(patterns [][]byte) ahocorasick.AhoCorasick {
	b := ahocorasick.NewAhoCorasickBuilder(ahocorasick.Opts{MatchKind: ahocorasick.LeftMostLongestMatch, DFA: len(patterns) < denseBelow})
	return b.BuildByte(patterns)
}

func (l *list) find(text string) []Hit {
	f := fold(text)
	hits := l.listed(f)
	hits = l.disguised(f, hits)
	for _, n := range phones(f) {
		hits = append(hits, Hit{Word: vault.Phone(n), Kind: Contact})
	}
	for _, x := range links(text) {
		hits = append(hits, Hit{Word: x, Kind: Link})
	}
	return hits
}

// listed finds the words that stand in the text as they are.
func (l *list) listed(f folded) []Hit { return l.search(f, nil, nil) }

// search finds words by the plain automaton. sure, if not nil, has to agree to
// a match at [start, end) of a word.
func (l *list) search(f folded, hits []Hit, sure func(start, end int, w word) bool) []Hit {
	from := l.starts.first(f.text)
	if from < 0 {
		return hits
	}
	end := 0
	it := l.plain.IterByte(f.text[from:]) // goes on one byte after each match's start
	for m := it.Next(); m != nil; m = it.Next() {
		p, start, stop := m.Pattern(), from+m.Start(), from+m.End()
		if start < end || !f.standsAlone(start, stop, l.ends[p]) {
			continue
		}
		if sure != nil && !sure(start, stop, l.words[p]) {
			continue
		}
		end = stop
		hits = l.words[p].add(hits)
	}
	return hits
}

// add names a word that was found, once; a harmless one is none.
func (w word) add(hits []Hit) []Hit {
	h := Hit{w.text, w.kind, w.wording}
	if h.Kind == allow || slices.Contains(hits, h) {
		return hits
	}
	return append(hits, h)
}
