package webtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// step is one compound selector ("form.pay[method=post]") and how it hangs on
// the one before: child (">") or any descendant.
type step struct {
	tag   string
	attrs []attr
	child bool
}

type attr struct{ name, op, value string }

var (
	stepRE = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9-]*|\*)?((?:[#.][\w-]+|\[[^\]]+\])*)$`)
	partRE = regexp.MustCompile(`[#.][\w-]+|\[[^\]]+\]`)
	attrRE = regexp.MustCompile(`^\[([\w-]+)(?:([*^$]?=)"?([^"\]]*)"?)?\]$`)
	// spaceRE splits at spaces that stand outside of [attr="a b"].
	spaceRE = regexp.MustCompile(`(?:\[[^\]]*\]|[^\s\[])+`)
)

// parse reads the part of CSS selectors that tests need: tag, #id, .class,
// [attr], [attr=v], [attr^=v], [attr$=v], [attr*=v], descendant and child. It
// panics on anything else: a test's mistake.
func parse(sel string) []step {
	var steps []step
	child := false
	for _, word := range spaceRE.FindAllString(sel, -1) {
		if word == ">" {
			child = true
			continue
		}
		m := stepRE.FindStringSubmatch(word)
		if m == nil {
			panic(fmt.Sprintf("webtest: can't read %q of selector %q", word, sel))
		}
		s := step{tag: strings.TrimSuffix(m[1], "*"), child: child}
		for _, p := range partRE.FindAllString(m[2], -1) {
			s.attrs = append(s.attrs, parsePart(p, sel))
		}
		steps, child = append(steps, s), false
	}
	if len(steps) == 0 {
		panic("webtest: empty selector")
	}
	return steps
}

func parsePart(p, sel string) attr {
	switch p[0] {
	case '#':
		return attr{"id", "=", p[1:]}
	case '.':
		return attr{"class", "~=", p[1:]}
	}
	a := attrRE.FindStringSubmatch(p)
	if a == nil {
		panic(fmt.Sprintf("webtest: can't read %q of selector %q", p, sel))
	}
	return attr{a[1], a[2], a[3]}
}

func (s step) matches(n *html.Node) bool {
	if n.Type != html.ElementNode || s.tag != "" && n.Data != s.tag {
		return false
	}
	return !slices.ContainsFunc(s.attrs, func(a attr) bool { return !a.matches(n) })
}

func (a attr) matches(n *html.Node) bool {
	v, ok := attrOf(n, a.name)
	switch {
	case !ok:
		return false
	case a.op == "=":
		return v == a.value
	case a.op == "~=":
		return slices.Contains(strings.Fields(v), a.value)
	case a.op == "^=":
		return strings.HasPrefix(v, a.value)
	case a.op == "$=":
		return strings.HasSuffix(v, a.value)
	case a.op == "*=":
		return strings.Contains(v, a.value)
	}
	return true
}

func attrOf(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// matchesAll tells whether n ends a chain of steps.
func matchesAll(n *html.Node, steps []step) bool {
	last := steps[len(steps)-1]
	if !last.matches(n) {
		return false
	}
	if len(steps) == 1 {
		return true
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if matchesAll(p, steps[:len(steps)-1]) {
			return true
		}
		if last.child {
			return false
		}
	}
	return false
}

// find lists the elements under root that a selector names, in document order.
// Alternatives are parted by commas.
func find(root *html.Node, sel string) []*html.Node {
	var alternatives [][]step
	for one := range strings.SplitSeq(sel, ",") {
		alternatives = append(alternatives, parse(one))
	}
	var out []*html.Node
	for n := range root.Descendants() {
		if slices.ContainsFunc(alternatives, func(s []step) bool { return matchesAll(n, s) }) {
			out = append(out, n)
		}
	}
	return out
}

// textOf is the text of an element as a person reads it: spaces joined, no
// scripts.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			b.WriteByte(' ')
		}
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "template") {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
