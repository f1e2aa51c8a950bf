package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"lindu.example/lindu/internal/fault"
)

//go:embed locales
var files embed.FS

// Lang is a language of the product.
type Lang string

const (
	Chinese Lang = "zh-CN"
	English Lang = "en"
)

// Langs lists the languages, the default first.
var Langs = []Lang{Chinese, English}

// Printer speaks one language.
type Printer struct {
	lang  Lang
	plain map[string]string // texts without placeholders or plurals: the fast path
	loc   *goi18n.Localizer
}

var printers = sync.OnceValue(load)

// For is the printer of a language; an unknown one gets Chinese.
func For(l Lang) *Printer {
	if p, ok := printers()[l]; ok {
		return p
	}
	return printers()[Chinese]
}

func load() map[Lang]*Printer {
	b := goi18n.NewBundle(language.Chinese)
	out := map[Lang]*Printer{}
	for _, l := range Langs {
		p := &Printer{lang: l, plain: map[string]string{}}
		tag := language.MustParse(string(l))
		var msgs []*goi18n.Message
		for key, raw := range Texts(l) {
			m := &goi18n.Message{ID: key}
			if s, ok := raw.(string); ok {
				m.Other = s
				if !strings.Contains(s, "{{") {
					p.plain[key] = s
				}
			} else {
				for form, s := range raw.(map[string]any) {
					switch form {
					case "one":
						m.One = s.(string)
					default:
						m.Other = s.(string)
					}
				}
			}
			msgs = append(msgs, m)
		}
		b.MustAddMessages(tag, msgs...)
		p.loc = goi18n.NewLocalizer(b, string(l))
		out[l] = p
	}
	return out
}

// Texts is every text of a language by key: a string, or a map of plural forms.
func Texts(l Lang) map[string]any {
	out := map[string]any{}
	dir := path.Join("locales", string(l))
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		panic(err) // embedded: a broken build
	}
	for _, e := range entries {
		raw, err := files.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			panic(err)
		}
		area := map[string]any{}
		if err := json.Unmarshal(raw, &area); err != nil {
			panic(fmt.Sprintf("i18n: %s/%s: %v", l, e.Name(), err))
		}
		maps.Copy(out, area)
	}
	return out
}

// Lang is the printer's language.
func (p *Printer) Lang() Lang { return p.lang }

// T is the text of key; args are name, value pairs for its placeholders. An
// unknown key is shown as itself: ugly, found by a test, never a blank page.
func (p *Printer) T(key string, args ...any) string {
	if s, ok := p.plain[key]; ok {
		return s
	}
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return p.text(&goi18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// N is the text of key for a count, which is also its placeholder {{.Count}}.
func (p *Printer) N(key string, n int64, args ...any) string {
	data := map[string]any{"Count": n}
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return p.text(&goi18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n})
}

func (p *Printer) text(c *goi18n.LocalizeConfig) string {
	s, err := p.loc.Localize(c)
	if err != nil && s == "" {
		return c.MessageID
	}
	return s
}

// Err is the text of one fault. An argument that is itself a key of the form
// "@area.thing" is translated first, and of fault.Words the printer's language
// is taken.
func (p *Printer) Err(f *fault.Error) string {
	args := make([]any, 0, 2*len(f.Args))
	for k, v := range f.Args {
		if s, ok := v.(string); ok && strings.HasPrefix(s, "@") {
			v = p.T(s[1:])
		}
		if w, ok := v.(fault.Words); ok {
			v = w[string(p.lang)]
		}
		args = append(args, k, v)
	}
	return p.T(f.Key, args...)
}

// Has tells whether the language has the key.
func Has(l Lang, key string) bool {
	_, ok := Texts(l)[key]
	return ok
}

// LangCookie names the cookie that holds a visitor's choice.
const LangCookie = "lang"

var matcher = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// FromRequest picks the language of a request: ?lang=, then the cookie, then
// Accept-Language, then Chinese.
func FromRequest(r *http.Request) Lang {
	if l := Lang(r.URL.Query().Get("lang")); slices.Contains(Langs, l) {
		return l
	}
	if c, err := r.Cookie(LangCookie); err == nil && slices.Contains(Langs, Lang(c.Value)) {
		return Lang(c.Value)
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return Chinese
	}
	_, i, _ := matcher.Match(tags...)
	return Langs[i]
}
