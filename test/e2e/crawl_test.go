package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"lindu.example/lindu/client"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/web"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// axe is axe-core 4.14.1 by Deque Systems, as npm has it (MPL-2.0, its notice
// at its top; testdata/README tells where from).
//
//go:embed testdata/axe.min.js
var axe string

// roles of the crawl: the demo's links, and a visitor without one.
var roles = []string{"", "buyer", "host", "operator", "moderator", "selector", "packer", "service", "finance", "finance2", "teacher", "producer", "overseer", "admin"}

// notPages are routes that no link of a navigation leads a crawler to: files,
// fragments and machines' doors.
var notPages = []string{
	"/static/{hash}/{name...}", "/lang/{lang}", "/enter", "/media/p/{id}/{file}", "/look",
	"/shows/{id}/qr.png", "/shows/{id}/show.ics", "/studio/shows/{id}/qr.png",
	"/room/{id}/state", "/room/{id}/sheet", "/orders/{id}/state",
	"/studio/shows/{id}/state", "/desk/shows/{id}/state", "/desk/shows/{id}/pulse",
	"/desk/rooms/pulse", "/overlay/{token}", "/overlay/{token}/state", "/overlay/{token}/qr.png", // TestOverlayFollowsTheShow opens them
}

// finding is what is wrong with a page, and where it was seen.
type findings struct {
	mu    sync.Mutex
	where map[string][]string
}

func (f *findings) add(what, where string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.where[what], where) {
		f.where[what] = append(f.where[what], where)
	}
}

// crawler walks the centre in one browser.
type crawler struct {
	c        *centre
	b        *browser
	found    *findings
	role     string
	lang     i18n.Lang
	big      bool            // the size of the next page
	seen     map[string]bool // patterns of this role and language
	visited  map[string]bool // patterns of all
	shapes   map[string]bool // what axe has looked at already
	mu       sync.Mutex
	here     string
	expected int // the status that the page now opened has
	addr     map[network.RequestID]string
	pages    int
}

// TestEveryPageOfEveryRole opens every page that a navigation leads to, as each
// role, in both languages, on a phone and on a PC. A page answers 200, fits
// the screen, shows no raw message key, complains of nothing in the console,
// loads all it asks for, and has no serious finding of axe-core.
func TestEveryPageOfEveryRole(t *testing.T) {
	if os.Getenv("LINDU_TEST_CRAWL") == "" {
		t.Skip("four minutes of pages; `make crawl` opens them all")
	}
	need(t, "chromium")
	c := startDemo(t, "--quiet-buyers")
	seeds := c.furnish(t)
	eventually(t, time.Minute, "a picture", func() bool { status, _ := get(t, c.Show.HLS); return status == http.StatusOK })
	found := &findings{where: map[string][]string{}}
	visited, shapes := map[string]bool{}, map[string]bool{}
	pages := 0
	for i, role := range roles {
		t.Run(nameOf(role), func(t *testing.T) { // its browser ends with it
			cr := &crawler{c: c, found: found, role: nameOf(role), big: i%2 == 0, visited: visited, shapes: shapes, addr: map[network.RequestID]string{}}
			cr.b = newBrowser(t, cr.role, 360, 780)
			cr.listen(t)
			for _, lang := range i18n.Langs {
				cr.crawl(t, lang, role, seeds[role])
			}
			pages += cr.pages
		})
	}
	t.Logf("%d pages opened, %d patterns, axe looked at %d shapes", pages, len(visited), len(shapes))
	for _, what := range slices.Sorted(maps.Keys(found.where)) {
		at := found.where[what]
		t.Errorf("%s\n    on %s (%d places)", what, strings.Join(at[:min(3, len(at))], ", "), len(at))
	}
	t.Run("every route", func(t *testing.T) { everyRouteSeen(t, visited) })
}

func nameOf(role string) string {
	if role == "" {
		return "visitor"
	}
	return role
}

// everyRouteSeen fails when a page of the route table was never opened: it has
// no link, or nobody to show it to.
func everyRouteSeen(t *testing.T, visited map[string]bool) {
	t.Helper()
	for _, rt := range web.Routes(&site.Site{Centre: page.Centre{Demo: true}}) {
		if rt.Method != http.MethodGet || slices.Contains(notPages, rt.Path) {
			continue
		}
		want := strings.ReplaceAll(rt.Path, "{$}", "")
		ok := false
		for v := range visited {
			p, _, _ := strings.Cut(v, "?")
			ok = ok || p == want
		}
		if !ok {
			t.Errorf("nobody came to %s by a link", rt.Path)
		}
	}
}

// listen notes what the browser says of the page that is open.
func (cr *crawler) listen(t *testing.T) {
	t.Helper()
	cr.b.do(chromedp.Func(func(ctx context.Context, tg *chromedp.Target) error { // colours are looked at when they stand still
		_, err := cdp.Call(ctx, tg, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
	err := chromedp.Listen(cr.b.ctx, func(ev any) {
		cr.mu.Lock()
		defer cr.mu.Unlock()
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == "error" && e.Entry.Source != "network" { // the network's are below, with their status
				cr.found.add("console: "+tidy(e.Entry.Text), cr.here)
			}
		case *network.EventRequestWillBeSent:
			cr.addr[e.RequestID] = e.Request.URL
		case *network.EventResponseReceived:
			if e.Response.Status >= 400 && (e.Type != "Document" || int(e.Response.Status) != cr.expected) {
				cr.found.add(fmt.Sprintf("%d for %s", int(e.Response.Status), tidy(e.Response.URL)), cr.here)
			}
		case *network.EventLoadingFailed:
			if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" { // what leaving a page cuts off is no failure
				cr.found.add(fmt.Sprintf("%s for %s", e.ErrorText, tidy(cr.addr[e.RequestID])), cr.here)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	anID   = regexp.MustCompile(`[0-9a-f]{32}`)
	aPort  = regexp.MustCompile(`https?://127\.0\.0\.1:\d+`)
	aHash  = regexp.MustCompile(`/static/[^/]+/`)
	files  = regexp.MustCompile(`\.(png|jpg|webp|ics|csv|json|m3u8)$`)
	cutOff = regexp.MustCompile(`\s+`)
)

// tidy makes the same finding on two pages the same text.
func tidy(s string) string {
	s = aHash.ReplaceAllString(aPort.ReplaceAllString(anID.ReplaceAllString(s, "{id}"), ""), "/static/")
	return cutOff.ReplaceAllString(s, " ")
}

// crawl walks from the front page and the role's own start.
func (cr *crawler) crawl(t *testing.T, lang i18n.Lang, role string, seeds []string) {
	t.Helper()
	cr.lang, cr.seen = lang, map[string]bool{}
	cr.big = !cr.big
	cr.b.open(cr.c.HTTP + "/lang/" + string(lang) + "?next=/")
	queue := []string{"/", "/signin"}
	if role != "" {
		u, err := url.Parse(cr.c.Links[role])
		if err != nil {
			t.Fatal(err)
		}
		cr.b.open(cr.c.HTTP + "/enter?token=" + cr.c.token(role) + "&next=/promises")
		queue = []string{"/", u.Query().Get("next"), "/me"}
	}
	for _, s := range seeds { // those are opened whatever was seen
		queue = append(queue, cr.visit(s, http.StatusOK)...)
	}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		p := pattern(path)
		if strings.Contains(p, "?") && lang != i18n.Langs[0] {
			continue // a list filtered another way: once is enough
		}
		if !cr.seen[p] {
			cr.seen[p] = true
			queue = append(queue, cr.visit(path, http.StatusOK)...)
		}
	}
	if role == "" || role == "buyer" {
		cr.visit("/orders/nothing-like-this", map[string]int{"": http.StatusUnauthorized, "buyer": http.StatusNotFound}[role])
		cr.visit("/no-such-page", http.StatusNotFound)
		cr.dialogs()
	}
	if role == "buyer" {
		cr.visit("/desk", http.StatusForbidden)
	}
}

// pattern is the page apart from which thing it shows.
func pattern(path string) string {
	p, q, _ := strings.Cut(path, "?")
	v, _ := url.ParseQuery(q)
	if p = anID.ReplaceAllString(p, "{id}"); len(v) == 0 {
		return p
	}
	return p + "?" + strings.Join(slices.Sorted(maps.Keys(v)), "&")
}

// what a look at a page gives.
type looked struct {
	Lang, Title string
	Wide        float64
	Over        string // the element that reaches out the most
	Texts       string
	Links       []string
	Shape       string
}

// look reads the page: its texts and labels, its links, and the sorted set of
// its elements with their classes, by which axe knows what it has seen.
const look = `(() => {
  const texts = [document.title], walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest("script,style,noscript,textarea,code,pre,.mono")) texts.push(walk.currentNode.data);
  for (const e of document.querySelectorAll("[title],[aria-label],[alt],[placeholder]")) texts.push(e.title, e.ariaLabel, e.getAttribute("alt"), e.getAttribute("placeholder"));
  const shape = new Set();
  for (const e of document.body.querySelectorAll("*")) if (!e.closest("svg") || e.tagName === "svg") shape.add(e.parentElement.tagName + "." + e.parentElement.className + ">" + e.tagName + "." + (e.getAttribute("class") ?? "") + (e.getAttribute("role") ?? "") + (e.type ?? ""));
  const links = [...document.querySelectorAll("a[href]")].filter((a) => a.origin === location.origin && !a.hasAttribute("download")).map((a) => a.pathname + a.search);
  return { Lang: document.documentElement.lang, Title: document.title, Texts: texts.filter(Boolean).join("\n"), Links: links, Shape: [...shape].sort().join(" ") };
})()`

// wide tells how wide the page is and what makes it so.
const wide = `(() => {
  let over = "", most = innerWidth + 1;
  if (document.documentElement.scrollWidth > WIDTH + 1) for (const e of document.body.querySelectorAll("*")) {
    const r = e.getBoundingClientRect();
    let clipped = false;
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) clipped ||= getComputedStyle(p).overflowX !== "visible";
    if (!clipped && r.right > Math.max(most, WIDTH + 1)) { most = r.right; over = e.tagName.toLowerCase() + "." + e.className; }
  }
  return { Wide: document.documentElement.scrollWidth, Over: over };
})()`

// axeRun gives the serious findings of axe-core as lines.
const axeRun = `axe.run(document, { resultTypes: ["violations"], preload: false }).then((r) =>
  r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").flatMap((v) => v.nodes.slice(0, 4).map((n) =>
    v.id + ": " + n.target.join(" ") + " — " + [...n.any, ...n.all, ...n.none].map((c) => c.message).join("; ").slice(0, 200))))`

var sizes = map[bool][2]int64{false: {360, 780}, true: {1280, 800}}

// size makes the browser a phone's or a PC's.
func (cr *crawler) size(big bool) {
	var view []chromedp.EmulateViewportOption
	if !big {
		view = append(view, chromedp.EmulateMobile, chromedp.EmulateScale(2))
	}
	cr.b.do(chromedp.EmulateViewport(sizes[big][0], sizes[big][1], view...))
}

// at names the place of a finding.
func (cr *crawler) at(path string, big bool) string {
	return fmt.Sprintf("%s [%s, %s, %d]", path, cr.role, cr.lang, sizes[big][0])
}

// visit opens a page, looks at it at both sizes, and gives its links.
func (cr *crawler) visit(path string, status int) []string {
	cr.b.t.Helper()
	big := cr.big
	cr.big = !cr.big
	cr.size(big)
	cr.mu.Lock()
	cr.here, cr.expected = cr.at(path, big), status
	cr.mu.Unlock()
	cr.pages++
	if os.Getenv("LINDU_TEST_VERBOSE") != "" {
		cr.b.t.Log(cr.here)
	}
	res, err := chromedp.Run(cr.b.ctx, chromedp.NavigateResponse(cr.c.HTTP+path))
	if err != nil {
		cr.b.fail(fmt.Errorf("%s: %w", path, err))
	}
	if res == nil || int(res.Status) != status {
		cr.found.add(fmt.Sprintf("not a page of status %d", status), cr.here)
		return nil
	}
	links := cr.inspect(path, big)
	cr.visited[pattern(path)] = true
	return links
}

// inspect looks at what is open now.
func (cr *crawler) inspect(path string, big bool) []string {
	cr.b.t.Helper()
	l := js[looked](cr.b, look)
	if l.Lang != string(cr.lang) || strings.TrimSpace(l.Title) == "" {
		cr.found.add(fmt.Sprintf("language %q, title %q", l.Lang, l.Title), cr.at(path, big))
	}
	for _, k := range rawKeys(l.Texts) {
		cr.found.add("raw text "+k, cr.at(path, big))
	}
	if key := string(cr.lang) + fmt.Sprint(big) + l.Shape; !cr.shapes[key] {
		cr.shapes[key] = true
		if !js[bool](cr.b, `!!window.axe`) {
			cr.b.do(chromedp.Evaluate[chromedp.Void](axe))
		}
		for _, v := range js[[]string](cr.b, axeRun) {
			cr.found.add("axe: "+tidy(v), cr.at(path, big))
		}
	}
	cr.fits(path, big)
	cr.size(!big)
	cr.fits(path, !big)
	cr.size(big)
	var out []string
	for _, a := range l.Links {
		if !files.MatchString(strings.Split(a, "?")[0]) && !skipLink.MatchString(a) {
			out = append(out, a)
		}
	}
	return out
}

var skipLink = regexp.MustCompile(`^/(lang|static|media|live|api|enter|sandbox|look|metrics)(/|\?|$)`)

// fits wants no sideways scroll.
func (cr *crawler) fits(path string, big bool) {
	cr.b.t.Helper()
	width := num(float64(sizes[big][0]))
	var l looked
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(50 * time.Millisecond) { // a phone's viewport takes a moment to settle
		l = js[looked](cr.b, strings.ReplaceAll(wide, "WIDTH", width))
		if l.Wide <= float64(sizes[big][0])+1 || time.Now().After(end) {
			break
		}
	}
	if l.Wide > float64(sizes[big][0])+1 {
		cr.found.add(fmt.Sprintf("%.0f wide on %s, by %s", l.Wide, width, l.Over), cr.at(path, big))
	}
}

// dialogs opens what lies over the room: the tray, the half-sheet, the complaint.
func (cr *crawler) dialogs() {
	cr.b.t.Helper()
	for _, d := range []struct{ press, open, ready string }{
		{"#tray-open", "#tray", `document.querySelector("#tray-sheet li")`},
		{`#card [data-do="buy"]`, "#buy", `document.querySelector("#buy-form")`},
		{`[data-open="report"]`, "#report", `document.querySelector("#report-kind")`},
	} {
		path := strings.TrimPrefix(cr.c.Show.Page, cr.c.HTTP)
		cr.size(false) // the tray stands beside the picture on a PC
		cr.mu.Lock()
		cr.here, cr.expected = cr.at(path+d.open, false), http.StatusOK
		cr.mu.Unlock()
		cr.b.open(cr.c.Show.Page)
		cr.b.wait(step, `document.querySelector("#card [data-do=buy]") && document.querySelector("#items li")`)
		cr.b.do(press(d.press))
		cr.b.wait(step, `document.querySelector("`+d.open+`").open && `+d.ready)
		cr.inspect(path+d.open, false)
		if cr.lang == i18n.English {
			cr.size(true)
			cr.inspect(path+d.open, true)
		}
	}
}

// rawKeys are message keys, or what a template leaves of a text that went wrong.
func rawKeys(texts string) []string {
	var out []string
	for _, k := range keyLike().FindAllString(texts, -1) {
		out = append(out, k)
	}
	for _, bad := range []string{"{{", "<no value>", "%!", "undefined", "NaN", "[object "} {
		if i := strings.Index(texts, bad); i >= 0 {
			out = append(out, strings.ToValidUTF8(texts[max(0, i-20):min(len(texts), i+30)], ""))
		}
	}
	return out
}

// keyLike matches anything that begins like a key of a locale file.
var keyLike = sync.OnceValue(func() *regexp.Regexp {
	areas := map[string]bool{}
	for k := range i18n.Texts(i18n.English) {
		area, _, _ := strings.Cut(k, ".")
		areas[area] = true
	}
	return regexp.MustCompile(`\b(` + strings.Join(slices.Sorted(maps.Keys(areas)), "|") + `)\.[a-z][a-z0-9]*(_[a-z0-9]+)*\b`)
})

// furnish fills the centre with what pages show: orders in every state, talk,
// a complaint. It gives pages to open by role besides those that are linked.
func (c *centre) furnish(t *testing.T) map[string][]string {
	t.Helper()
	ctx := t.Context()
	buyer := c.as("buyer")
	a := home(t, buyer)
	order := func(item int, units int64) client.Order {
		o, err := buyer.PlaceOrder(ctx, fmt.Sprint("furnish-", item, "-", units), c.wants(c.item(t, item), a.ID, units))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	paid := func(item int, units int64) client.Order {
		o := order(item, units)
		p, err := buyer.Pay(ctx, o.ID, "sandbox")
		if err != nil {
			t.Fatal(err)
		}
		c.pay(t, p.PayURL)
		eventually(t, step, "the order is paid", func() bool { got, err := buyer.Order(ctx, o.ID); return err == nil && got.State == "paid" })
		return o
	}
	shipped, waits, unpaid, cancelled, byBank := paid(1, 1), paid(2, 2), order(3, 1), order(4, 1), order(5, 1)
	if _, err := c.as("packer").Ship(ctx, shipped.ID, "shunfeng", "SF1234567890123"); err != nil {
		t.Fatal(err)
	}
	if _, err := buyer.Cancel(ctx, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	for role, say := range map[string]string{"buyer": "蓝莓能放几天呀",
		"producer": "a rather long remark about berries, honey and rice that needs more than one line on a phone, and a_very_long_word_without_any_space_in_it_0123456789"} {
		if _, err := c.as(role).Say(ctx, c.Show.ID, say); err != nil {
			t.Fatal(err)
		}
	}
	c.post(t, "buyer", "/room/"+c.Show.ID+"/report", url.Values{"kind": {"fake_goods"}, "body": {"盒子里有三颗果子坏了，照片已经发给客服。"}})
	c.post(t, "buyer", "/orders/"+byBank.ID+"/pay", url.Values{"gateway": {"offline"}})
	seeds := map[string][]string{}
	for _, o := range []client.Order{unpaid, shipped, waits, cancelled, byBank} {
		seeds["buyer"] = append(seeds["buyer"], "/orders/"+o.ID)
	}
	seeds["buyer"] = append(seeds["buyer"], "/pay/return/"+waits.ID, "/orders/"+byBank.ID+"/transfer", "/room/"+c.Show.ID)
	return seeds
}

// post sends a form as a role does from a page.
func (c *centre) post(t *testing.T, role, path string, form url.Values) {
	t.Helper()
	req, err := http.NewRequest("POST", c.HTTP+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.AddCookie(&http.Cookie{Name: "lindu", Value: c.token(role)})
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: step}
	res, err := hc.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		b, _ := io.ReadAll(res.Body)
		t.Fatalf("%s: %d %.400s", path, res.StatusCode, b)
	}
}
