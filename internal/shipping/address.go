package shipping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxPaste is how many characters of a pasted text are read.
const maxPaste = 500

// Parsed is what ParseAddress could read; empty fields it could not.
type Parsed struct {
	Recipient
	Sure bool // name, phone, province, city and detail were all found
}

// ParseAddress reads a pasted text ("Li Lei 13800001234 <province><city>…") in
// any usual order, with or without the labels that shops' copy buttons add. It
// never fails: what it can't read stays empty. Input is cut at 500 characters.
func ParseAddress(text string) Parsed {
	a := theAtlas()
	text = tidy(text)
	phone, text := a.takePhone(text)
	f := a.labelled(segments(text))
	var p Parsed
	p.Phone = phone
	before, after := a.takeRegion(&p.Recipient, f)
	p.Name = a.takeName(f, &before, &after)
	p.Detail = a.detail(before, after)
	p.limit()
	p.Sure = p.Name != "" && p.Phone != "" && p.Province != "" && p.City != "" && p.Detail != ""
	return p
}

// tidy makes one form of widths, breaks and invisible characters.
func tidy(s string) string {
	if utf8.RuneCountInString(s) > maxPaste {
		s = string([]rune(s)[:maxPaste])
	}
	s = norm.NFKC.String(strings.ToValidUTF8(s, ""))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u3002' || r == '\n' || r == '\r' || r == '\t' || unicode.IsSpace(r):
			return ' '
		case r == '\u3010' || r == '[':
			return '['
		case r == '\u3011' || r == ']':
			return ']'
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
}

// segments are the parts of a text between spaces and commas.
func segments(s string) []string {
	var out []string
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '|' }) {
		if f = strings.Trim(f, ".:/\"'"); f != "" && !isPostcode(f) {
			out = append(out, f)
		}
	}
	return out
}

func isPostcode(s string) bool {
	s = strings.Trim(s, "()[]")
	return len(s) == 6 && strings.Trim(s, "0123456789") == ""
}

// parts is a text sorted by its labels; rest has what no label names.
type parts struct {
	name, region, detail string
	rest                 []string
}

// labelled sorts segments by the labels in front of them. A label without a
// value names the next segments, up to the next label.
func (a *atlas) labelled(segs []string) parts {
	var f parts
	into := "rest"
	for _, s := range segs {
		if s == phoneMark { // says nothing but where the phone stood
			f.rest = append(f.rest, s)
			continue
		}
		label, value := a.label(s)
		if label != "" {
			into = label
			if s = value; s == "" {
				continue
			}
		}
		switch into {
		case "name":
			f.name, into = s, "rest" // a name is one segment
		case "region":
			f.region = strings.TrimSpace(f.region + " " + s)
		case "detail":
			f.detail = strings.TrimSpace(f.detail + " " + s)
		case "zip":
			into = "rest"
		default:
			f.rest, into = append(f.rest, s), "rest"
		}
	}
	return f
}

// label splits a label from the start of a segment. Without a colon the rest
// must look like a value of its kind, or the segment is no label.
func (a *atlas) label(s string) (kind, value string) {
	for _, k := range []string{"name", "phone", "region", "detail", "zip"} {
		for _, w := range a.words["label."+k] {
			rest, ok := strings.CutPrefix(s, w)
			if !ok {
				continue
			}
			if v := strings.TrimLeft(rest, ":="); v != rest || rest == "" {
				return k, v
			}
			r, _ := a.regionAt(rest)
			switch {
			case k == "name" && a.nameScore(rest) > 0, k == "phone" && strings.HasPrefix(rest, phoneMark),
				(k == "region" || k == "detail") && r.score >= minAtStart, k == "zip" && isPostcode(rest):
				return k, rest
			}
		}
	}
	return "", s
}

// takeRegion finds where the region stands and splits the segments around it.
func (a *atlas) takeRegion(to *Recipient, f parts) (before, after []string) {
	if f.region != "" || f.detail != "" {
		r, rest := a.regionAt(next(f.region + " " + f.detail))
		if r.score < minAtStart {
			rest = strings.TrimSpace(f.region + " " + f.detail)
		} else {
			to.Province, to.City, to.District = r.province, r.city, r.district
		}
		if r.score >= minAtStart || len(f.rest) == 0 {
			return f.rest, strings.Fields(rest)
		}
		f.rest = append(f.rest, strings.Fields(rest)...)
	}
	text := strings.Join(f.rest, " ")
	best, from, rest := region{}, 0, ""
	for i := range text {
		start := i == 0 || text[i-1] == ' '
		r, tail := a.regionAt(text[i:])
		if r.score > best.score && (r.score >= minInsideSeg || start && r.score >= minAtStart) {
			best, from, rest = r, i, tail
		}
	}
	if best.score == 0 {
		return nil, f.rest
	}
	to.Province, to.City, to.District = best.province, best.city, best.district
	return strings.Fields(text[:from]), strings.Fields(rest)
}

// detail joins what is left of the address.
func (a *atlas) detail(before, after []string) string {
	list := after
	if len(strings.Trim(strings.Join(after, ""), phoneMark)) == 0 {
		list = before // the whole street came first
	}
	var out []string
	for _, s := range list {
		if s != phoneMark && !contains(a.words["namestop"], strings.Trim(s, "[]()")) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// limit cuts the fields to what Check takes.
func (r *Recipient) limit() {
	r.Name, r.Detail, r.District = clip(r.Name, maxName), clip(r.Detail, maxDetail), clip(r.District, maxPlace)
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n]))
}
