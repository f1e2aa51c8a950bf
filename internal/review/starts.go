package review

import (
	"math/bits"
	"unicode/utf8"
)

// starts says where in a text a listed word could begin: at two characters that
// some word begins with. It answers "perhaps" or "no" (a Bloom filter of two
// bits a pair), so that a line without such a pair is not searched at all.
type starts struct {
	bits   []uint64
	shift  uint
	single bool // there are words of one character
}

// bitsAStart keeps wrong "perhaps" at about one in six hundred pairs.
const bitsAStart = 48

func newStarts(patterns [][]byte) starts {
	n := bits.Len(uint(max(len(patterns)*bitsAStart, 64) - 1)) // as a power of two
	s := starts{bits: make([]uint64, 1<<n/64), shift: 64 - uint(n)}
	for _, p := range patterns {
		a, size := utf8.DecodeRune(p)
		if size == len(p) {
			s.single = true
			s.set(a, 0)
			continue
		}
		b, _ := utf8.DecodeRune(p[size:])
		s.set(a, b)
	}
	return s
}

// places are a pair's two bits.
func (s *starts) places(a, b rune) (uint64, uint64) {
	h := (uint64(a)<<32 | uint64(b)) * 0x9e3779b97f4a7c15 // 2^64 over the golden ratio: spreads into the high bits
	h ^= h >> 29
	return h * 0xbf58476d1ce4e5b9 >> s.shift, h * 0x94d049bb133111eb >> s.shift
}

func (s *starts) set(a, b rune) {
	x, y := s.places(a, b)
	s.bits[x/64] |= 1 << (x % 64)
	s.bits[y/64] |= 1 << (y % 64)
}

func (s *starts) has(a, b rune) bool {
	x, y := s.places(a, b)
	return s.bits[x/64]>>(x%64)&1 != 0 && s.bits[y/64]>>(y%64)&1 != 0
}

// first is the first byte of text where a word could begin, -1 if nowhere.
func (s *starts) first(text []byte) int {
	if len(text) == 0 {
		return -1
	}
	a, size := utf8.DecodeRune(text)
	for at := 0; ; {
		if s.single && s.has(a, 0) {
			return at
		}
		next := at + size
		if next >= len(text) {
			return -1
		}
		var b rune
		if b, size = utf8.DecodeRune(text[next:]); s.has(a, b) {
			return at
		}
		a, at = b, next
	}
}
