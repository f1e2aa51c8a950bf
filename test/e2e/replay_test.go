package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestLastNightIsWatchedAgain: a visitor finds the replay on the home page, plays
// it, jumps by a chapter, reads what was said, and opens the sheet to buy.
func TestLastNightIsWatchedAgain(t *testing.T) {
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	b := newBrowser(t, "visitor", 1280, 900)
	b.open(c.HTTP + "/")
	b.wait(20*time.Second, `document.querySelector('a[href^="/replay/"]')`)
	b.open(c.HTTP + js[string](b, `document.querySelector('a[href^="/replay/"]').getAttribute("href")`))
	b.click("#big")
	b.wait(30*time.Second, `document.getElementById("video").currentTime > 1 && document.getElementById("video").videoWidth > 0`)
	js[bool](b, `document.querySelectorAll(".rp-chapters a")[1].click() || true`)
	b.wait(30*time.Second, `document.getElementById("video").currentTime >= 40 && document.getElementById("video").currentTime < 60`)
	b.wait(30*time.Second, `document.querySelectorAll("#chat .rp-line").length >= 4`)
	b.wait(10*time.Second, `document.querySelector("#card [data-buy]") && !document.getElementById("card").hidden`)
	if js[string](b, `document.querySelector(".rp-item.now").dataset.item`) == "" {
		t.Error("no item is marked as being explained")
	}
	js[bool](b, `document.querySelector("#card [data-buy]").click() || true`)
	b.wait(20*time.Second, `document.getElementById("buy").open && document.querySelector("#buy #buy-form")`)
	if said := b.troubles(); len(said) > 0 {
		t.Errorf("the page complained: %v", said)
	}
	if dir := os.Getenv("LINDU_TEST_SHOTS"); dir != "" {
		b.shot(filepath.Join(dir, "replay-buy-1280.png"))
	}
}

var mediaFile = regexp.MustCompile(`/media/show/[0-9a-f]+/[0-9a-f]+\.mp4`)

// TestAKilledShowIsWatchedAgain: kill -9 in the middle of a show; after the next
// start what was shown until then can be watched, and decodes without an error.
func TestAKilledShowIsWatchedAgain(t *testing.T) {
	need(t, "ffmpeg")
	c := startDemo(t, "--quiet-buyers")
	show := c.Show.ID
	open := func() (size int64) {
		names, _ := filepath.Glob(filepath.Join(c.dir, "spool", show+"-*.open"))
		for _, n := range names {
			if info, err := os.Stat(n); err == nil {
				size += info.Size()
			}
		}
		return size
	}
	eventually(t, 90*time.Second, "some seconds are recorded", func() bool { return open() > 400_000 })
	had := open()
	c.kill()
	c.start()
	var list string
	eventually(t, 60*time.Second, "the killed show can be watched again", func() bool {
		status, body := get(t, c.HTTP+"/replay/"+show+"/index.m3u8")
		list = body
		return status == 200 && strings.Contains(body, "#EXT-X-ENDLIST")
	})
	var size int64
	seen := map[string]bool{}
	for _, f := range mediaFile.FindAllString(list, -1) {
		if !seen[f] {
			seen[f] = true
			_, body := get(t, c.HTTP+f)
			size += int64(len(body))
		}
	}
	if size < had {
		t.Errorf("%d bytes were written before the kill, %d are there", had, size)
	}
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-i", c.HTTP+"/replay/"+show+"/index.m3u8", "-t", "60", "-f", "null", "-").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "" {
		t.Errorf("ffmpeg: %v\n%s", err, out)
	}
}
