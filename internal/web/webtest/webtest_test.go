package webtest

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const sample = `<!DOCTYPE html><html lang="en"><body><main class="a b"><h1>One  <b>two</b></h1>
<form id="f" action="/x"><label for="n">Name</label><input id="n" name="n" value="v"><p class="c"><input type="checkbox" name="t" value="1" checked aria-label="T"></p>
<select name="s" aria-label="S"><option value="a">A</option><option value="b" selected>B</option></select></form></main></body></html>`

func parseHTML(t *testing.T, s string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSelectors(t *testing.T) {
	root := parseHTML(t, sample)
	for sel, want := range map[string]int{
		"h1": 1, "main.a": 1, "main.a.b": 1, "main.a.c": 0, ".c input": 1, "form > input": 1, "main > input": 0, "#f input": 2,
		"input[name=n]": 1, `input[name="n"]`: 1, "[action^=/x]": 1, "[value*=v]": 1, "[value$=x]": 0, "h1, form": 2, "input[checked]": 1, "body *": 11,
	} {
		if got := len(find(root, sel)); got != want {
			t.Errorf("%s finds %d, want %d", sel, got, want)
		}
	}
	if got := textOf(find(root, "h1")[0]); got != "One two" {
		t.Errorf("%q", got)
	}
}

func TestFormIsReadAsABrowserSendsIt(t *testing.T) {
	p := &Page{t: t, root: parseHTML(t, sample)}
	f := p.Form("#f")
	if got := f.Values.Encode(); f.Action != "/x" || got != "n=v&s=b&t=1" {
		t.Error(f.Action, got)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	if wrong := Check(parseHTML(t, sample)); len(wrong) > 0 {
		t.Error(wrong)
	}
	for name, c := range map[string]string{
		"lang":    strings.Replace(sample, ` lang="en"`, "", 1),
		"h1":      strings.Replace(sample, "<form", "<h1>again</h1><form", 1),
		"label":   strings.Replace(sample, ` for="n"`, "", 1),
		"style":   strings.Replace(sample, "<form", `<form style="color:red"`, 1),
		"handler": strings.Replace(sample, "<form", `<form onsubmit="x()"`, 1),
		"script":  strings.Replace(sample, "<form", `<script>x()</script><form`, 1),
		"id":      strings.Replace(sample, "<h1", `<h1 id="f"`, 1),
		"alt":     strings.Replace(sample, "<form", `<img src="/x.png"><form`, 1),
		"name":    strings.Replace(sample, "<form", `<button></button><form`, 1),
		"key":     strings.Replace(sample, "One", "<i>fault.denied</i>", 1),
		"hole":    strings.Replace(sample, "One", "&lt;no value>", 1),
	} {
		if wrong := Check(parseHTML(t, c)); len(wrong) != 1 {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}
