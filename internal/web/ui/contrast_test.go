package ui_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"lindu.example/lindu/internal/web/static"
)

// minContrast is WCAG 2.2, 1.4.3 (AA) for text of any size.
const minContrast = 4.5

// pairs are text on ground that no single rule sets together: inherited text
// on what lies behind it.
var pairs = [][2]string{
	{"ink", "paper"}, {"ink", "card"}, {"ink", "sunk"}, {"soft", "paper"}, {"soft", "card"}, {"soft", "sunk"},
	{"link", "paper"}, {"link", "card"}, {"leaf", "paper"}, {"leaf", "card"}, {"leaf", "sunk"},
	{"price", "paper"}, {"price", "card"}, {"bad", "paper"}, {"bad", "card"},
	{"on-forest", "forest"}, {"on-forest", "forest-deep"}, {"on-forest-soft", "forest-deep"}, {"on-forest-soft", "forest"},
	{"on-buy", "buy"}, {"on-buy", "buy-deep"}, {"on-berry", "berry"}, {"on-live", "live"},
	{"ok", "ok-bg"}, {"warn", "warn-bg"}, {"bad", "bad-bg"}, {"info", "info-bg"},
}

var token = regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6})\s*;`)

func tokens(t *testing.T, css string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range token.FindAllStringSubmatch(css, -1) {
		out[m[1]] = m[2]
	}
	if len(out) < 15 {
		t.Fatalf("only %d colour tokens found", len(out))
	}
	return out
}

func luminance(hex string) float64 {
	lin := func(i int) float64 {
		n, _ := strconv.ParseUint(hex[i:i+2], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(1) + 0.7152*lin(3) + 0.0722*lin(5)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

var (
	rule  = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	textC = regexp.MustCompile(`(?:^|[;{\s])color:\s*var\(--([a-z-]+)\)`)
	backC = regexp.MustCompile(`background(?:-color)?:\s*var\(--([a-z-]+)\)`)
)

// TestContrastByDayAndByNight checks the listed pairs and every rule of the
// base style that sets a text colour and a ground together.
func TestContrastByDayAndByNight(t *testing.T) {
	raw, err := static.Files.ReadFile("css/base.css")
	if err != nil {
		t.Fatal(err)
	}
	css := string(raw)
	head, rest, _ := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	night, rules, _ := strings.Cut(rest, "/* ---- ground")
	day := tokens(t, head)
	dark := tokens(t, night)
	for k, v := range day {
		if _, ok := dark[k]; !ok {
			dark[k] = v
		}
	}
	check := func(where, text, ground string) {
		for name, set := range map[string]map[string]string{"day": day, "night": dark} {
			a, b := set[text], set[ground]
			if a == "" || b == "" {
				t.Errorf("%s: %s or %s is no colour token", where, text, ground)
				return
			}
			if c := contrast(a, b); c < minContrast {
				t.Errorf("%s: %s (%s) on %s (%s) by %s: %.2f, want %.1f", where, text, a, ground, b, name, c, minContrast)
			}
		}
	}
	for _, p := range pairs {
		check("pair", p[0], p[1])
	}
	seen := 0
	for _, m := range rule.FindAllStringSubmatch(rules, -1) {
		text, ground := textC.FindStringSubmatch(m[2]), backC.FindStringSubmatch(m[2])
		if text == nil || ground == nil {
			continue
		}
		seen++
		check(strings.TrimSpace(m[1]), text[1], ground[1])
	}
	if seen < 20 {
		t.Errorf("only %d rules with text and ground were found: the test reads the style wrongly", seen)
	}
}
