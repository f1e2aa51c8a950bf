package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestEveryActionByKeyInItsRoom: what the control room of one show can do is
// done from the desk of many rooms without a mouse: a flash sale and its end, a
// price that a colleague must sign, a coupon, a pinned comment, a held one, a
// person silenced and let speak again, a correction.
func TestEveryActionByKeyInItsRoom(t *testing.T) {
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	ctx := t.Context()
	desk := newBrowser(t, "keys", 1280, 800)
	desk.open(c.Links["operator"])
	desk.open(c.HTTP + "/desk/rooms")
	show := c.Show.ID
	tile := `.tile[data-show="` + show + `"]`
	desk.wait(step, `document.querySelector('`+tile+`')`)
	desk.press(js[string](desk, `document.querySelector('`+tile+`').dataset.no`))
	desk.wait(step, `document.activeElement.matches('`+tile+`')`)
	is := func(what, expr string) { // of the room as the server has it
		t.Helper()
		eventually(t, step, what, func() bool {
			return js[bool](desk, `fetch("/desk/shows/`+show+`/state").then((r) => r.json()).then((s) => Boolean(`+expr+`))`)
		})
	}
	back := func() { // the keys work again: no dialog is open, the room has the focus
		t.Helper()
		desk.wait(step, `!document.querySelector("dialog[open]") && document.activeElement.matches('`+tile+`')`)
	}
	item := c.item(t, 2)
	enter := func(text string) {
		t.Helper()
		desk.wait(step, `document.activeElement.id === "entry-in"`)
		desk.write("#entry-in", text+"\r")
	}
	yes := func() {
		t.Helper()
		desk.wait(step, `document.querySelector("#confirm[open]")`)
		desk.click(`#confirm [value=yes]`)
	}

	// A flash sale of number two, begun and ended.
	desk.press("f")
	enter("2")
	desk.wait(step, `document.querySelector("#flash[open]")`)
	desk.axeClean("the flash sale's dialog")
	desk.write("#flash-price", fmt.Sprintf("%d.%02d", (item.PriceFen-100)/100, (item.PriceFen-100)%100))
	desk.write("#flash-total", "2\r")
	is("a flash sale", `s.items.find((x) => x.no === 2).flash`)
	back()
	desk.press("f")
	enter("2")
	yes()
	is("no flash sale any more", `!s.items.find((x) => x.no === 2).flash`)

	// A price below the floor: a colleague is asked, the room keeps its price.
	back()
	desk.press("e")
	enter("2 0.01")
	yes()
	desk.wait(step, `document.querySelector("#ask-price[open]")`)
	desk.write("#ask-reason", "last box")
	desk.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("ask-form").requestSubmit()`))
	back()
	is("the price stays", fmt.Sprintf(`s.items.find((x) => x.no === 2).price_fen === %d`, item.PriceFen))

	// A coupon.
	desk.press("q")
	desk.wait(step, `document.querySelector("#coupon[open]")`)
	desk.write("#coupon-off", "1")
	desk.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("coupon-form").requestSubmit()`))
	back()

	// A comment is pinned, and taken off.
	buyer := c.as("buyer")
	say := func(text string) {
		t.Helper()
		eventually(t, step, "the buyer may speak", func() bool { _, err := buyer.Say(ctx, show, text); return err == nil })
	}
	say("how long do they keep")
	desk.wait(step, `document.querySelector('`+tile+` .tile-chat').textContent.includes("how long do they keep")`)
	desk.press("c")
	is("the comment is pinned", `s.comment?.body === "how long do they keep"`)
	desk.press("c")
	is("the comment is off", `!s.comment`)

	// Every comment waits; one is released.
	desk.press("d")
	enter("-1")
	back()
	say("is freight free")
	desk.press("b")
	desk.wait(step, `document.activeElement.dataset.act === "release"`)
	desk.axeClean("what waits")
	desk.press("\r")
	desk.wait(step, `document.querySelector('`+tile+` .tile-chat').textContent.includes("is freight free")`)
	desk.press("\x1b")
	back()
	desk.press("d")
	enter("0")
	back()

	// The buyer is silenced, and let speak again.
	desk.press("x")
	desk.wait(step, `document.querySelector("#mute[open]") && document.querySelectorAll("#mute-form [name=for]").length >= 5`)
	desk.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("mute-form").requestSubmit()`))
	back()
	if _, err := buyer.Say(ctx, show, "not now"); err == nil {
		t.Error("somebody silenced spoke")
	}
	desk.press("w")
	desk.wait(step, `document.activeElement.dataset.act === "lift"`)
	desk.press("\r")
	desk.wait(step, `!document.querySelector("[data-act=lift]")`)
	// A coupon is stopped in the same list, once it is said twice.
	left := js[int](desk, `document.querySelectorAll("[data-act=end]").length`)
	if left == 0 {
		t.Fatal("the list has no coupon")
	}
	desk.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("[data-act=end]").focus()`))
	desk.press("\r")
	yes()
	desk.wait(step, fmt.Sprintf(`document.querySelectorAll("[data-act=end]").length === %d`, left-1))
	desk.press("\x1b")
	back()
	say("thank you")

	// A correction.
	desk.press("t")
	desk.wait(step, `document.activeElement.name === "wrong"`)
	desk.write("#correct-wrong", "picked today")
	desk.write("#correct-right", "picked yesterday")
	desk.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("correct-form").requestSubmit()`))
	back()
	if got := string(c.ask(t, "operator", "GET", "/desk/shows/"+show+"/check", nil, 200)); !strings.Contains(got, "picked yesterday") {
		t.Error("the correction is not in the show's record")
	}
	quiet(t, desk)
}
