package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
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

func take(t *testing.T, c *centre, dir, lang, size string, w, h int) {
	shot := func(b *browser, name string) {
		time.Sleep(700 * time.Millisecond) // let pictures and transitions settle: looks only
		b.shot(filepath.Join(dir, fmt.Sprintf("%s-%s-%s.png", name, size, lang)))
	}
	visitor := newBrowser(t, "visitor", w, h)
	visitor.open(c.HTTP + "/lang/" + lang + "?next=/")
	shot(visitor, "home")

	buyer := newBrowser(t, "buyer", w, h)
	buyer.open(c.HTTP + "/lang/" + lang + "?next=/")
	buyer.open(c.Links["buyer"])
	buyer.wait(20*time.Second, playing)
	shot(buyer, "room")

	operator := newBrowser(t, "operator", w, h)
	operator.open(c.HTTP + "/lang/" + lang + "?next=/")
	operator.open(c.Links["operator"])
	shot(operator, "desk")
	operator.open(c.HTTP + "/desk/shows/" + c.Show.ID)
	shot(operator, "control")
}

// playing is true in a page whose video moves.
const playing = `(() => { const v = document.querySelector("video"); return v && v.videoWidth > 0 && v.currentTime > 0.5 && !v.paused })()`
