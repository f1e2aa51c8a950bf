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
	"lindu.example/lindu/internal/edge"
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
	"/room/{id}/mine", "/replay/{id}/index.m3u8", "/replay/{id}/chat", "/media/show/{id}/{file}", "/media/clip/{id}/{file}",
	"/after-sale/photos/{photo}/{file}", "/pay/code/{payment}/picture", "/pay/state/{payment}",
	"/studio/shows/{id}/live/state", "/desk/shows/{id}/send/state", "/desk/shows/{id}/talk", "/desk/shows/{id}/items/{item}/changes",
	"/log/tile/{path...}", "/log/checkpoint", "/log/checkpoint.witnessed", "/log/key",
	"/studio/shows/{id}/report", // the demo's host has no show behind them; the studio's own test reads it, and the desk's is the same sheet
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
	routes   *http.ServeMux  // names the route of a path
	seen     map[string]bool // pages of this role and language, as pageOf names them
	visited  map[string]bool // routes of all
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
	visited, shapes, routes := map[string]bool{}, map[string]bool{}, routeTable()
	pages := 0
	for i, role := range roles {
		t.Run(nameOf(role), func(t *testing.T) { // its browser ends with it
			cr := &crawler{c: c, found: found, role: nameOf(role), big: i%2 == 0, routes: routes, visited: visited, shapes: shapes, addr: map[network.RequestID]string{}}
			cr.b = newBrowser(t, cr.role, 360, 780)
			cr.listen(t)
			for _, lang := range i18n.Langs {
				cr.crawl(t, lang, role, seeds[role])
			}
			pages += cr.pages
		})
	}
	t.Logf("%d pages opened, %d routes, axe looked at %d shapes", pages, len(visited), len(shapes))
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

// table is the site's route table, as the demo has it.
func table() []edge.Route { return web.Routes(&site.Site{Centre: page.Centre{Demo: true}}) }

// routeTable tells by which route of the table a path is answered.
func routeTable() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range table() {
		mux.Handle(rt.Pattern(), http.NotFoundHandler())
	}
	return mux
}

// everyRouteSeen fails when a page of the route table was never opened: it has
// no link, or nobody to show it to.
func everyRouteSeen(t *testing.T, visited map[string]bool) {
	t.Helper()
	for _, rt := range table() {
		if rt.Method == http.MethodGet && !slices.Contains(notPages, rt.Path) && !visited[rt.Pattern()] {
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
		p := cr.pageOf(path)
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

// route names the route that answers a path, "" when there is none.
func (cr *crawler) route(path string) string {
	r, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return ""
	}
	_, p := cr.routes.Handler(r)
	return p
}

// pageOf is the page apart from which thing it shows: its route, and the names
// of what its address asks for.
func (cr *crawler) pageOf(path string) string {
	p, q, _ := strings.Cut(path, "?")
	route := cr.route(p)
	if route == "" {
		route = anID.ReplaceAllString(p, "{id}")
	}
	if v, _ := url.ParseQuery(q); len(v) > 0 {
		route += "?" + strings.Join(slices.Sorted(maps.Keys(v)), "&")
	}
	return route
}

// what a look at a page gives.
type looked struct {
	Lang, Title string
	View, Wide  float64 // of the window, of what is in it
	Over        string  // the element that reaches out the most
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
  const links = [...document.querySelectorAll("a[href]")].filter((a) => a.origin === location.origin && !a.closest("[hidden]")).map((a) => a.pathname + a.search);
  return { Lang: document.documentElement.lang, Title: document.title, Texts: texts.filter(Boolean).join("\n"), Links: links, Shape: [...shape].sort().join(" ") };
})()`

// wide tells how wide the page is and what makes it so. Before that it waits
// until the page has the size it was told and has been laid out in it: an
// override of the screen reaches the page some time later, and till then the
// page is as wide as it was.
const wide = `(async () => {
  const frame = () => new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 250); });
  const root = document.documentElement;
  for (let i = 0; i < 100 && (root.clientWidth > WIDTH || root.clientWidth < WIDTH - 20); i++) await frame();
  await frame(); await frame();
  let over = "none", most = WIDTH + 1;
  if (root.scrollWidth > WIDTH + 1) for (const e of document.body?.querySelectorAll("*") ?? []) {
    const r = e.getBoundingClientRect();
    let clipped = false;
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) clipped ||= getComputedStyle(p).overflowX !== "visible";
    if (!clipped && r.right + scrollX > most) { most = r.right + scrollX; over = e.tagName.toLowerCase() + "#" + e.id + "." + (e.getAttribute("class") ?? ""); }
  }
  return { View: root.clientWidth, Wide: root.scrollWidth, Over: over };
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

// peek asks for an address without the browser: whether it is a page, and for
// what is none (a picture, a table, a PDF) that it comes whole.
func (cr *crawler) peek(path string) (isPage bool) {
	cr.b.t.Helper()
	req, err := http.NewRequestWithContext(cr.b.t.Context(), http.MethodGet, cr.c.HTTP+path, nil)
	if err != nil {
		cr.b.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", string(cr.lang))
	if cr.role != nameOf("") {
		req.AddCookie(&http.Cookie{Name: "lindu", Value: cr.c.token(cr.role)})
	}
	res, err := (&http.Client{Timeout: step}).Do(req)
	if err != nil {
		cr.b.fail(fmt.Errorf("%s: %w", path, err))
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		return true
	}
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil || res.StatusCode != http.StatusOK || n == 0 {
		cr.found.add(fmt.Sprintf("a file of status %d and %d bytes (%v)", res.StatusCode, n, err), cr.here)
	}
	return false
}

// visit opens a page, looks at it at both sizes, and gives its links.
func (cr *crawler) visit(path string, status int) []string {
	cr.b.t.Helper()
	big := cr.big
	cr.mu.Lock()
	cr.here, cr.expected = cr.at(path, big), status
	cr.mu.Unlock()
	if os.Getenv("LINDU_TEST_VERBOSE") != "" {
		cr.b.t.Log(cr.here)
	}
	if !cr.peek(path) {
		cr.visited[cr.route(path)] = true
		return nil
	}
	cr.big = !cr.big
	cr.size(big)
	cr.pages++
	ctx, cancel := context.WithTimeout(cr.b.ctx, 2*step)
	defer cancel()
	res, err := chromedp.Run(ctx, chromedp.NavigateResponse(cr.c.HTTP+path))
	if err != nil {
		cr.b.fail(fmt.Errorf("%s: %w", path, err))
	}
	if res == nil || int(res.Status) != status {
		cr.found.add(fmt.Sprintf("not a page of status %d", status), cr.here)
		return nil
	}
	links := cr.inspect(path, big)
	cr.visited[cr.route(path)] = true
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
		if !skipLink.MatchString(a) {
			out = append(out, a)
		}
	}
	return out
}

var skipLink = regexp.MustCompile(`^/(lang|static|media|live|api|enter|sandbox|paysim|look|metrics)(/|\?|$)`)

// fits wants no sideways scroll. What looks too wide is measured again until
// it settles: pictures and fonts may still be on their way.
func (cr *crawler) fits(path string, big bool) {
	cr.b.t.Helper()
	want := float64(sizes[big][0])
	var l looked
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		l = js[looked](cr.b, strings.ReplaceAll(wide, "WIDTH", num(want)))
		if l.View <= want && l.Wide <= want+1 || time.Now().After(end) {
			break
		}
		if l.View > want {
			cr.size(big) // told once more: a busy browser may have missed it
		}
	}
	switch {
	case l.View > want:
		cr.found.add(fmt.Sprintf("laid out for %.0f, not for %.0f", l.View, want), cr.at(path, big))
	case l.Wide > want+1:
		cr.found.add(fmt.Sprintf("%.0f wide on %.0f, by %s", l.Wide, want, l.Over), cr.at(path, big))
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
	code := c.post(t, "buyer", "/orders/"+unpaid.ID+"/pay", url.Values{"gateway": {"wechat"}})
	seeds["buyer"] = append(seeds["buyer"], "/pay/return/"+waits.ID, "/orders/"+byBank.ID+"/transfer", "/room/"+c.Show.ID,
		code, "/pay/wechat/"+strings.TrimPrefix(code, "/pay/code/"), "/orders/"+shipped.ID+"/after-sale", "/orders/"+waits.ID+"/after-sale")
	seeds["buyer"] = append(seeds["buyer"], c.give(t)...)
	practice := c.post(t, "host", "/studio/practice", nil)
	seeds["host"] = append(aShow.FindAllString(c.page(t, "host", "/studio"), -1), practice, "/studio/practice/"+anID.FindString(practice))
	return seeds
}

var (
	aShow    = regexp.MustCompile(`/studio/shows/[0-9a-f]{32}`)
	aConfirm = regexp.MustCompile(`/room/[0-9a-f]{32}/gifts/confirm\?kind=[0-9a-f]{32}`)
	hidden   = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// give gives a gift of which one is paid and one is not, and names their pages.
func (c *centre) give(t *testing.T) []string {
	t.Helper()
	list := "/room/" + c.Show.ID + "/gifts"
	c.post(t, "buyer", "/me/gifts/adult", url.Values{"room": {c.Show.ID}, "born": {"1990-05-01"}, "agree": {"1"}})
	confirm := aConfirm.FindString(c.page(t, "buyer", list))
	if confirm == "" {
		t.Fatal("the list of gifts leads nowhere")
	}
	gift := func() string {
		form := url.Values{}
		for _, f := range hidden.FindAllStringSubmatch(c.page(t, "buyer", confirm), -1) {
			form.Set(f[1], f[2])
		}
		return c.post(t, "buyer", list, form)
	}
	paid, unpaid := gift(), gift()
	c.pay(t, c.post(t, "buyer", paid+"/pay", url.Values{"gateway": {"sandbox"}}))
	eventually(t, step, "the gift is paid", func() bool { return strings.Contains(c.page(t, "buyer", paid), "/receipt") })
	return []string{list, confirm, paid, unpaid}
}

// asRole asks for a page or sends a form the way a role's browser does.
func (c *centre) asRole(t *testing.T, role, method, path string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.HTTP+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil || method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.AddCookie(&http.Cookie{Name: "lindu", Value: c.token(role)})
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: step}
	res, err := hc.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 400 {
		t.Fatalf("%s: %d %.400s (%v)", path, res.StatusCode, b, err)
	}
	return res, string(b)
}

// page is what a role sees at a path.
func (c *centre) page(t *testing.T, role, path string) string {
	t.Helper()
	_, body := c.asRole(t, role, http.MethodGet, path, nil)
	return body
}

// post sends a form as a role does from a page, and names where it leads.
func (c *centre) post(t *testing.T, role, path string, form url.Values) string {
	t.Helper()
	res, _ := c.asRole(t, role, http.MethodPost, path, form)
	return res.Header.Get("Location")
}
