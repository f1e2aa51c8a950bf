package shipping

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phoneMark stands where the phone was: names stand beside it.
const phoneMark = "\x01"

// Mobile numbers in one piece or in 3-4-4, with or without the country code;
// an extension follows the numbers that shops lend for one parcel. Landlines
// need their area code.
var (
	mobile   = regexp.MustCompile(`(?:(?:\+|00)?86[ -]{0,2})?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})`)
	landline = regexp.MustCompile(`(0\d{2,3})[ -]?(\d{7,8})`)
	extended = regexp.MustCompile(`^ ?[-#] ?(\d{3,4})(?:\D|$)`)
	digits   = regexp.MustCompile(`^ ?(\d{3,4})(?:\D|$)`)
	oneTime  = regexp.MustCompile(`\[\d{3,6}\]$`)
)

// takePhone finds the phone and puts a mark in its place.
func (a *atlas) takePhone(text string) (phone, rest string) {
	for _, re := range []*regexp.Regexp{mobile, landline} {
		for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
			if digitAt(text, m[0]-1) || digitAt(text, m[1]) {
				continue
			}
			for i := 2; i < len(m); i += 2 {
				phone += text[m[i]:m[i+1]]
			}
			end := m[1]
			if ext, n := a.extension(text[end:]); ext != "" && re == mobile {
				phone += "-" + ext
				end += n
			}
			return phone, text[:m[0]] + " " + phoneMark + " " + text[end:]
		}
	}
	return "", text
}

// extension reads "-1234", or the words for it, right behind a number.
func (a *atlas) extension(s string) (ext string, length int) {
	re, cut := extended, s
	if trimmed := a.trimAny(strings.TrimLeft(s, " "), a.words["extension"]); len(trimmed) < len(strings.TrimLeft(s, " ")) {
		re, cut = digits, trimmed
	}
	m := re.FindStringSubmatchIndex(cut)
	if m == nil {
		return "", 0
	}
	return cut[m[2]:m[3]], len(s) - len(cut) + m[3]
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

// takeName finds the name among the segments around the region and takes it
// out of them.
func (a *atlas) takeName(f parts, before, after *[]string) string {
	if f.name != "" {
		return f.name
	}
	best, list, at := 0, before, -1
	for _, l := range []*[]string{before, after} {
		for i, s := range *l {
			score := a.nameScore(s)
			if score == 0 {
				continue
			}
			if i > 0 && (*l)[i-1] == phoneMark || i+1 < len(*l) && (*l)[i+1] == phoneMark {
				score += 3
			}
			if l == before {
				score += 2
			} else if i+1 == len(*l) {
				score++
			}
			if score > best {
				best, list, at = score, l, i
			}
		}
	}
	if at < 0 {
		return a.gluedName(after)
	}
	name := (*list)[at]
	*list = append(append([]string{}, (*list)[:at]...), (*list)[at+1:]...)
	return name
}

// nameScore tells how much a segment looks like a person's name, 0 for none.
func (a *atlas) nameScore(s string) int {
	if contains(a.words["namestop"], s) {
		return 0
	}
	s = oneTime.ReplaceAllString(s, "")
	n := utf8.RuneCountInString(s)
	for _, t := range a.words["title"] {
		if strings.HasSuffix(s, t) && n <= 6 && n > utf8.RuneCountInString(t) && hanOnly(s) {
			return 4
		}
	}
	if n >= 2 && n <= 20 && strings.IndexFunc(s, func(r rune) bool { return r > 0x7F || !unicode.IsLetter(r) && r != '.' }) < 0 {
		return 1 // a name in Latin letters
	}
	last, _ := utf8.DecodeLastRuneInString(s)
	surname := a.surname(s) != ""
	switch {
	case !hanOnly(s) || n < 2:
		return 0
	case strings.ContainsRune(s, '\u00B7') && n <= 15: // a dot joins the parts of many names of minorities
		return 4
	case n > 4, contains(a.words["road"], string(last)) && (!surname || n > 3):
		return 0
	case surname && n <= 3:
		return 3
	}
	return 1
}

// surname is the family name at the start of s, "" if it is none.
func (a *atlas) surname(s string) string {
	for n := 2; n >= 1; n-- {
		if head, rest, ok := cut(s, n); ok && rest != "" && a.surnames[head] {
			return head
		}
	}
	return ""
}

// gluedName splits a name from the end of the segment before the phone:
// "…88号李雷 <phone>". It must start with a family name, and what stands before
// it must end like an address.
func (a *atlas) gluedName(after *[]string) string {
	for i, s := range *after {
		if i+1 >= len(*after) || (*after)[i+1] != phoneMark {
			continue
		}
		for n := 3; n >= 2; n-- {
			head, tail, ok := cut(s, utf8.RuneCountInString(s)-n)
			end, _ := utf8.DecodeLastRuneInString(head)
			if !ok || head == "" || a.surname(tail) == "" || a.nameScore(tail) < 3 {
				continue
			}
			if end < 0x80 || contains(a.words["road"], string(end)) {
				(*after)[i] = head
				return tail
			}
		}
	}
	return ""
}

func hanOnly(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.Is(unicode.Han, r) && r != '\u00B7' }) < 0
}
