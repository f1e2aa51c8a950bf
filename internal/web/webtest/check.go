package webtest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"lindu.example/lindu/internal/i18n"
)

// Check says what is wrong with a page for everybody: see the package comment.
func Check(root *html.Node) []string {
	var wrong []string
	say := func(what string, n *html.Node) {
		s := what
		if n != nil {
			s += ": " + outline(n)
		}
		wrong = append(wrong, s)
	}
	if len(find(root, "html[lang]")) == 0 {
		say("no language on <html>", nil)
	}
	if n := len(find(root, "h1")); n != 1 {
		say("not exactly one h1", nil)
	}
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			checkText(n, say)
		}
		if n.Type == html.ElementNode {
			checkElement(n, ids, say)
			checkNamed(root, n, say)
		}
	}
	return wrong
}

func checkElement(n *html.Node, ids map[string]bool, say func(string, *html.Node)) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "style":
			say("inline style, which the policy blocks", n)
		case strings.HasPrefix(a.Key, "on"):
			say("inline handler, which the policy blocks", n)
		case a.Key == "id" && ids[a.Val]:
			say("the id stands twice", n)
		case a.Key == "id":
			ids[a.Val] = true
		}
	}
	kind, _ := attrOf(n, "type")
	switch n.Data {
	case "style":
		say("inline style, which the policy blocks", n)
	case "script":
		if _, src := attrOf(n, "src"); !src && kind != "application/json" {
			say("inline script, which the policy blocks", n)
		}
	case "img":
		if _, ok := attrOf(n, "alt"); !ok {
			say("picture without alt", n)
		}
	}
}

// checkNamed looks for an accessible name: of fields, and of what is pressed.
func checkNamed(root, n *html.Node, say func(string, *html.Node)) {
	kind, _ := attrOf(n, "type")
	switch n.Data {
	case "input", "select", "textarea":
		if slices.Contains([]string{"hidden", "submit", "button"}, kind) || labelled(root, n) {
			return
		}
		say("field without a label", n)
	case "button", "a":
		if textOf(n) != "" || labelled(root, n) {
			return
		}
		if pics := find(n, "img"); len(pics) > 0 {
			if alt, _ := attrOf(pics[0], "alt"); alt != "" {
				return
			}
		}
		say("pressed without a name", n)
	}
}

func labelled(root, n *html.Node) bool {
	for _, name := range []string{"aria-label", "aria-labelledby", "title"} {
		if v, _ := attrOf(n, name); v != "" {
			return true
		}
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" && p.Type == html.ElementNode {
			return true
		}
	}
	if v, _ := attrOf(n, "id"); v != "" {
		for _, l := range find(root, "label") {
			if f, _ := attrOf(l, "for"); f == v {
				return true
			}
		}
	}
	return false
}

var keyRE = regexp.MustCompile(`^[a-z]+\.[a-z0-9_.]+$`)

// areas are the first words of all message keys.
var areas = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for k := range maps.Keys(i18n.Texts(i18n.Chinese)) {
		area, _, _ := strings.Cut(k, ".")
		out[area] = true
	}
	return out
})

func checkText(n *html.Node, say func(string, *html.Node)) {
	if n.Parent != nil && (n.Parent.Data == "script" || n.Parent.Data == "style") {
		return
	}
	s := strings.TrimSpace(n.Data)
	if area, _, _ := strings.Cut(s, "."); keyRE.MatchString(s) && areas()[area] {
		say("a message key is shown as itself, "+s, n.Parent)
	}
	if strings.Contains(s, "<no value>") || strings.Contains(s, "{{") || strings.Contains(s, "%!") {
		say("a text has a hole, "+s, n.Parent)
	}
}

func outline(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		b.WriteString(" " + a.Key + "=" + a.Val)
	}
	b.WriteString("> ")
	t := textOf(n)
	b.WriteString(t[:min(len(t), 80)])
	return b.String()
}
