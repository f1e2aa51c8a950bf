package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"lindu.example/lindu/internal/fault"
)

// maxMarks is how many combining marks may sit on one character: enough for
// every living script, too few to paint over the lines above.
const maxMarks = 3

const zeroWidthJoiner = '\u200d' // holds a family of emoji together

// Clean makes a body of raw input: control and invisible characters out,
// spaces and line breaks folded into one space. Faults: chat.empty, chat.long
// (with Max and the length N).
func Clean(raw string) (string, error) {
	var b strings.Builder
	n, marks, space, inked := 0, 0, false, false
	for _, r := range raw {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case r == utf8.RuneError, unicode.IsControl(r):
			continue
		case unicode.In(r, unicode.Cf) && r != zeroWidthJoiner, unicode.In(r, unicode.Co, unicode.Cs):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				continue
			}
		case r != zeroWidthJoiner:
			marks, inked = 0, true
		}
		if space && n > 0 {
			n++
			write(&b, n, ' ')
		}
		space = false
		n++
		write(&b, n, r)
	}
	switch {
	case n > MaxRunes:
		return "", fault.New(fault.Invalid, "chat.long", "Max", MaxRunes, "N", n).At("body")
	case !inked:
		return "", fault.New(fault.Invalid, "chat.empty").At("body")
	}
	return b.String(), nil
}

// write keeps no more than can be used, however long the input is.
func write(b *strings.Builder, n int, r rune) {
	if n <= MaxRunes {
		b.WriteRune(r)
	}
}

// gist is a body as the repeat rule compares it.
func gist(body string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, body)
}
