package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"lindu.example/lindu/client"
)

// press is a real click in the page, without waiting for what comes of it.
func press(sel string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](`document.querySelector(` + quote(sel) + `).click()`)
}

// orderIDs are a buyer's orders, the newest first.
func orderIDs(t testing.TB, cl *client.Client) []string {
	t.Helper()
	os, err := cl.Orders(t.Context(), "", 50)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range os {
		out = append(out, o.ID)
	}
	return out
}

// cookie signs a browser in.
func (b *browser) cookie(c *centre, token string) {
	b.t.Helper()
	b.open(c.HTTP + "/lang/en?next=/")
	b.open(c.HTTP + "/enter?token=" + token + "&next=/room/" + c.Show.ID)
	b.wait(step, `document.querySelector("#card [data-do=buy]")`)
}

// sheet opens the half-sheet of the item that is explained, ready to order.
func (b *browser) sheet() {
	b.t.Helper()
	b.click(`#card [data-do="buy"]`)
	b.wait(step, `document.querySelector("#buy-form[data-signed=true] [name=address]:checked") && /¥/.test(document.querySelector("#buy-sum [data-sum=total]")?.textContent ?? "")`)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const t = document.querySelector("#buy-form [name=no_return_ok]"); if (t && !t.checked) t.click() })()`))
}

// placedOrder waits for the answer in the sheet and gives the order's address.
func (b *browser) placedOrder() string {
	b.t.Helper()
	b.wait(step, `document.querySelector("#buy .placed a[href^='/orders/']")`)
	return strings.TrimPrefix(js[string](b, `document.querySelector("#buy .placed a[href^='/orders/']").getAttribute("href")`), "/orders/")
}

// quiet wants no complaint in the console.
func quiet(t testing.TB, b *browser) {
	t.Helper()
	if bad := b.troubles(); len(bad) > 0 {
		t.Errorf("%s: the page complains: %v", b.name, bad)
	}
}

// shopper is a buyer with an address: a client of the API, and the token for a page.
func (c *centre) shopper(t *testing.T, phone string) (api *client.Client, page string) {
	t.Helper()
	anon := client.New(c.HTTP, "", nil)
	code, err := anon.AskCode(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	page, _, err = anon.SignIn(t.Context(), code.ID, code.Plain)
	if err != nil {
		t.Fatal(err)
	}
	api = anon.As(page)
	home(t, api)
	return api, page
}

// TestAClumsyBuyer does in real browsers what people do: a double tap, two
// tabs, the back button, and a session that ended while the sheet was open.
func TestAClumsyBuyer(t *testing.T) {
	need(t, "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")

	t.Run("a double tap on Buy", func(t *testing.T) {
		api, token := c.shopper(t, "13822220001")
		b := newBrowser(t, "double", 360, 780)
		b.cookie(c, token)
		b.sheet()
		b.do(chromedp.Evaluate[chromedp.Void](`(() => { const go = document.querySelector("#buy-go"); for (let i = 0; i < 10; i++) go.click() })()`))
		o := b.placedOrder()
		if got := orderIDs(t, api); !slices.Equal(got, []string{o}) {
			t.Errorf("ten taps made %v, the page shows %s", got, o)
		}
		quiet(t, b)
	})

	t.Run("two tabs of one buyer", func(t *testing.T) {
		api, token := c.shopper(t, "13822220002")
		one := newBrowser(t, "tab 1", 360, 780)
		one.cookie(c, token)
		two := one.tab("tab 2", 360, 780)
		two.open(c.Show.Page)
		two.wait(step, `document.querySelector("#card [data-do=buy]")`)
		before := c.item(t, 1).Stock
		one.sheet()
		two.sheet()
		one.do(press("#buy-go"))
		two.do(press("#buy-go"))
		a, b := one.placedOrder(), two.placedOrder()
		if a != b {
			t.Errorf("two tabs with the same wish: orders %s and %s", a, b)
		}
		if got := orderIDs(t, api); !slices.Equal(got, []string{a}) {
			t.Errorf("two tabs made %v", got)
		}
		eventually(t, step, "one box fewer", func() bool { return c.item(t, 1).Stock == before-1 })
		quiet(t, one)
		quiet(t, two)
	})

	t.Run("back after ordering", func(t *testing.T) {
		api, token := c.shopper(t, "13822220003")
		b := newBrowser(t, "back", 360, 780)
		b.cookie(c, token)
		product := c.item(t, 2).Product
		b.open(c.HTTP + "/goods/" + product)
		b.open(c.HTTP + "/buy?product=" + product)
		b.wait(step, `document.querySelector("#buy-form[data-signed=true] [name=address]:checked")`)
		// On a phone the button lies above the bar at the bottom, not behind it.
		if !js[bool](b, `(() => { const go = document.querySelector("#buy-go"), r = go.getBoundingClientRect(); return go.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)) })()`) {
			t.Error("something covers the Buy button")
		}
		b.click("#buy-go")
		b.wait(step, `location.pathname.startsWith("/orders/")`)
		o := strings.TrimPrefix(js[string](b, `location.pathname`), "/orders/")
		b.do(chromedp.Evaluate[chromedp.Void](`history.back()`))
		b.wait(step, `!location.pathname.startsWith("/orders/") && document.readyState === "complete"`)
		b.do(chromedp.Reload())
		// Whoever comes back is led to the order that waits for its money.
		b.wait(step, `document.querySelector("#buy-form .alert a[href='/orders/`+o+`']")`)
		if got := orderIDs(t, api); !slices.Equal(got, []string{o}) {
			t.Errorf("back and reload made %v, was %s", got, o)
		}
		quiet(t, b)
	})

	t.Run("the form without script, sent twice", func(t *testing.T) {
		api, token := c.shopper(t, "13822220004")
		addr, err := api.Addresses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		it := c.item(t, 2)
		form := url.Values{"key": {"noscript-0001"}, "item": {it.ID}, "price_fen": {num(float64(it.PriceFen))}, "units": {"1"}, "address": {addr[0].ID}}
		var to []string
		for range 2 {
			req, err := http.NewRequest("POST", c.HTTP+"/orders", strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Accept", "text/html")
			req.AddCookie(&http.Cookie{Name: "lindu", Value: token})
			hc := &http.Client{Timeout: step, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			res, err := hc.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusSeeOther {
				t.Fatalf("%d, want 303", res.StatusCode)
			}
			to = append(to, strings.TrimPrefix(res.Header.Get("Location"), "/orders/"))
		}
		if got := orderIDs(t, api); to[0] != to[1] || len(got) != 1 || !strings.HasPrefix(to[0], got[0]) {
			t.Errorf("sent to %v, orders %v", to, got)
		}
	})

	t.Run("the session ends while the sheet is open", func(t *testing.T) {
		const phone = "19900000001" // the demo's buyer, whose link needed no code
		api := c.as("buyer")
		home(t, api)
		b := newBrowser(t, "expired", 360, 780)
		b.cookie(c, c.token("buyer"))
		b.sheet()
		b.do(press(`#buy-form [data-step="1"]`))
		b.write("#buy-note", "ring twice")
		b.wait(step, `document.querySelector("#buy-form").elements.units.value === "2"`)
		if err := api.SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.do(press("#buy-go"))
		b.wait(step, `document.querySelector("#signin").open && !document.querySelector("#signin-phone").hidden`)
		if !js[bool](b, `document.querySelector("#buy").open`) {
			t.Error("the sheet below is gone")
		}
		b.write("#signin-phone-no", phone)
		b.do(press(`#signin-phone button`))
		b.wait(step, `!document.querySelector("#signin-code").hidden`)
		b.write("#signin-code-no", js[string](b, `/\d{6}/.exec(document.querySelector("#signin-screen").textContent)?.[0] ?? ""`))
		b.do(press(`#signin-code button`))
		b.wait(step, `!document.querySelector("#signin").open`)
		// The choice is as it was.
		b.wait(step, `(() => { const f = document.querySelector("#buy-form[data-signed=true]"); return f && f.elements.units.value === "2" && f.elements.note.value === "ring twice" && f.querySelector("[name=address]:checked") && f.elements.no_return_ok?.checked !== false })()`)
		b.wait(step, `/¥/.test(document.querySelector("#buy-sum [data-sum=total]")?.textContent ?? "")`)
		b.do(press("#buy-go"))
		o := b.placedOrder()
		got := js[string](b, `fetch("/api/v1/orders").then((r) => r.json()).then((a) => a.orders.map((o) => o.id + " " + o.lines[0].units).join())`)
		if got != o+" 2" {
			t.Errorf("orders %q, want the one on the page, %s, of 2", got, o)
		}
		quiet(t, b)
	})

	if out, err := c.fsck(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}
