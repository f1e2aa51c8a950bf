package e2e

import (
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestScreenshots takes the pictures of docs/ (make shots). It runs only when
// it is told where to put them.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("LINDU_TEST_SHOTS")
	if dir == "" {
		t.Skip("LINDU_TEST_SHOTS names no folder; `make shots` does")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c := startDemo(t)
	for _, lang := range []string{"zh-CN", "en"} {
		for _, size := range []struct {
			name          string
			width, height int
		}{{"360", 360, 780}, {"1280", 1280, 800}} {
			take(t, c, dir, lang, size.name, size.width, size.height)
		}
	}
}

// take takes the pictures of one language and size: home, the room, its tray
// and half-sheet, and the control desk.
func take(t *testing.T, c *centre, dir, lang, size string, w, h int) {
	shot := func(b *browser, name string) {
		time.Sleep(900 * time.Millisecond) // let pictures and transitions settle: looks only
		saveJPEG(t, b, filepath.Join(dir, fmt.Sprintf("%s-%s-%s.jpg", name, size, lang)))
	}
	visitor := newBrowser(t, "visitor", w, h)
	visitor.open(c.HTTP + "/lang/" + lang + "?next=/")
	shot(visitor, "home")

	buyer := newBrowser(t, "buyer", w, h)
	buyer.open(c.HTTP + "/lang/" + lang + "?next=/")
	buyer.open(c.Links["buyer"])
	buyer.wait(step, playing)
	buyer.wait(3*time.Minute, `document.querySelectorAll("#chat .line").length > 2`) // the demo's buyers take their time
	buyer.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#sound")?.click()`))
	shot(buyer, "room")
	if w < 800 { // on a PC the tray stands beside the picture
		buyer.click("#tray-open")
	}
	shot(buyer, "tray")
	buyer.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("dialog[open]")?.close()`))
	buyer.click(`#card [data-do="buy"]`)
	buyer.wait(step, `document.querySelector("#buy-form")`)
	shot(buyer, "sheet")

	operator := newBrowser(t, "operator", w, h)
	operator.open(c.HTTP + "/lang/" + lang + "?next=/")
	operator.open(c.Links["operator"])
	operator.open(c.HTTP + "/desk/shows/" + c.Show.ID)
	operator.wait(step, playing)
	shot(operator, "control")
}

// saveJPEG keeps the picture small enough for a repository.
func saveJPEG(t *testing.T, b *browser, path string) {
	t.Helper()
	tmp := filepath.Join(t.TempDir(), "shot.png")
	b.shot(tmp)
	raw, err := os.Open(tmp)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	img, err := png.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(jpeg.Encode(out, img, &jpeg.Options{Quality: 82}), out.Close()); err != nil {
		t.Fatal(err)
	}
}

// playing is true in a page whose video moves.
const playing = `(() => { const v = document.querySelector("video"); return v && v.videoWidth > 0 && v.currentTime > 0.5 && !v.paused })()`
