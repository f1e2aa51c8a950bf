package review

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	ahocorasick "github.com/petar-dambovaliev/aho-corasick"
)

//go:embed pinyin.txt
var pinyinTable string

//go:embed traditional.txt
var traditionalTable string

const (
	firstHan = 0x4e00
	hans     = 0x9fff - firstHan + 1
)

// simple maps a character to its simplified one; 0: it is one.
var simple = sync.OnceValue(func() *[hans]uint16 {
	t := new([hans]uint16)
	for _, line := range tableLines(traditionalTable) {
		pair := []rune(line)
		for i := 0; i+1 < len(pair); i += 2 {
			if isHan(pair[i]) {
				t[pair[i]-firstHan] = uint16(pair[i+1])
			}
		}
	}
	return t
})

func simplified(r rune) rune {
	if s := simple()[r-firstHan]; s != 0 {
		return rune(s)
	}
	return r
}

func tableLines(table string) (out []string) {
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// readings are how characters sound: the usual sound by character, and all
// sounds of those that have several.
type readings struct {
	usual [hans]string
	more  map[rune][]string
}

var pinyin = sync.OnceValue(func() *readings {
	t := &readings{more: map[rune][]string{}}
	also := false
	for _, line := range tableLines(pinyinTable) {
		if line == "[also]" {
			also = true
			continue
		}
		syllable, chars, _ := strings.Cut(line, " ")
		for _, r := range chars {
			if also {
				t.more[r] = append(t.more[r], syllable)
			} else {
				t.usual[r-firstHan] = syllable
			}
		}
	}
	return t
})

func (t *readings) of(r rune) []string {
	if more := t.more[r]; more != nil {
		return more
	}
	if s := t.usual[r-firstHan]; s != "" {
		return []string{s}
	}
	return nil
}

// Words that are searched by sound: short ones, and those that could be read
// in many ways, are not.
const (
	leastSound   = 5 // letters
	mostReadings = 4
)

// sounds searches a text for words by how they sound.
type sounds struct {
	ac   ahocorasick.AhoCorasick
	what []spelled
}

// spelled is a pattern: a word in syllables.
type spelled struct {
	word  int
	han   []rune
	ends  []uint8 // of its syllables
	inner int     // the longest other pattern it begins with; -1: none
}

func (x spelled) len() int { return int(x.ends[len(x.ends)-1]) }

func newSounds(words []word, folds []folded) (s sounds) {
	var patterns [][]byte
	seen := map[string]int{}
	for i, w := range words {
		if w.han < 2 || w.han != w.runes {
			continue
		}
		han := []rune(string(folds[i].text))
		for _, syllables := range spell(han) {
			text := strings.Join(syllables, "")
			if _, known := seen[text]; known || len(text) < leastSound || len(text) > 255 {
				continue
			}
			seen[text] = len(patterns)
			x := spelled{word: i, han: han, ends: make([]uint8, 0, len(syllables)), inner: -1}
			n := 0
			for _, y := range syllables {
				n += len(y)
				x.ends = append(x.ends, uint8(n))
			}
			patterns, s.what = append(patterns, []byte(text)), append(s.what, x)
		}
	}
	for i, text := range patterns {
		for n := len(text) - 1; n >= leastSound && s.what[i].inner < 0; n-- {
			if k, ok := seen[string(text[:n])]; ok {
				s.what[i].inner = k
			}
		}
	}
	s.ac = automaton(patterns)
	return s
}

// spell is every way a word is read, up to a number.
func spell(han []rune) [][]string {
	out := [][]string{nil}
	for _, r := range han {
		of := pinyin().of(r)
		if len(of) == 0 || len(out)*len(of) > mostReadings {
			if len(of) == 0 {
				return nil
			}
			of = of[:1]
		}
		var next [][]string
		for _, p := range out {
			for _, y := range of {
				next = append(next, append(append(make([]string, 0, len(han)), p...), y))
			}
		}
		out = next
	}
	return out
}

// syllables are all there are.
var syllables = sync.OnceValue(func() map[string]bool {
	t, out := pinyin(), map[string]bool{}
	for _, y := range t.usual {
		if y != "" {
			out[y] = true
		}
	}
	for _, more := range t.more {
		for _, y := range more {
			out[y] = true
		}
	}
	return out
})

const longestSyllable = 6

// typed tells whether a run of letters in a text could be pinyin: the letters
// of a match touch no others, so a run with a match in it is all syllables.
func typed(f folded) bool {
	for at := 0; at < len(f.text); at++ {
		if !latin(f.text[at]) {
			continue
		}
		end := at + 1
		for end < len(f.text) && latin(f.text[end]) && f.between[end] == nothing {
			end++
		}
		if allSyllables(f.text[at:end]) {
			return true
		}
		at = end - 1
	}
	return false
}

func allSyllables(run []byte) bool {
	if len(run) > 255 {
		return true // too long to look at closely: let the search decide
	}
	var reach [256]bool
	reach[0] = true
	for i := range run {
		for n := 1; reach[i] && n <= longestSyllable && i+n <= len(run); n++ {
			if syllables()[string(run[i:i+n])] {
				reach[i+n] = true
			}
		}
	}
	return reach[len(run)]
}

// heard is a text as it sounds: Latin letters as they are typed, characters by
// their syllable. from[i] is where byte i stands in the folded text.
type heard struct {
	text []byte
	from []int32
}

func hear(f folded) (h heard) {
	t := pinyin()
	h.text, h.from = make([]byte, 0, 2*len(f.text)), make([]int32, 0, 2*len(f.text))
	for at := 0; at < len(f.text); {
		if c := f.text[at]; c < utf8.RuneSelf {
			h.text, h.from = append(h.text, c), append(h.from, int32(at))
			at++
			continue
		}
		r, n := utf8.DecodeRune(f.text[at:])
		y := ""
		if isHan(r) {
			y = t.usual[r-firstHan]
		}
		if y == "" {
			y = string(f.text[at : at+n])
		}
		h.text = append(h.text, y...)
		for range len(y) {
			h.from = append(h.from, int32(at))
		}
		at += n
	}
	return h
}

// search finds words that are typed in pinyin, whole or in part: "zuihao",
// "zui hao", "wei信".
func (s sounds) search(words []word, f folded, hits []Hit) []Hit {
	if len(s.what) == 0 {
		return hits
	}
	if !typed(f) {
		return hits
	}
	h := hear(f)
	end := 0
	it := s.ac.IterByte(h.text)
	for m := it.Next(); m != nil; m = it.Next() {
		if m.Start() < end {
			continue
		}
		// The automaton tells of the longest word that begins here; when it is an
		// accident ("wei信好" sounds like 微信号), a shorter one may stand there.
		for k := m.Pattern(); k >= 0; k = s.what[k].inner {
			if x := s.what[k]; x.fits(f, h, m.Start(), m.Start()+x.len()) {
				end = m.Start() + x.len()
				hits = words[x.word].add(hits)
				break
			}
		}
	}
	return hits
}

// fits tells whether a match is the word and no accident: each syllable is
// either typed without a gap in it, or the word's own character; at least one
// is typed; typed ends touch no other letter; it does not run across the end
// of a clause; and it is no English word.
func (x spelled) fits(f folded, h heard, start, end int) bool {
	typed, gaps, at := 0, false, start
	for k, e := range x.ends {
		to := start + int(e)
		place := int(h.from[at])
		if at > start {
			switch f.between[place] {
			case sentence:
				return false
			case filler:
				gaps = true
			}
		}
		if f.text[place] >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(f.text[place:])
			if r != x.han[k] || int(h.from[to-1]) != place || at > 0 && int(h.from[at-1]) == place || to < len(h.from) && int(h.from[to]) < place+n {
				return false
			}
		} else {
			typed++
			for i := at; i < to; i++ {
				if f.text[h.from[i]] >= utf8.RuneSelf || i > at && f.between[h.from[i]] != nothing {
					return false
				}
			}
		}
		at = to
	}
	first, last := int(h.from[start]), int(h.from[end-1])
	switch {
	case typed == 0: // the plain search has it
		return false
	case latin(f.text[first]) && first > 0 && f.between[first] == nothing && latin(f.text[first-1]):
		return false
	case latin(f.text[last]) && last+1 < len(f.text) && f.between[last+1] == nothing && latin(f.text[last+1]):
		return false
	}
	return gaps || typed < len(x.ends) || !english[string(h.text[start:end])]
}

// english are words that read like pinyin when they are written in one; apart
// ("wo men") they are none. They guard the centre's own words.
var english = set("women change chance dance fence hence pence lance range manage image language bandage china panda tuna banana mania mane " +
	"dense tense sense huge page cage lane mine pine fine wine name game same lake make mango tango single dangan gene genie lanai naan " +
	"canada ghana taiwan wuhan xian beijing shanghai dalian yichun nanjing fuzhou")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
