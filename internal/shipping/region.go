package shipping

import (
	"strings"
	"unicode/utf8"
)

// region is what a text says about where.
type region struct {
	province, city, district string
	score                    int // how sure; 0: no region
}

// How sure one level of a region makes us. A short name alone is weak: many
// are also words, names of roads or of people.
const (
	scoreFull    = 4
	scoreShort   = 2
	scoreCity    = 3 // a city by its short name
	scoreCounty  = 3
	scoreGuess   = 1
	minAtStart   = 3 // to take a region at the start of a segment
	minInsideSeg = 5 // to take one glued to something before it
)

const levelSeparators = " ,/-·|>"

// regionAt reads a region at the start of s and gives what follows it.
func (a *atlas) regionAt(s string) (region, string) {
	for _, w := range a.words["country"] {
		if rest, ok := strings.CutPrefix(s, w); ok {
			s = next(rest)
			break
		}
	}
	var r region
	c, rest := a.firstLevel(&r, s)
	if r.score == 0 {
		return region{}, s
	}
	if c == nil {
		c, rest = a.cityOf(&r, rest)
	}
	if c != nil && r.district == "" {
		rest = a.countyOf(&r, c, rest)
	}
	return r, rest
}

// firstLevel reads the province, or the city or county that stands first when
// the province was left out. The longest name wins, so that the city of Jilin
// is not taken for the province.
func (a *atlas) firstLevel(r *region, s string) (*city, string) {
	for n := a.longest; n >= 2; n-- {
		name, rest, ok := cut(s, n)
		if !ok {
			continue
		}
		if p := a.byName[name]; p != nil {
			if name == p.short && a.roadFollows(rest) && !a.startsWithAny(rest, a.words["provincesuffix"]) {
				return nil, s
			}
			r.province, r.score = p.short, scoreFull
			if name == p.short {
				r.score = scoreShort
				rest = a.trimAny(rest, a.words["provincesuffix"])
			}
			return nil, next(rest)
		}
		if c := only(a.cities[name]); c != nil {
			r.province, r.city, r.score = c.province, c.name, scoreFull
			return c, next(rest)
		}
		if c := only(a.aliases[name]); c != nil && !a.roadFollows(rest) {
			r.province, r.city, r.score = c.province, c.name, scoreCity
			return c, next(rest)
		}
		if c := only(a.counties[name]); c != nil && n > 2 {
			r.province, r.city, r.district, r.score = c.province, c.name, c.counties[name], scoreCounty+scoreGuess
			return c, next(rest)
		}
	}
	return nil, s
}

// cityOf reads the city inside a known province; a county that only one of its
// cities has stands for both.
func (a *atlas) cityOf(r *region, s string) (*city, string) {
	s = a.skip(s)
	list := a.inside[r.province]
	if len(list) == 1 { // a municipality is its own city
		c := list[0]
		r.city, r.score = c.name, r.score+scoreCity
		for range 2 { // written twice, or three times, on many forms
			s = a.skip(a.trimAny(s, append([]string{c.name}, r.province)))
		}
		return c, s
	}
	for n := a.longest; n >= 2; n-- {
		name, rest, ok := cut(s, n)
		if !ok {
			continue
		}
		var byCounty *city
		counties := 0
		for _, c := range list {
			switch {
			case c.name == name:
				r.city, r.score = c.name, r.score+scoreFull
				return c, next(rest)
			case contains(c.aliases, name) && !a.roadFollows(rest):
				r.city, r.score = c.name, r.score+scoreCity
				return c, next(rest)
			case c.counties[name] != "" && n > 2:
				byCounty, counties = c, counties+1
			}
		}
		if counties == 1 {
			r.city, r.district, r.score = byCounty.name, byCounty.counties[name], r.score+scoreCounty+scoreGuess
			return byCounty, next(rest)
		}
	}
	return nil, s
}

// countyOf reads the district inside a known city.
func (a *atlas) countyOf(r *region, c *city, s string) string {
	s = a.skip(s)
	for n := a.longest; n >= 2; n-- {
		name, rest, ok := cut(s, n)
		if !ok {
			continue
		}
		if full := c.counties[name]; full != "" {
			r.district, r.score = full, r.score+scoreCounty
			return next(rest)
		}
		// Without its suffix only where a separator ends it: a road may be
		// named like a district.
		if rest == "" || !strings.ContainsRune(levelSeparators, first(rest)) {
			continue
		}
		for _, suffix := range a.words["countysuffix"] {
			if full := c.counties[name+suffix]; full != "" {
				r.district, r.score = full, r.score+scoreCounty
				return next(rest)
			}
		}
	}
	return a.guessDistrict(r, s)
}

// guessDistrict takes a short start that ends like a district and is none of
// the things that only look like one (a housing estate, a market).
func (a *atlas) guessDistrict(r *region, s string) string {
	runes := 0
	for i, c := range s {
		if runes++; runes > 9 || c < 0x2E80 || strings.ContainsRune(levelSeparators, c) {
			return s
		}
		end := i + utf8.RuneLen(c)
		head := s[:end]
		switch {
		case runes < 3 || !contains(a.words["countysuffix"], string(c)):
			if runes > 1 && contains(a.words["road"], string(c)) && !contains(a.words["countysuffix"], string(c)) {
				return s // a road or village came first
			}
		case a.endsWithAny(head, a.words["notdistrict"]):
			return s
		default:
			r.district, r.score = head, r.score+scoreGuess
			return next(s[end:])
		}
	}
	return s
}

// skip drops words that stand for a missing level.
func (a *atlas) skip(s string) string {
	return next(a.trimAny(next(s), a.words["skip"]))
}

func (a *atlas) roadFollows(rest string) bool {
	return rest != "" && contains(a.words["road"], string(first(rest)))
}

func (a *atlas) startsWithAny(s string, words []string) bool {
	return a.trimAny(s, words) != s
}

func (a *atlas) trimAny(s string, words []string) string {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(s, w); ok {
			return rest
		}
	}
	return s
}

func (a *atlas) endsWithAny(s string, words []string) bool {
	for _, w := range words {
		if strings.HasSuffix(s, w) {
			return true
		}
	}
	return false
}

// next moves over separators between levels.
func next(s string) string { return strings.TrimLeft(s, levelSeparators) }

// cut splits s after n runes; false if it is shorter.
func cut(s string, n int) (head, rest string, ok bool) {
	for i := range s {
		if n == 0 {
			return s[:i], s[i:], true
		}
		n--
	}
	return s, "", n == 0
}

func first(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

// only is the one city of the list, nil if there are more or none.
func only(list []*city) *city {
	if len(list) != 1 {
		return nil
	}
	return list[0]
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
