package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestAHostGoesLiveFromAPhoneAlone: host mode with a camera, watched by a buyer
// in another browser; a reload takes one tap to continue; a turned phone
// changes nothing of the picture.
func TestAHostGoesLiveFromAPhoneAlone(t *testing.T) {
	need(t, "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	host := newBrowser(t, "host", 360, 780)
	host.first(devices)
	host.open(c.HTTP + "/lang/en?next=/")
	host.open(c.Links["host"])
	host.open(c.HTTP + "/studio/shows/" + c.Show.ID + "/live")
	host.click("#go:not([disabled])")
	host.wait(step, onAir)

	buyer := newBrowser(t, "buyer", 1280, 800)
	buyer.open(c.Links["buyer"])
	buyer.open(c.Show.Page)
	buyer.wait(step, playing)
	if got := js[string](host, `document.querySelector("#picture").width + "x" + document.querySelector("#picture").height`); got != "720x1280" {
		t.Errorf("the picture is %s", got)
	}

	t.Log("one tap brings the next product to the buyers")
	before := js[string](buyer, `document.querySelector("#card").textContent`)
	host.click("#next:not([disabled])")
	buyer.wait(step, `document.querySelector("#card").textContent !== `+quote(before)+` && !document.querySelector("#card").hidden`)

	t.Log("the phone is turned, and with it the camera")
	js[bool](buyer, `window.sizes = [], !document.querySelector("video").addEventListener("resize", (e) => sizes.push(e.target.videoWidth + "x" + e.target.videoHeight))`)
	turned := func(width, height int64, cam string, way chromedp.EmulateViewportOption) {
		t.Helper()
		host.do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateScale(2), way))
		js[bool](host, `given.findLast((t) => t.kind === "video").applyConstraints({ `+cam+` }).then(() => true)`)
		from := js[float64](buyer, `document.querySelector("video").currentTime`)
		buyer.wait(time.Minute, `document.querySelector("video").currentTime > `+num(from+8)) // what was under way is shown
		host.wait(step, onAir)
	}
	turned(780, 360, "width: 360, height: 640", chromedp.EmulateLandscape)
	host.wait(step, `document.querySelector("#camera").videoWidth < document.querySelector("#camera").videoHeight`)
	turned(360, 780, "width: 1280, height: 720", chromedp.EmulatePortrait)
	if now, seen := js[string](buyer, `document.querySelector("video").videoWidth + "x" + document.querySelector("video").videoHeight`), js[[]string](buyer, `sizes`); now != "720x1280" || len(seen) > 0 {
		t.Errorf("the buyer's picture is %s, on the way it was %v", now, seen)
	}

	t.Log("a reload")
	host.open(c.HTTP + "/studio/shows/" + c.Show.ID + "/live")
	host.wait(step, `document.querySelector("#host").dataset.stage === "again"`)
	host.click("#go:not([disabled])")
	host.wait(step, onAir)
	buyer.wait(step, `document.querySelector("#slate").hidden && `+playing)
}

// TestAPracticeShowFromStartToSheet: nobody outside sees it, a scripted audience
// comes, and the sheet tells how it went.
func TestAPracticeShowFromStartToSheet(t *testing.T) {
	need(t, "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	host := newBrowser(t, "host", 360, 780)
	host.open(c.HTTP + "/lang/en?next=/")
	host.open(c.Links["host"])
	host.open(c.HTTP + "/studio")
	host.click(".practice-card button")
	host.wait(step, `location.pathname.endsWith("/live") && document.querySelector(".practice-band")`)
	id := strings.Split(js[string](host, `location.pathname`), "/")[3]
	host.click("#go:not([disabled])")
	host.wait(step, onAir)
	host.click("#next:not([disabled])")
	host.wait(90*time.Second, `document.querySelector("#chat .coach")`)
	host.click("#chat .coach ~ button")
	host.wait(step, `!document.querySelector("#chat .coach ~ button")`)

	if status, _ := get(t, c.HTTP+"/room/"+id); status != 404 {
		t.Errorf("a stranger gets %d in the practice room", status)
	}
	if _, html := get(t, c.HTTP+"/"); strings.Contains(html, id) {
		t.Error("the home page tells of a practice")
	}
	host.click("#stop")
	host.click(`#confirm [value="yes"]`)
	host.wait(step, `location.pathname === "/studio/practice/`+id+`" && document.querySelector(".evening")`)
	if out, err := c.fsck(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

const onAir = `document.querySelector("#host").dataset.stage === "live"`
