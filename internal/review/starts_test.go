package review

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Wherever a word stands, starts says so at that place or before it.
func TestStartsMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		char := rapid.SampledFrom([]rune("ab1一二三四五𠀀é"))
		word := rapid.StringOfN(char, 1, 5, -1)
		words := rapid.SliceOfN(word, 0, 6).Draw(t, "words")
		patterns := make([][]byte, len(words))
		for i, w := range words {
			patterns[i] = []byte(w)
		}
		s := newStarts(patterns)
		text := []byte(rapid.StringOfN(char, 0, 30, -1).Draw(t, "text"))
		least := -1
		for _, p := range patterns {
			if at := bytes.Index(text, p); at >= 0 && (least < 0 || at < least) {
				least = at
			}
		}
		if first := s.first(text); least >= 0 && (first < 0 || first > least) {
			t.Fatalf("a word stands at %d, starts says %d", least, first)
		}
	})
}

// A line without a listed word is mostly not searched: that is what it is for.
func TestStartsTurnsPlainLinesAway(t *testing.T) {
	var patterns [][]byte
	for a := range 140 {
		for b := range 140 { // 19,600 pairs of the first 140 characters
			patterns = append(patterns, []byte(string([]rune{rune(firstHan + a), rune(firstHan + b)})))
		}
	}
	s := newStarts(patterns)
	perhaps := 0
	for a := range 100 {
		for b := range 100 {
			if s.first([]byte(string([]rune{rune(firstHan + 5000 + a), rune(firstHan + 6000 + b)}))) >= 0 {
				perhaps++
			}
		}
	}
	if perhaps > 100 {
		t.Errorf("%d of 10000 strange pairs might begin a word", perhaps)
	}
	if s.first(nil) != -1 || s.first([]byte(strings.Repeat("x", 9))) != -1 || s.first([]byte(string([]rune{firstHan + 9000, firstHan, firstHan + 1}))) != 3 {
		t.Error("the first place is wrong")
	}
}
