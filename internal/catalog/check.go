package catalog

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"lindu.example/lindu/internal/fault"
)

// checks collects what is wrong with a form, one fault a field.
type checks []*fault.Error

func (c *checks) add(field, key string, args ...any) {
	*c = append(*c, fault.New(fault.Invalid, key, args...).At(field))
}

func (c *checks) err() error { return fault.Join(*c...) }

// text tidies a line (lines: several) and holds it to its length.
func (c *checks) text(field string, s *string, required bool, limit int, lines bool) {
	if !utf8.ValidString(*s) {
		c.add(field, "catalog.text_chars")
		return
	}
	t := norm.NFC.String(strings.ReplaceAll(*s, "\r\n", "\n"))
	if !lines {
		t = strings.Join(strings.Fields(t), " ")
	}
	*s = strings.TrimSpace(t)
	switch {
	case *s == "" && required:
		c.add(field, "fault.required")
	case utf8.RuneCountInString(*s) > limit:
		c.add(field, "fault.too_long", "Max", limit)
	case strings.IndexFunc(*s, func(r rune) bool { return hidden(r) && !(lines && r == '\n') }) >= 0:
		c.add(field, "catalog.text_chars")
	}
}

// hidden tells characters nobody sees, but the joiner that emoji are made with.
func hidden(r rune) bool {
	return r != '\u200d' && (unicode.Is(unicode.C, r) || unicode.In(r, unicode.Zl, unicode.Zp))
}

func (c *checks) choice(field, v string, of []string) {
	if !slices.Contains(of, v) {
		c.add(field, "fault.choice")
	}
}

func (c *checks) number(field string, v, low, high int64) {
	if v < low || v > high {
		c.add(field, "fault.number", "Min", low, "Max", high)
	}
}

// or is a default for an empty field.
func or(s *string, def string) {
	if *s == "" {
		*s = def
	}
}
