package page

import (
	"io/fs"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCommentsStayAtHome(t *testing.T) {
	js := "// why\nimport x from \"./x.js\"; // kept: a link like http://a is no comment\n  // inner\nconst u = \"http://a\";\n"
	got := string(lean("shop/a.js", []byte(js)))
	if strings.Contains(got, "why") || strings.Contains(got, "inner") || !strings.Contains(got, "http://a is no") || strings.Count(got, "\n") != strings.Count(js, "\n") {
		t.Errorf("got %q", got)
	}
	if got := string(lean("a.css", []byte("/* a\n b */p { color: red; } /* c */"))); got != "p { color: red; } " {
		t.Errorf("got %q", got)
	}
	if got := string(lean("vendor/a.js", []byte("// licence"))); got != "// licence" {
		t.Errorf("a vendored file was changed: %q", got)
	}
}

func TestStaticNamesChangeWithTheContent(t *testing.T) {
	before := current
	defer func() { current = before }()
	serve := func(body string) (path, cache, got string) {
		t.Helper()
		if err := UseAssets(map[string]fs.FS{"": fstest.MapFS{"a.css": {Data: []byte(body)}, "a.test.js": {Data: []byte("x")}}}); err != nil {
			t.Fatal(err)
		}
		path = Static("a.css")
		r := httptest.NewRequest("GET", path, nil)
		r.SetPathValue("hash", strings.Split(path, "/")[2])
		r.SetPathValue("name", "a.css")
		w := httptest.NewRecorder()
		ServeStatic(w, r)
		return path, w.Header().Get("Cache-Control"), w.Body.String()
	}
	one, cache, got := serve("p{}")
	if got != "p{}" || !strings.Contains(cache, "immutable") {
		t.Errorf("got %q with %q", got, cache)
	}
	if two, _, _ := serve("p{color:red}"); two == one {
		t.Error("another content has the same address")
	}
	if Exists("a.test.js") {
		t.Error("a test is served")
	}
}
