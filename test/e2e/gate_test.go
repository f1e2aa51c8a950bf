package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const agree = `#confirm button[value="yes"]`

// TestTheGateOfAShow: "start" is dark until the checks are signed; what changes
// while the show runs is told at the desk; viewers always see who sells, the AI
// label and a correction; the switch asks first and then ends it on their
// screens; the record tells all of it.
func TestTheGateOfAShow(t *testing.T) {
	need(t, "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	desk := newBrowser(t, "desk", 1280, 900)
	desk.open(c.HTTP + "/lang/en?next=/")
	desk.open(c.Links["operator"])
	desk.open(c.HTTP + "/desk/shows")
	control := js[string](desk, `document.querySelector(".show-card.announced h2 a").getAttribute("href")`)
	show := strings.TrimPrefix(control, "/desk/shows/")

	t.Log("unsigned: start is dark and says why; the plan's too")
	desk.open(c.HTTP + control)
	desk.wait(step, `document.querySelector("#start").checkVisibility() && document.querySelector("#start").disabled && document.querySelector("#unready").checkVisibility()`)
	desk.axeClean("a control room before the signature")
	desk.open(c.HTTP + control + "/plan")
	desk.wait(step, `document.querySelector("button.buy[disabled][aria-describedby=unready]") && !document.querySelector("input[name=to][value=live]")`)

	t.Log("signed: start is lit")
	desk.open(c.HTTP + control)
	desk.click("#unready a")
	desk.wait(step, `document.querySelectorAll("input[name=tick]").length === 4`)
	desk.axeClean("the checks")
	desk.click(`form[action$="/sign"] button`)
	desk.wait(step, `document.querySelector("input[name=tick]:invalid") && document.querySelector(".alert.warn")`) // nothing is ticked: nothing is sent
	desk.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("input[name=tick]").forEach((x) => x.click())`))
	desk.click(`form[action$="/sign"] button`)
	desk.wait(step, `document.querySelector(".alert.ok")?.textContent.includes("Signed by")`)
	desk.open(c.HTTP + control)
	desk.wait(step, `document.querySelector("#start").checkVisibility() && !document.querySelector("#start").disabled && document.querySelector("#unready").hidden`)

	t.Log("changed after the signature: dark again, without a reload")
	c.ask(t, "operator", "POST", control+"/ai", url.Values{"ai": {"picture"}}, http.StatusSeeOther)
	desk.wait(step, `document.querySelector("#start").disabled && document.querySelector("#unready").checkVisibility()`)
	desk.open(c.HTTP + control + "/check")
	desk.wait(step, `document.querySelector(".alert.warn")`)
	desk.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("input[name=tick]:not(:checked)").forEach((x) => x.click())`))
	desk.click(`form[action$="/sign"] button`)
	desk.wait(step, `document.querySelector(".alert.ok")?.textContent.includes("Signed by")`)

	t.Log("on air: viewers see who sells, the label, a correction")
	phone := newBrowser(t, "viewer", 360, 780)
	phone.open(c.HTTP + "/lang/en?next=/")
	phone.open(c.HTTP + "/room/" + show)
	desk.open(c.HTTP + control)
	desk.click("#start:not([disabled])")
	desk.click(agree)
	desk.wait(step, `!document.querySelector("#stop").hidden`)
	phone.wait(step, `document.querySelector("#say-body").disabled === false && document.querySelector("#room").dataset.scene !== "soon"`)
	phone.wait(step, `document.querySelector(".seller-line").checkVisibility() && document.querySelector(".seller-line").textContent.includes("0000-12315")`)
	phone.wait(step, `document.querySelector("#ai-label").checkVisibility() && document.querySelector("#ai-label").textContent.includes("picture")`)
	desk.click(`[data-open="correct"]`)
	desk.write("#correct-wrong", "five kilos a box")
	desk.write("#correct-right", "four kilos a box")
	desk.click(`#correct form button.button`)
	phone.wait(step, `document.querySelector("#corrections").checkVisibility() && document.querySelector("#corrections").textContent.includes("four kilos a box")`)
	phone.axeClean("a room with label and correction")
	phone.click(".seller-line")
	phone.wait(step, `document.querySelector("#seller[open]") && document.querySelector("#seller").getAnimations({ subtree: true }).every((a) => a.playState === "finished")`)
	phone.axeClean("who sells")
	phone.click("#seller [data-close]")

	t.Log("changed while it runs: the desk is told")
	c.ask(t, "operator", "POST", control+"/ai", url.Values{"ai": {"picture", "voice"}}, http.StatusSeeOther)
	desk.wait(step, `document.querySelector("#unready").checkVisibility() && document.querySelector("#start").hidden`)

	t.Log("the switch asks, and then it is over on every screen")
	desk.click(`[data-open="cut"]`)
	desk.write(`#cut input[name="why"]`, "the picture showed what it must not")
	desk.click(`#cut form button.danger`)
	desk.wait(step, `document.querySelector("#confirm[open]")`)
	if js[bool](phone, `document.querySelector("#say-body").disabled`) {
		t.Error("the show ended before anybody said yes")
	}
	desk.click(agree)
	phone.wait(step, `document.querySelector("#slate").checkVisibility() && document.querySelector("#slate-text").textContent.includes("what it must not") && document.querySelector("#say-body").disabled`)
	phone.axeClean("the slate of a show that was stopped")

	t.Log("the record")
	desk.open(c.HTTP + control + "/record")
	desk.wait(step, `document.querySelector(".record")`)
	desk.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((x) => { x.open = true; })`))
	body := js[string](desk, `document.querySelector(".record").textContent`)
	for _, want := range []string{"Signed by", "91230700DEMO00001X", "0000-12315", "four kilos a box", "voice", "the picture showed what it must not", "Stopped by force"} {
		if !strings.Contains(body, want) {
			t.Errorf("the record does not tell %q", want)
		}
	}
	if n := strings.Count(body, "Signed by"); n != 2 {
		t.Errorf("the record tells of %d signatures, want 2", n)
	}
	desk.axeClean("the record")
	for _, b := range []*browser{desk, phone} {
		if bad := b.troubles(); len(bad) > 0 {
			t.Errorf("console: %s", strings.Join(bad, "\n"))
		}
	}
}
