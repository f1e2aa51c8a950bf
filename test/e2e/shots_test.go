package e2e

import (
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
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
	need(t, "chromium", "ffmpeg")
	each := func(what string, c *centre, take func(*shots)) {
		for _, lang := range []string{"zh-CN", "en"} {
			for _, size := range []struct {
				name          string
				width, height int
			}{{"360", 360, 780}, {"1280", 1280, 800}} {
				t.Run(what+"-"+size.name+"-"+lang, func(t *testing.T) { // closes its browsers when it is done
					take(&shots{t: t, c: c, dir: dir, lang: lang, size: size.name, w: size.width, h: size.height})
				})
			}
		}
	}
	film := filmed(t)
	alone := startDemo(t, "--no-picture") // in the other demo the clip holds the host's place
	each("host", alone, func(s *shots) { s.host(film) })
	alone.stop()
	c := startDemo(t)
	each("buying", c, (*shots).buying)
	each("desk", c, (*shots).desk)
	each("replay", c, (*shots).replay)
}

// filmed is the demo's clip as a camera of Chromium's gives it.
func filmed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "host.mjpeg")
	if out, err := exec.Command("ffmpeg", "-hide_banner", "-loglevel", "error", "-i", "../../internal/app/demo/art/clip.mp4", "-an", "-r", "15", "-q:v", "3", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// shots are the pictures of one language and size.
type shots struct {
	t               *testing.T
	c               *centre
	dir, lang, size string
	w, h            int
}

// visit opens a browser in its language, signed in as role.
func (s *shots) visit(role string, more ...chromedp.ExecAllocatorOption) *browser {
	b := newBrowser(s.t, role, s.w, s.h, more...)
	b.open(s.c.HTTP + "/lang/" + s.lang + "?next=/")
	if link := s.c.Links[role]; link != "" {
		b.open(link)
	}
	return b
}

func (s *shots) take(b *browser, name string) {
	time.Sleep(900 * time.Millisecond) // let pictures and transitions settle: looks only
	saveJPEG(s.t, b, filepath.Join(s.dir, fmt.Sprintf("%s-%s-%s.jpg", name, s.size, s.lang)))
}

// host is host mode on air: the product, what to say, what people write.
func (s *shots) host(film string) {
	b := s.visit("host", chromedp.Flag("use-file-for-fake-video-capture", film))
	b.open(s.c.HTTP + "/studio/shows/" + s.c.Show.ID + "/live")
	b.click("#go:not([disabled])")
	b.wait(step, onAir)
	b.wait(3*time.Minute, `document.querySelectorAll("#chat [data-key]:not([data-key=none])").length > 2`)
	b.wait(step, `document.querySelector("#net").dataset.tone === "ok" && document.querySelector("#mic").dataset.tone === "ok"`)
	s.take(b, "host")
}

// buying is home, the room, its tray and half-sheet.
func (s *shots) buying() {
	s.take(s.visit("visitor"), "home")
	buyer := s.visit("buyer")
	buyer.wait(step, playing)
	buyer.wait(3*time.Minute, `document.querySelectorAll("#chat .line").length > 2`) // the demo's buyers take their time
	buyer.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#sound")?.click()`))
	s.take(buyer, "room")
	if s.w < 800 { // on a PC the tray stands beside the picture
		buyer.click("#tray-open")
	}
	s.take(buyer, "tray")
	buyer.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("dialog[open]")?.close()`))
	buyer.click(`#card [data-do="buy"]`)
	buyer.wait(step, `document.querySelector("#buy-form")`)
	s.take(buyer, "sheet")
}

// desk is the control desk of one show, and that of all.
func (s *shots) desk() {
	operator := s.visit("operator")
	operator.open(s.c.HTTP + "/desk/shows/" + s.c.Show.ID)
	operator.wait(step, playing)
	s.take(operator, "control")
	operator.open(s.c.HTTP + "/desk/rooms")
	operator.wait(time.Minute, `[...document.querySelectorAll(".tile video")].some((v) => !v.hidden && v.videoWidth > 0)`)
	s.take(operator, "rooms")
}

// replay is last night's show, in its second chapter.
func (s *shots) replay() {
	visitor := s.visit("visitor")
	visitor.open(s.c.HTTP + js[string](visitor, `document.querySelector('a[href^="/replay/"]').getAttribute("href")`))
	visitor.click("#big")
	visitor.wait(step, `document.querySelector("#video").currentTime > 0.5`)
	visitor.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".rp-chapters a")[1].click()`))
	visitor.wait(step, `document.querySelector("#video").currentTime >= 41 && document.querySelectorAll("#chat .rp-line").length >= 4`)
	visitor.do(chromedp.Evaluate[chromedp.Void](`scrollTo(0, innerWidth < 800 ? document.querySelector(".rp-head").offsetHeight : 0)`))
	s.take(visitor, "replay")
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
