package account

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
)

// MaxName is the longest shown name in characters.
const MaxName = 20

// CleanName reads a shown name: runs of blanks become one, and the text is
// brought to Unicode's composed form. Refused are an empty name, one longer
// than MaxName, invisible or control characters (which let one name pass for
// another), piled-up accents, and a phone number, which would be shown to the
// whole room. Whether a name poses as staff is for the caller's word list.
func CleanName(s string) (string, error) {
	chars := fault.New(fault.Invalid, "account.name_chars").At("name")
	if len(s) > 1000 || !utf8.ValidString(s) {
		return "", chars
	}
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	if s == "" {
		return "", fault.New(fault.Invalid, "fault.required").At("name")
	}
	if utf8.RuneCountInString(s) > MaxName {
		return "", fault.New(fault.Invalid, "fault.too_long", "Max", MaxName).At("name")
	}
	marks, digits, visible := 0, 0, false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.C, r), unicode.In(r, unicode.Zl, unicode.Zp):
			return "", chars
		case unicode.IsMark(r):
			if marks++; marks > 2 {
				return "", chars
			}
			continue
		case unicode.IsDigit(r):
			digits++
		}
		marks = 0
		visible = visible || !unicode.IsSpace(r)
	}
	if !visible {
		return "", chars
	}
	if digits >= 11 {
		return "", fault.New(fault.Invalid, "account.name_phone").At("name")
	}
	return s, nil
}

// newName is what a person is called who has not chosen a name: a friend of
// the place and four digits that say nothing about the person.
func newName(u id.User) string {
	n, err := strconv.ParseUint(string(u[len(u)-8:]), 16, 32) // the random end of the id
	if err != nil {
		n = 0 // a name is no place to fail
	}
	return i18n.For(i18n.Chinese).T("account.new_name", "Digits", fmt.Sprintf("%04d", n%10_000))
}
