package review

import "unicode/utf8"

// starts are the characters that listed words begin with, two at a time: where
// a text holds none of these pairs no word can begin, and it need not be
// searched.
type starts struct {
	pairs   map[uint64]struct{}
	singles map[rune]struct{} // words of one character
}

func pair(a, b rune) uint64 { return uint64(a)<<32 | uint64(b) }

func newStarts(patterns [][]byte) starts {
	s := starts{make(map[uint64]struct{}, len(patterns)), map[rune]struct{}{}}
	for _, p := range patterns {
		a, size := utf8.DecodeRune(p)
		if size == len(p) {
			s.singles[a] = struct{}{}
			continue
		}
		b, _ := utf8.DecodeRune(p[size:])
		s.pairs[pair(a, b)] = struct{}{}
	}
	return s
}

// first is the first byte of text where a word could begin, -1 if nowhere.
func (s starts) first(text []byte) int {
	for at := 0; at < len(text); {
		a, size := utf8.DecodeRune(text[at:])
		b, _ := utf8.DecodeRune(text[at+size:])
		if _, begins := s.pairs[pair(a, b)]; begins {
			return at
		}
		if _, stands := s.singles[a]; stands {
			return at
		}
		at += size
	}
	return -1
}
