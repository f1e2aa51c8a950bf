package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var streamKey = regexp.MustCompile(`id="stream-key"[^>]*>([^<]+)<`)

// TestFourRoomsByTheFastWay: four rooms on one screen, two on air and two that
// rehearse, each picture by WHEP and not by a playlist; six places at most.
func TestFourRoomsByTheFastWay(t *testing.T) {
	need(t, "ffmpeg", "chromium")
	c := startDemo(t, "--quiet-buyers")
	desk := newBrowser(t, "four", 1280, 800)
	desk.open(c.Links["operator"])
	desk.open(c.HTTP + "/desk/rooms")
	desk.wait(step, `document.querySelectorAll(".tile[data-show]").length === 2`)
	rooms := js[[]string](desk, `[...document.querySelectorAll(".tile[data-show]")].map((el) => el.dataset.show)`)
	announced := js[[]string](desk, `[...document.querySelectorAll("#choose-form [name=show]:not(:checked)")].map((el) => el.value)`)
	if len(announced) < 2 {
		t.Fatalf("%d shows are announced", len(announced))
	}
	for _, show := range announced[:2] {
		c.post(t, "operator", "/desk/shows/"+show+"/key", nil)
		key := streamKey.FindStringSubmatch(c.page(t, "operator", "/desk/shows/"+show+"/plan"))
		if key == nil {
			t.Fatal("the plan shows no stream key")
		}
		encode(t, c, strings.TrimSpace(key[1]), "-g", "30").mustRun()
		rooms = append(rooms, show)
	}
	desk.open(c.HTTP + "/desk/rooms?" + url.Values{"show": rooms}.Encode())
	desk.wait(step, `document.querySelectorAll(".tile[data-show]").length === 4`)
	// A picture by WHEP is a stream object; one by a playlist has a source of its own.
	desk.wait(90*time.Second, `[...document.querySelectorAll(".tile video")].filter((v) => !v.hidden && v.videoWidth > 0 && v.srcObject instanceof MediaStream && v.srcObject.active).length === 4`)
	moved := js[bool](desk, `(async () => {
		const vs = [...document.querySelectorAll(".tile video")], was = vs.map((v) => v.currentTime);
		for (const end = Date.now() + 20000; Date.now() < end; await new Promise((ok) => setTimeout(ok, 200))) if (vs.every((v, i) => v.currentTime > was[i] + 1)) return true;
		return false;
	})()`)
	if !moved {
		t.Error("a picture stands still")
	}
	desk.axeClean("four rooms")

	// Seven are refused with a word, and the page shows six at most.
	seven := url.Values{"show": append(append([]string{}, rooms...), rooms[0], rooms[1], rooms[2])}
	c.ask(t, "operator", "GET", "/desk/rooms/pulse?"+seven.Encode(), nil, 422)
	if n := strings.Count(c.page(t, "operator", "/desk/rooms?"+seven.Encode()), `class="tile" data-show=`); n > 6 {
		t.Errorf("%d tiles", n)
	}
	quiet(t, desk)
}
