package i18n_test

import (
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
)

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func words(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var out []string
	for _, s := range v.(map[string]any) {
		out = append(out, s.(string))
	}
	return out
}

func placeholders(v any) []string {
	set := map[string]bool{}
	for _, s := range words(v) {
		for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
			set[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	zh, en := i18n.Texts(i18n.Chinese), i18n.Texts(i18n.English)
	for k, v := range zh {
		other, ok := en[k]
		if !ok {
			t.Errorf("%s is missing in English", k)
			continue
		}
		if a, b := placeholders(v), placeholders(other); !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v in Chinese, %v in English", k, a, b)
		}
	}
	for k := range en {
		if _, ok := zh[k]; !ok {
			t.Errorf("%s is missing in Chinese", k)
		}
	}
	for _, m := range []map[string]any{zh, en} {
		for k, v := range m {
			for _, s := range words(v) {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s is empty", k)
				}
			}
		}
	}
}

func TestKeysCarryTheirArea(t *testing.T) {
	for _, l := range i18n.Langs {
		names, _ := filepath.Glob("locales/" + string(l) + "/*.json")
		for _, n := range names {
			area := strings.TrimSuffix(filepath.Base(n), ".json")
			b, _ := os.ReadFile(n)
			for _, m := range regexp.MustCompile(`(?m)^\s{2}"([^"]+)":`).FindAllStringSubmatch(string(b), -1) {
				if !strings.HasPrefix(m[1], area+".") {
					t.Errorf("%s holds %s", n, m[1])
				}
			}
		}
	}
}

// usedKey finds message keys in code: a quoted "area.thing".
var usedKey = regexp.MustCompile(`"@?([a-z]+\.[a-z0-9_]+(?:\.[a-z0-9_]+)*)"`)

// TestUsedKeysExist walks the code: whatever is passed to T, N or fault.New
// must be a key, and every key must be used somewhere.
func TestUsedKeysExist(t *testing.T) {
	zh := i18n.Texts(i18n.Chinese)
	call := regexp.MustCompile(`(?:\.(?:T|N)\(|fault\.New\(fault\.\w+,\s*)"([^"]+)"`)
	used := map[string]bool{}
	prefix := map[string]bool{} // keys built at run time: p.T("order.state_" + s)
	built := regexp.MustCompile(`"@?([a-z]+\.[a-z0-9_.]*[_.])"\s*[+,]`)
	walk(t, func(path, text string) {
		for _, m := range call.FindAllStringSubmatch(text, -1) {
			if _, ok := zh[m[1]]; !ok && !strings.HasSuffix(m[1], "_") && !strings.HasSuffix(m[1], ".") {
				t.Errorf("%s uses %s, which no locale has", path, m[1])
			}
		}
		for _, m := range usedKey.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
		for _, m := range built.FindAllStringSubmatch(text, -1) {
			prefix[m[1]] = true
			if !slices.ContainsFunc(slices.Collect(maps.Keys(zh)), func(k string) bool { return strings.HasPrefix(k, m[1]) }) {
				t.Errorf("%s builds keys of %s, which no locale has", path, m[1])
			}
		}
	})
	for k := range zh {
		if used[k] || slices.ContainsFunc(slices.Collect(maps.Keys(prefix)), func(p string) bool { return strings.HasPrefix(k, p) }) {
			continue
		}
		t.Errorf("%s is used nowhere", k)
	}
}

var han = regexp.MustCompile(`\p{Han}`)

// TestNoChineseInCode keeps every text in the locales. Comments may hold a
// Chinese trade term; the demo world is data and may speak Chinese.
func TestNoChineseInCode(t *testing.T) {
	comment := regexp.MustCompile(`(?s)/\*.*?\*/|(?m)//.*$`)
	walk(t, func(path, text string) {
		if strings.Contains(path, "/demo/") || strings.Contains(path, "hantext") {
			return
		}
		for i, line := range strings.Split(comment.ReplaceAllString(text, ""), "\n") {
			if han.MatchString(line) && !strings.Contains(line, "//i18n:data") {
				t.Errorf("%s: Chinese in code: %s (line %d without comments)", path, strings.TrimSpace(line), i+1)
			}
		}
	})
}

func walk(t *testing.T, fn func(path, text string)) {
	t.Helper()
	for _, root := range []string{"..", "../../cmd"} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "vendor" || d.Name() == "testdata" || d.Name() == "gen") {
				return filepath.SkipDir
			}
			ext := filepath.Ext(p)
			if !slices.Contains([]string{".go", ".templ", ".js"}, ext) || strings.HasSuffix(p, "_test.go") || strings.HasSuffix(p, "_templ.go") {
				return nil
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			fn(p, string(b))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestFromRequest(t *testing.T) {
	for accept, want := range map[string]i18n.Lang{"": i18n.Chinese, "en-GB,en;q=0.9": i18n.English, "zh-TW": i18n.Chinese, "fr": i18n.English, ";;;": i18n.Chinese} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", accept)
		if got := i18n.FromRequest(r); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
	r := httptest.NewRequest("GET", "/?lang=en", nil)
	if i18n.FromRequest(r) != i18n.English {
		t.Error("?lang= is not followed")
	}
}

func TestErr(t *testing.T) {
	f := fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", 99)
	if got := i18n.For(i18n.English).Err(f); got != "Please enter a number from 1 to 99." {
		t.Error(got)
	}
}
