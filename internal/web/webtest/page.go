package webtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer.
type Page struct {
	t      testing.TB
	client *Client
	Name   string // "GET /orders"
	Status int
	Header http.Header
	Body   string
	root   *html.Node
}

// Location is where a redirect goes, "" if it is none.
func (p *Page) Location() string { return p.Header.Get("Location") }

// Is fails the test unless the status is want.
func (p *Page) Is(want int) *Page {
	p.t.Helper()
	if p.Status != want {
		p.t.Fatalf("%s: status %d, want %d (location %q)\n%s", p.Name, p.Status, want, p.Location(), p.excerpt())
	}
	return p
}

// GoesTo fails the test unless the answer is a redirect to path, and reads
// that page.
func (p *Page) GoesTo(path string) *Page {
	p.t.Helper()
	p.Is(http.StatusSeeOther)
	if got := p.Location(); got != path {
		p.t.Fatalf("%s goes to %q, want %q", p.Name, got, path)
	}
	return p.client.Get(path)
}

// GoesToAnyway is GoesTo for a page that is not mounted in this test: it is
// not read.
func (p *Page) GoesToAnyway(path string) {
	p.t.Helper()
	if p.Is(http.StatusSeeOther); p.Location() != path {
		p.t.Fatalf("%s goes to %q, want %q", p.Name, p.Location(), path)
	}
}

// JSON reads the body into v.
func (p *Page) JSON(v any) *Page {
	p.t.Helper()
	if ct := p.Header.Get("Content-Type"); !strings.Contains(ct, "json") {
		p.t.Fatalf("%s: %s is no JSON\n%s", p.Name, ct, p.excerpt())
	}
	if err := json.Unmarshal([]byte(p.Body), v); err != nil {
		p.t.Fatalf("%s: %v\n%s", p.Name, err, p.excerpt())
	}
	return p
}

// Text is the whole page as a person reads it.
func (p *Page) Text() string { return textOf(p.dom()) }

// Has fails the test unless the page's text holds every part.
func (p *Page) Has(parts ...string) *Page {
	p.t.Helper()
	has(p.t, p.Name, p.Text(), parts)
	return p
}

// HasNot fails the test if any part stands anywhere in the page's source.
func (p *Page) HasNot(parts ...string) *Page {
	p.t.Helper()
	for _, s := range parts {
		if strings.Contains(p.Body, s) {
			p.t.Errorf("%s shows %q", p.Name, s)
		}
	}
	return p
}

// All are the elements a selector names.
func (p *Page) All(sel string) []Element {
	var out []Element
	for _, n := range find(p.dom(), sel) {
		out = append(out, Element{p.t, p.Name + " " + sel, n})
	}
	return out
}

// Must is the first element a selector names; the test fails if there is none.
func (p *Page) Must(sel string) Element {
	p.t.Helper()
	all := p.All(sel)
	if len(all) == 0 {
		p.t.Fatalf("%s (%d) has no %s\n%s", p.Name, p.Status, sel, p.excerpt())
	}
	return all[0]
}

// None fails the test if the selector names an element.
func (p *Page) None(sel string) *Page {
	p.t.Helper()
	if all := p.All(sel); len(all) > 0 {
		p.t.Errorf("%s has %s: %s", p.Name, sel, all[0].Text())
	}
	return p
}

// Form reads the form a selector names as a browser would send it unchanged.
func (p *Page) Form(sel string) Form {
	p.t.Helper()
	e := p.Must(sel)
	f := Form{page: p, Action: e.Attr("action"), Values: url.Values{}}
	for _, n := range find(e.node, "input,textarea,select") {
		f.read(n)
	}
	return f
}

func (p *Page) dom() *html.Node {
	if p.root == nil {
		n, err := html.Parse(strings.NewReader(p.Body))
		if err != nil {
			p.t.Fatalf("%s: %v", p.Name, err)
		}
		p.root = n
	}
	return p.root
}

func (p *Page) excerpt() string {
	s := p.Body
	if strings.Contains(p.Header.Get("Content-Type"), "html") {
		s = p.Text()
	}
	return s[:min(len(s), 1500)]
}

// Element of a page.
type Element struct {
	t    testing.TB
	name string
	node *html.Node
}

// Text as a person reads it.
func (e Element) Text() string { return textOf(e.node) }

// Attr is an attribute's value, "" if it has none.
func (e Element) Attr(name string) string {
	v, _ := attrOf(e.node, name)
	return v
}

// Has fails the test unless the element's text holds every part.
func (e Element) Has(parts ...string) Element {
	e.t.Helper()
	has(e.t, e.name, e.Text(), parts)
	return e
}

func has(t testing.TB, name, text string, parts []string) {
	t.Helper()
	for _, s := range parts {
		if !strings.Contains(text, s) {
			t.Errorf("%s does not show %q but: %s", name, s, text[:min(len(text), 1500)])
		}
	}
}

// Form is a form as it stands on a page.
type Form struct {
	page   *Page
	Action string
	Values url.Values
}

func (f *Form) read(n *html.Node) {
	name, _ := attrOf(n, "name")
	if name == "" {
		return
	}
	value, _ := attrOf(n, "value")
	kind, _ := attrOf(n, "type")
	_, checked := attrOf(n, "checked")
	switch {
	case n.Data == "textarea":
		f.Values.Add(name, textOf(n))
	case n.Data == "select":
		f.Values.Add(name, chosen(n))
	case kind == "submit" || kind == "button" || kind == "file":
	case kind == "checkbox" || kind == "radio":
		if checked {
			f.Values.Add(name, value)
		}
	default:
		f.Values.Add(name, value)
	}
}

// chosen is the option a browser would send: the selected one, else the first.
func chosen(sel *html.Node) string {
	options := find(sel, "option")
	for _, o := range options {
		if _, ok := attrOf(o, "selected"); ok {
			v, _ := attrOf(o, "value")
			return v
		}
	}
	if len(options) == 0 {
		return ""
	}
	v, _ := attrOf(options[0], "value")
	return v
}

// Set fills a field in.
func (f Form) Set(name, value string) Form {
	f.Values.Set(name, value)
	return f
}

// Send posts the form.
func (f Form) Send() *Page {
	f.page.t.Helper()
	return f.page.client.Post(f.Action, f.Values)
}
