package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lindu.example/lindu/client"
)

// press sends a key to the page as a whole.
func (b *browser) press(key string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(key))
}

// axeClean wants no serious finding on what is open now.
func (b *browser) axeClean(what string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	for _, v := range js[[]string](b, axeRun) {
		b.t.Errorf("axe on %s: %s", what, v)
	}
}

// TestOneDeskRunsTwoRooms: two shows on air on one screen; what the keyboard
// does happens in the chosen room and nowhere else; a host's call rings, is
// answered, and the host hears who comes.
func TestOneDeskRunsTwoRooms(t *testing.T) {
	c := startDemo(t, "--quiet-buyers")
	ctx := t.Context()
	desk := newBrowser(t, "desk", 1280, 800)
	desk.open(c.Links["operator"])
	desk.open(c.HTTP + "/desk/rooms")
	desk.wait(step, `document.querySelectorAll(".tile[data-show]").length === 2`)
	desk.wait(time.Minute, `[...document.querySelectorAll(".tile video")].filter((v) => !v.hidden && v.videoWidth > 0).length === 2`)
	first := c.Show.ID
	second := js[string](desk, `document.querySelector('.tile[data-no="2"]').dataset.show`)
	if js[string](desk, `document.querySelector('.tile[data-no="1"]').dataset.show`) != first {
		first, second = second, first // what runs longer stands first
	}
	no := js[map[string]string](desk, `Object.fromEntries([...document.querySelectorAll(".tile[data-show]")].map((el) => [el.dataset.show, el.dataset.no]))`)
	desk.axeClean("two rooms")

	buyer := c.as("buyer")
	state := func(id string) client.Show {
		t.Helper()
		s, err := buyer.Show(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before, other := state(second), state(first)
	tile := fmt.Sprintf(`.tile[data-show="%s"]`, second)

	// The next product is explained in the second room, and only there.
	desk.press(no[second])
	desk.wait(step, `document.activeElement.matches('`+tile+`') && document.querySelector('`+tile+`').matches(".chosen")`)
	desk.press("n")
	eventually(t, step, "the second room explains another product", func() bool { return state(second).Pinned != before.Pinned })
	desk.wait(step, `!document.getElementById("undo").hidden`)
	desk.press("z")
	eventually(t, step, "undone", func() bool { return state(second).Pinned == before.Pinned })

	// A price by its number; what can't be meant changes nothing and is said.
	price := func(show client.Show, n int) int64 {
		for _, it := range show.Items {
			if it.No == n {
				return int64(it.PriceFen)
			}
		}
		t.Fatalf("no number %d", n)
		return 0
	}
	was := price(before, 2)
	desk.press("e")
	desk.wait(step, `document.activeElement.id === "entry-in"`)
	desk.write("#entry-in", "77 10\r")
	desk.wait(step, `!document.getElementById("entry-error").hidden`)
	desk.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("entry-in").value = ""`))
	desk.write("#entry-in", fmt.Sprintf("2 %d.%02d\r", (was+30)/100, (was+30)%100))
	eventually(t, step, "the price is new", func() bool { return price(state(second), 2) == was+30 })
	desk.wait(step, `document.getElementById("entry").hidden && document.activeElement.matches('`+tile+`')`)
	desk.press("z")
	eventually(t, step, "the price is back", func() bool { return price(state(second), 2) == was })

	// A comment is hidden in its room, and shown again.
	if _, err := buyer.Say(ctx, second, "hello from the second room"); err != nil {
		t.Fatal(err)
	}
	said := `document.querySelector('` + tile + ` .tile-chat').textContent.includes("second room")`
	desk.wait(step, said)
	desk.press("h")
	desk.wait(step, "!("+said+")")
	desk.wait(step, `!document.getElementById("undo").hidden`)
	desk.press("z")
	desk.wait(step, said)

	after := state(first)
	if after.Pinned != other.Pinned || price(after, 2) != price(other, 2) {
		t.Errorf("the other room changed: %+v", after)
	}

	// The host of the demo's show calls; the desk rings until somebody answers.
	c.post(t, "host", "/studio/shows/"+c.Show.ID+"/help", url.Values{"on": {"1"}})
	desk.wait(step, `document.getElementById("rooms").dataset.ringing === "1" && document.querySelector(".call:not(.taken) button")`)
	desk.wait(step, `document.querySelector('.tile[data-show="`+c.Show.ID+`"]').matches(".calling")`)
	desk.axeClean("a call for help")
	desk.press(no[c.Show.ID])
	desk.press("a")
	desk.wait(step, `document.getElementById("rooms").dataset.ringing === "0" && document.querySelector(".call.taken")`)
	host := newBrowser(t, "host", 360, 780)
	host.open(c.Links["host"])
	answered := js[string](host, `fetch("/studio/shows/`+c.Show.ID+`/live/state", { headers: { Accept: "application/json" } }).then((r) => r.text())`)
	name := js[string](desk, `document.querySelector(".call.taken").textContent`)
	if !strings.Contains(answered, "中控小周") || !strings.Contains(name, "中控小周") {
		t.Errorf("who comes is not told: %q, %.600s", name, answered)
	}
	desk.press("a")
	desk.wait(step, `!document.querySelector(".call")`)

	// Key map, and a phone.
	desk.press("?")
	desk.wait(step, `document.querySelector("#keys[open]")`)
	desk.axeClean("the key map")
	phone := desk.tab("phone", 360, 780)
	phone.open(c.HTTP + "/desk/rooms")
	phone.wait(step, `document.querySelectorAll(".tile.chosen").length === 1`)
	phone.axeClean("the rooms on a phone")
	if bad := desk.troubles(); len(bad) > 0 {
		t.Errorf("console: %s", strings.Join(bad, "\n"))
	}
}

// TestOverlayFollowsTheShow: the page for OBS shows what is explained and its
// price as it changes, over nothing, and goes dark when its address is revoked.
func TestOverlayFollowsTheShow(t *testing.T) {
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	desk := "/desk/shows/" + c.Show.ID + "/overlay"
	c.post(t, "operator", desk, url.Values{})
	op := newBrowser(t, "operator", 1280, 800)
	op.open(c.Links["operator"])
	op.open(c.HTTP + desk)
	op.wait(step, `document.querySelector("iframe")`)
	op.axeClean("the overlay's address")
	at := js[string](op, `document.querySelector("iframe").src`)
	obs := newBrowser(t, "obs", 1080, 1920)
	obs.open(at)
	obs.wait(step, `!document.getElementById("card").hidden`)
	if bg := js[string](obs, `getComputedStyle(document.body).backgroundColor + getComputedStyle(document.documentElement).backgroundColor`); strings.Count(bg, "rgba(0, 0, 0, 0)") != 2 {
		t.Errorf("the background is %s", bg)
	}
	obs.axeClean("the overlay")
	s, err := c.as("operator").Show(t.Context(), c.Show.ID)
	if err != nil {
		t.Fatal(err)
	}
	var item client.Item
	for _, it := range s.Items {
		if it.ID != s.Pinned && it.State == "on_sale" {
			item = it
		}
	}
	if err := c.as("operator").Pin(t.Context(), c.Show.ID, item.ID); err != nil {
		t.Fatal(err)
	}
	obs.wait(step, fmt.Sprintf(`document.querySelector("#card .name")?.textContent === %s`, quote(item.Name)))
	c.post(t, "operator", "/desk/shows/"+c.Show.ID+"/items/"+item.ID, url.Values{"price": {fmt.Sprintf("%d.77", item.PriceFen/100+1)}})
	obs.wait(step, `document.querySelector("#card .price").textContent.includes(".77")`)
	c.post(t, "operator", desk+"/revoke", url.Values{})
	if status, _ := get(t, at); status != http.StatusNotFound {
		t.Errorf("a revoked address answers %d", status)
	}
	obs.wait(45*time.Second, `!document.getElementById("card")`)
}
