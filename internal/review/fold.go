package review

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text in the form in which it is compared. between[i] says what
// was taken out right before byte i; it has one place more than text.
type folded struct {
	text    []byte
	between []gap
}

// gap is what stood between two characters that are neighbours now.
type gap byte

const (
	nothing  gap = iota
	filler       // spaces, signs: "v x", "v.x"
	sentence     // the end of a Chinese clause or a line
)

// plus is read as the Chinese "add", as in "+ my WeChat".
const plus = '\u52a0'

// maxFold bounds the work for one text, in bytes of input. Longer texts than
// this are refused by whoever takes them in.
const maxFold = 64 << 10

func fold(text string) folded {
	text = text[:min(len(text), maxFold)]
	f := folded{make([]byte, 0, len(text)+8), make([]gap, 0, len(text)+9)}
	open := nothing
	var buf [64]byte
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			open = f.add(r, open)
		case isHan(r): // the Chinese characters in use have no other form than a simplified one
			open = f.put(simplified(r), open)
		case endsClause(r):
			open = sentence
		default:
			// Rune by rune will do: what differs in context are marks, which go.
			d := norm.NFKD.AppendString(buf[:0], string(r))
			for len(d) > 0 {
				c, n := utf8.DecodeRune(d)
				open, d = f.add(c, open), d[n:]
			}
		}
	}
	f.between = append(f.between, open)
	return f
}

func endsClause(r rune) bool {
	switch r {
	case '\uff0c', '\u3002', '\uff01', '\uff1f', '\uff1b', '\uff1a', '\u3001': // ，。！？；：、
		return true
	}
	return false
}

// add puts a character behind what is open between it and the last one.
func (f *folded) add(r rune, open gap) gap {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
	case r >= 'A' && r <= 'Z':
		r += 'a' - 'A'
	case r == '+' || r == '\u2795':
		r = plus
	case r == '\n':
		return sentence
	case r < utf8.RuneSelf:
		return max(open, filler)
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || r == utf8.RuneError:
		return open // invisible: it parts nothing
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		if r = unicode.ToLower(r); lookAlike[r] != 0 {
			r = rune(lookAlike[r])
		}
	default:
		return max(open, filler)
	}
	return f.put(r, open)
}

// put is add for a character that counts as it is.
func (f *folded) put(r rune, open gap) gap {
	from := len(f.text)
	f.text = utf8.AppendRune(f.text, r)
	f.between = append(f.between, open)
	for range len(f.text) - from - 1 {
		f.between = append(f.between, nothing)
	}
	return nothing
}

// lookAlike are letters of other scripts that are read as Latin ones, after
// lower-casing (Unicode's confusables, those that people type).
var lookAlike = map[rune]byte{
	'\u0430': 'a', '\u0435': 'e', '\u043e': 'o', '\u0440': 'p', '\u0441': 'c', '\u0445': 'x', '\u0443': 'y', '\u0456': 'i', '\u0455': 's',
	'\u0458': 'j', '\u043a': 'k', '\u043c': 'm', '\u0442': 't', '\u0432': 'b', '\u043d': 'h', '\u0501': 'd', '\u051b': 'q', '\u051d': 'w', // Cyrillic
	'\u03b1': 'a', '\u03b5': 'e', '\u03bf': 'o', '\u03c1': 'p', '\u03c7': 'x', '\u03c5': 'u', '\u03b9': 'i', '\u03ba': 'k', '\u03bd': 'v',
	'\u03c4': 't', '\u03c9': 'w', '\u03b2': 'b', '\u03b7': 'n', // Greek
	'\u0131': 'i', '\u0251': 'a', '\u0261': 'g', '\u0269': 'i', '\u028b': 'v', '\u0142': 'l', '\u00f8': 'o', '\u0111': 'd', '\u0127': 'h', '\u0180': 'b', // Latin of elsewhere
}

func isHan(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// Same is a text in the form in which two of them are compared: look-alikes
// are one, signs and case are gone. It is "" for signs and pictures alone.
func Same(text string) string { return string(fold(text).text) }

func latin(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

// standsAlone tells whether a match is a word and not an accident: its Latin
// ends touch no other letter, and it does not run across a clause's end,
// unless it has three characters or more and all are spelled apart.
func (f folded) standsAlone(start, end int, e edges) bool {
	if e.start && start > 0 && f.between[start] == nothing && latin(f.text[start-1]) {
		return false
	}
	if e.end && end < len(f.text) && f.between[end] == nothing && latin(f.text[end]) {
		return false
	}
	runes, parted, clause := 0, 0, false
	for i := start; i < end; i++ {
		if !utf8.RuneStart(f.text[i]) {
			continue
		}
		runes++
		if i == start || f.between[i] == nothing {
			continue
		}
		parted++
		clause = clause || f.between[i] == sentence
	}
	return !clause || runes >= 3 && parted == runes-1
}

const phoneDigits = 11

// phones finds mobile numbers of the mainland, also with gaps and +86. A run of
// digits that goes on (an order number) is none.
func phones(f folded) (out []string) {
	digit := func(i int) bool { return f.text[i] >= '0' && f.text[i] <= '9' }
	for i := 0; i+phoneDigits <= len(f.text); i++ {
		if f.text[i] != '1' || f.text[i+1] < '3' || f.text[i+1] > '9' || !f.opensNumber(i) {
			continue
		}
		end := i + phoneDigits
		if end < len(f.text) && digit(end) && f.between[end] == nothing {
			continue
		}
		all := true
		for k := i; k < end && all; k++ {
			all = digit(k)
		}
		if all {
			out = append(out, string(f.text[i:end]))
			i = end - 1
		}
	}
	return out
}

// opensNumber tells whether a number may begin at i: nothing numeric touches it
// but the country's 86.
func (f folded) opensNumber(i int) bool {
	free := func(i int) bool { return i == 0 || f.between[i] != nothing || !latin(f.text[i-1]) }
	return free(i) || i >= 2 && f.text[i-2] == '8' && f.text[i-1] == '6' && free(i-2)
}
