package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// goLive makes the page publish its (fake) camera by WHIP, as the host's page
// does; the handle is window.pub, what it said window.said.
func goLive(b *browser, c *centre, size string) {
	b.t.Helper()
	js[bool](b, `(async () => {
		const base = document.querySelector('script[src*="/js/base.js"], link[href*="/css/base.css"]');
		const at = (base.src || base.href).replace(/(js|css)\/base\.(js|css).*/, "");
		const { publish } = await import(at + "js/rtc.js");
		const cam = await navigator.mediaDevices.getUserMedia({ video: { `+size+`, frameRate: 24 }, audio: true });
		window.said = [];
		window.pub = publish("/whip/`+c.Show.ID+`", cam, { kbps: 600, onState: (s, d) => window.said.push(s + " " + d.reason) });
		return true;
	})()`)
	b.wait(step, `window.pub.state === "live"`)
}

// shows waits until a page's picture moves and has the given shape.
func shows(b *browser, way, shape string) {
	b.t.Helper()
	b.wait(step, playing+` && document.querySelector("video").dataset.way === `+quote(way)+` && `+shape)
	n := js[float64](b, pictures)
	b.wait(15*time.Second, pictures+` > `+num(n+15))
}

const (
	pictures = `document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames`
	lying    = `document.querySelector("video").videoWidth > document.querySelector("video").videoHeight`
	standing = `document.querySelector("video").videoWidth < document.querySelector("video").videoHeight`
)

// gone ends a browser as a dead battery does: nobody says goodbye.
func (b *browser) gone() {
	b.t.Helper()
	if p := chromedp.FromContext(b.ctx).Browser.Process(); p == nil || p.Kill() != nil {
		b.t.Fatal("the browser can't be killed")
	}
}

// TestAPhoneGoesLive is the studio's road: a camera in one browser, watched
// without delay at the desk and by LL-HLS in the room, through a turn of the
// phone, a reload, a dead phone, and a change to RTMP and back. Nobody reloads
// a page, and no player gives up.
func TestAPhoneGoesLive(t *testing.T) {
	need(t, "ffmpeg", "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	host := newBrowser(t, "host", 360, 780)
	host.open(c.Links["host"])
	goLive(host, c, "width: 640, height: 360")

	desk := newBrowser(t, "desk", 1280, 900)
	desk.open(c.Links["operator"])
	desk.open(c.HTTP + "/desk/shows/" + c.Show.ID)
	room := newBrowser(t, "room", 360, 780)
	room.open(c.HTTP + "/lang/en?next=/")
	room.open(c.Links["buyer"])
	both := func(shape string) {
		t.Helper()
		shows(desk, "fast", shape)
		shows(room, "low", shape)
	}
	both(lying)
	heard := `document.querySelector("video").webkitAudioDecodedByteCount`
	n := js[float64](room, heard)
	room.wait(step, heard+` > `+num(n)) // Opus, in fragmented MP4
	eventually(t, step, "the desk sees Opus", func() bool {
		return strings.Contains(string(c.ask(t, "operator", "GET", "/desk/shows/"+c.Show.ID+"/pulse", nil, 200)), "opus")
	})

	t.Log("the phone is turned")
	js[bool](host, `(async () => {
		const cam = await navigator.mediaDevices.getUserMedia({ video: { width: 360, height: 640, frameRate: 24 } });
		await window.pub.replace(cam.getVideoTracks()[0]);
		return true;
	})()`)
	both(standing)

	t.Log("the page is reloaded")
	host.open(c.HTTP + "/studio")
	goLive(host, c, "width: 640, height: 360")
	both(lying)

	t.Log("the phone is dead, another one takes over")
	host.gone()
	room.wait(10*time.Second, `!document.querySelector("#slate").hidden`)
	again := newBrowser(t, "again", 360, 780)
	again.open(c.Links["host"])
	goLive(again, c, "width: 640, height: 360")
	both(lying)

	t.Log("the camera of a PC takes over, by RTMP")
	js[bool](again, `(window.pub.close(), true)`)
	stop := publish(t, c, c.Show.StreamKey)
	both(standing)
	desk.click("#sound") // RTMP has no sound without delay: the other way has it
	shows(desk, "low", standing)
	stop()
	room.wait(10*time.Second, `!document.querySelector("#slate").hidden`)
	goLive(again, c, "width: 640, height: 360")
	shows(room, "low", lying)

	for _, b := range []*browser{desk, room} {
		for _, e := range b.troubles() {
			t.Errorf("%s: %s", b.name, e)
		}
	}
}

// TestNoUDP: a network that lets no UDP through, and then a server that has the
// fast way turned off altogether: every page goes on by what is left.
func TestNoUDP(t *testing.T) {
	need(t, "ffmpeg", "chromium")
	t.Run("tcp", func(t *testing.T) {
		c := startDemo(t, "--quiet-buyers", "--no-picture", "--set", "rtc.udp=")
		host := newBrowser(t, "host", 360, 780)
		host.open(c.Links["host"])
		goLive(host, c, "width: 640, height: 360")
		host.wait(step, `window.pub.stats().then((s) => { window.path = s?.path }) && window.path === "tcp"`)
		desk := newBrowser(t, "desk", 1280, 900)
		desk.open(c.Links["operator"])
		desk.open(c.HTTP + "/desk/shows/" + c.Show.ID)
		shows(desk, "fast", lying)
	})
	t.Run("off", func(t *testing.T) {
		c := startDemo(t, "--quiet-buyers", "--no-picture", "--set", "rtc.udp=", "--set", "rtc.tcp=")
		publish(t, c, c.Show.StreamKey)
		desk := newBrowser(t, "desk", 1280, 900)
		desk.open(c.Links["operator"])
		desk.open(c.HTTP + "/desk/shows/" + c.Show.ID)
		shows(desk, "low", standing)
	})
}
