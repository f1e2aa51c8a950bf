package shipping

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/provinces.txt
var provinceText string

//go:embed data/places.txt
var placeText string

//go:embed data/words.txt
var wordText string

// province of the country.
type province struct {
	short, full string
	customs     bool // a parcel crosses a customs border
}

// city is a prefecture-level place, or one directly under a province.
type city struct {
	province string // short name
	name     string
	aliases  []string // full name without its ethnic part, then without its suffix
	counties map[string]string
}

// atlas answers which places there are.
type atlas struct {
	provinces []province
	names     []string             // short names in order
	byName    map[string]*province // by full and short name
	inside    map[string][]*city   // cities of a province, by its short name
	cities    map[string][]*city   // by full name
	aliases   map[string][]*city   // by alias
	counties  map[string][]*city   // that have a county of the name
	words     map[string][]string
	surnames  map[string]bool
	longest   int // runes of the longest name of a place
}

// theAtlas is read once: the files are embedded and never change.
var theAtlas = sync.OnceValue(readAtlas)

func readAtlas() *atlas {
	a := &atlas{byName: map[string]*province{}, inside: map[string][]*city{}, cities: map[string][]*city{},
		aliases: map[string][]*city{}, counties: map[string][]*city{}, words: readWords(wordText)}
	for _, f := range fields(provinceText) {
		a.provinces = append(a.provinces, province{short: f[0], full: f[1], customs: len(f) > 2})
		a.names = append(a.names, f[0])
	}
	for i := range a.provinces {
		p := &a.provinces[i]
		a.byName[p.short], a.byName[p.full] = p, p
		a.seen(p.full)
	}
	for _, f := range fields(placeText) {
		a.addCity(f[0], f[1], f[2:])
	}
	a.surnames = map[string]bool{}
	for _, w := range a.words["surname"] {
		if utf8.RuneCountInString(w) == 2 {
			a.surnames[w] = true
			continue
		}
		for _, r := range w {
			a.surnames[string(r)] = true
		}
	}
	return a
}

func (a *atlas) addCity(prov, name string, counties []string) {
	c := &city{province: prov, name: name, counties: map[string]string{}}
	c.aliases = a.aliasesOf(name, a.words["citysuffix"])
	a.seen(name)
	a.inside[prov] = append(a.inside[prov], c)
	a.cities[name] = append(a.cities[name], c)
	for _, al := range c.aliases {
		a.aliases[al] = append(a.aliases[al], c)
	}
	for _, full := range counties {
		a.seen(full)
		c.counties[full] = full
		a.counties[full] = append(a.counties[full], c)
		if al := a.plain(full); al != full && c.counties[al] == "" {
			c.counties[al] = full
			a.counties[al] = append(a.counties[al], c)
		}
	}
}

func (a *atlas) seen(name string) { a.longest = max(a.longest, utf8.RuneCountInString(name)) }

// plain drops the ethnic part of an autonomous place and keeps a common
// suffix: people write the short form on parcels. Other names stay.
func (a *atlas) plain(name string) string {
	for _, suffix := range a.words["autonomous"] {
		stem, ok := strings.CutSuffix(name, suffix)
		if !ok {
			continue
		}
		for cut := true; cut; {
			cut = false
			for _, e := range a.words["ethnic"] {
				if s, ok := strings.CutSuffix(stem, e); ok && utf8.RuneCountInString(s) >= 2 {
					stem, cut = s, true
				}
			}
		}
		_, w := utf8.DecodeLastRuneInString(suffix)
		return stem + suffix[len(suffix)-w:]
	}
	return name
}

// aliasesOf lists the shorter forms of a name with at least two runes.
func (a *atlas) aliasesOf(name string, suffixes []string) []string {
	var out []string
	p := a.plain(name)
	if p != name {
		out = append(out, p)
	}
	for _, s := range suffixes {
		if stem, ok := strings.CutSuffix(p, s); ok {
			if utf8.RuneCountInString(stem) >= 2 && !slices.Contains(out, stem) {
				out = append(out, stem)
			}
			break
		}
	}
	return out
}

// fields splits a data file into lines of words; # starts a comment line.
func fields(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 0 && !strings.HasPrefix(f[0], "#") {
			out = append(out, f)
		}
	}
	return out
}

func readWords(text string) map[string][]string {
	out := map[string][]string{}
	for _, f := range fields(text) {
		out[strings.Trim(f[0], "[]")] = f[1:]
	}
	return out
}

// Provinces lists the provinces by their short names in the usual order; the
// names are data, also in English screens.
func Provinces() []string { return slices.Clone(theAtlas().names) }

// Cities lists the prefecture-level places of a province, for a form's
// suggestions; nil for an unknown province.
func Cities(province string) []string {
	var out []string
	for _, c := range theAtlas().inside[province] {
		out = append(out, c.name)
	}
	return out
}

// ShortProvince gives the short name of a province written short or in full,
// "" for anything else.
func ShortProvince(name string) string {
	if p := theAtlas().byName[strings.TrimSpace(name)]; p != nil {
		return p.short
	}
	return ""
}
