package review

import (
	"bytes"
	"unicode/utf8"
)

// disguised finds what was written so that the plain search misses it: digits
// for letters, letters between characters, pinyin. Each way is tried only on
// a text that could hold it, so a plain text costs nothing.
func (l *list) disguised(f folded, hits []Hit) []Hit {
	letters, digits, han := false, false, false
	for _, b := range f.text {
		switch {
		case b >= utf8.RuneSelf:
			han = true
		case b >= 'a':
			letters = true
		default:
			digits = true
		}
	}
	if letters && digits {
		hits = l.leet(f, hits)
	}
	if han && (letters || digits) {
		hits = l.stuffed(f, hits)
	}
	if letters {
		hits = l.sounds.search(l.words, f, hits)
	}
	return hits
}

// digitLetters are the letters that digits stand for ("sh1t"); 1 is i or l.
var digitLetters = [...]byte{'o', 'i', 0, 'e', 'a', 's', 0, 't', 0, 0}

// leastLeet is how long a Latin word must be to be looked for with digits.
const leastLeet = 4

// leet reads digits within Latin words as letters.
func (l *list) leet(f folded, hits []Hit) []Hit {
	var one bool
	text := bytes.Clone(f.text)
	for at := 0; at < len(text); {
		end, letters := at, 0
		for end < len(text) && latin(text[end]) && (end == at || f.between[end] == nothing) {
			if text[end] >= 'a' {
				letters++
			}
			end++
		}
		for i := at; letters > 0 && i < end; i++ {
			if c := text[i]; c < 'a' && digitLetters[c-'0'] != 0 {
				one = one || c == '1'
				text[i] = digitLetters[c-'0']
			}
		}
		at = max(end, at+1)
	}
	if bytes.Equal(text, f.text) {
		return hits
	}
	read := func(text []byte) func(start, end int, w word) bool {
		return func(start, end int, w word) bool {
			return w.han == 0 && end-start >= leastLeet && !bytes.Equal(text[start:end], f.text[start:end])
		}
	}
	hits = l.search(folded{text, f.between}, hits, read(text))
	if one { // once more with 1 for l
		for i, c := range f.text {
			if c == '1' && text[i] == 'i' {
				text[i] = 'l'
			}
		}
		hits = l.search(folded{text, f.between}, hits, read(text))
	}
	return hits
}

// mostStuffed is how many Latin letters or digits between two Chinese
// characters are taken for padding.
const mostStuffed = 2

// stuffed looks for Chinese words with a letter or a digit between their
// characters. Of a word of two characters that is too often an accident, so
// there it counts only for abuse and contact.
func (l *list) stuffed(f folded, hits []Hit) []Hit {
	text := make([]byte, 0, len(f.text))
	between := make([]gap, 0, len(f.between))
	cut := make([]bool, 0, len(f.text))
	found := false
	for at := 0; at < len(f.text); {
		if n := padding(f, at); n > 0 {
			at += n
			text, between, cut = append(text, f.text[at]), append(between, filler), append(cut, true)
			at, found = at+1, true
			continue
		}
		text, between, cut = append(text, f.text[at]), append(between, f.between[at]), append(cut, false)
		at++
	}
	if !found {
		return hits
	}
	between = append(between, f.between[len(f.text)])
	return l.search(folded{text, between}, hits, func(start, end int, w word) bool {
		padded := false
		for i := start + 1; i < end; i++ {
			padded = padded || cut[i]
		}
		return padded && w.han == w.runes && (w.han >= 3 || w.kind == Abuse || w.kind == Contact)
	})
}

// padding is how many bytes at a place are padding between two characters of
// the same clause.
func padding(f folded, at int) int {
	if at == 0 || f.text[at-1] < utf8.RuneSelf || !latin(f.text[at]) {
		return 0
	}
	n := 0
	for at+n < len(f.text) && latin(f.text[at+n]) {
		if f.between[at+n] == sentence {
			return 0
		}
		if n++; n > mostStuffed {
			return 0
		}
	}
	if at+n == len(f.text) || f.between[at+n] == sentence {
		return 0
	}
	return n
}
