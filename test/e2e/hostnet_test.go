package e2e

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// devices keeps what a page got and made: given are its tracks, pc its newest
// connection. With busy set, camera and microphone are somebody else's.
const devices = `{
	const get = MediaDevices.prototype.getUserMedia;
	window.given = [];
	window.busy = false;
	MediaDevices.prototype.getUserMedia = async function (want) {
		if (window.busy) throw new DOMException("a phone call", "NotReadableError");
		const stream = await get.call(this, want);
		window.given.push(...stream.getTracks());
		return stream;
	};
	window.RTCPeerConnection = class extends RTCPeerConnection {
		constructor(...a) { super(...a); window.pc = this; }
	};
	window.end = (kind) => { const t = given.findLast((t) => t.kind === kind); t.stop(); t.dispatchEvent(new Event("ended")); };
}`

// TestAHostIsHeardAfterACall: a headset pulled out, then phone calls that take
// camera and microphone. What is sent has a living sound each time.
func TestAHostIsHeardAfterACall(t *testing.T) {
	need(t, "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	host := newBrowser(t, "host", 360, 780)
	host.first(devices)
	host.open(c.Links["host"])
	host.open(c.HTTP + "/studio/shows/" + c.Show.ID + "/live")
	host.click("#go:not([disabled])")
	host.wait(step, onAir)
	sounds := func(microphones int) {
		t.Helper()
		host.wait(step, fmt.Sprintf(`given.filter((t) => t.kind === "audio").length === %d`, microphones))
		host.wait(step, `pc.getSenders().every((s) => s.track.readyState === "live")`)
		energy := `(async () => [...(await pc.getStats()).values()].find((s) => s.type === "media-source" && s.kind === "audio").totalAudioEnergy)()`
		was := js[float64](host, energy)
		eventually(t, step, "the microphone that is sent hears something", func() bool { return js[float64](host, energy) > was })
	}
	sounds(1)

	t.Log("the headset is pulled out while the page is seen")
	js[bool](host, `end("audio"), true`)
	sounds(2)
	host.wait(step, onAir)

	t.Log("a call takes both, and is over when the host taps")
	js[bool](host, `busy = true, end("audio"), end("video"), true`)
	host.wait(step, `document.querySelector("#host").dataset.stage === "trouble"`)
	js[bool](host, `(busy = false, true)`)
	host.click("#try-again")
	host.wait(step, onAir)
	sounds(3)

	t.Log("another call, taken in the phone's own app: the page is out of sight meanwhile")
	js[bool](host, `(window.asked = 0, navigator.wakeLock.request = async () => { asked++; }, true)`)
	seen := func(yes bool) {
		js[bool](host, fmt.Sprintf(`(Object.defineProperty(document, "hidden", { value: %t, configurable: true }), document.dispatchEvent(new Event("visibilitychange")), true)`, !yes))
	}
	seen(false)
	js[bool](host, `end("audio"), end("video"), true`)
	host.wait(step, `document.querySelector("#host").dataset.stage === "away"`)
	seen(true)
	sounds(4)
	host.wait(step, onAir)
	host.wait(step, `asked === 1`)
}

// TestAHostComesBackByItself: a dead spot, in which nothing gets through any
// more, neither pages nor the picture. Nobody taps: host mode says so, goes on
// trying, and is on air again when the network is there.
func TestAHostComesBackByItself(t *testing.T) {
	need(t, "chromium")
	port := freePort(t)
	c := startDemo(t, "--quiet-buyers", "--no-picture", "--set", "rtc.udp=", "--set", fmt.Sprintf("rtc.tcp=127.0.0.1:%d", port))
	site, err := url.Parse(c.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	pages, media := newRelay(t, site.Host), newRelay(t, fmt.Sprintf("127.0.0.1:%d", port))
	host := newBrowser(t, "host", 360, 780)
	// The answer names the server's own port: the picture shall go by the relay.
	host.first(fmt.Sprintf(`{
		const set = RTCPeerConnection.prototype.setRemoteDescription;
		RTCPeerConnection.prototype.setRemoteDescription = function (d) { return set.call(this, { type: d.type, sdp: d.sdp.replaceAll(" %d typ host", " %s typ host") }); };
	}`, port, media.port()))
	host.open(strings.Replace(c.Links["host"], c.HTTP, pages.http(), 1))
	host.open(pages.http() + "/studio/shows/" + c.Show.ID + "/live")
	host.click("#go:not([disabled])")
	host.wait(step, onAir)
	buyer := newBrowser(t, "buyer", 1280, 800)
	buyer.open(c.Links["buyer"])
	buyer.open(c.Show.Page)
	buyer.wait(step, playing)
	if media.taken() == 0 {
		t.Fatal("the picture goes past the relay")
	}

	tried := pages.taken()
	pages.cut()
	media.cut()
	host.wait(step, `document.querySelector("#host").dataset.stage === "retrying"`)
	host.wait(step, `document.querySelector("#net").dataset.tone === "bad"`)
	eventually(t, step, "it is tried again in vain", func() bool { return pages.taken() > tried })
	buyer.wait(step, `!document.querySelector("#slate").hidden`)

	pages.heal()
	media.heal()
	host.wait(time.Minute, onAir)
	buyer.wait(step, `document.querySelector("#slate").hidden && `+playing)
	n := js[float64](buyer, pictures)
	buyer.wait(step, pictures+` > `+num(n+15))
	if _, err := c.as("buyer").Say(t.Context(), c.Show.ID, "there you are again"); err != nil {
		t.Fatal(err)
	}
	host.wait(step, `document.querySelector("#chat").textContent.includes("there you are again")`)
	if out, err := c.fsck(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

// relay hands on TCP connections until it is cut: then nothing goes through and
// nothing is closed, as in a tunnel. When it heals, what was open is gone, as for
// a phone that has got another address.
type relay struct {
	ln     net.Listener
	target string
	mu     sync.Mutex
	open   chan struct{} // closed while bytes go through
	conns  []net.Conn
}

func newRelay(t testing.TB, target string) *relay {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{ln: ln, target: target, open: make(chan struct{})}
	close(r.open)
	go r.serve()
	t.Cleanup(func() { ln.Close(); r.heal() })
	return r
}

func (r *relay) serve() {
	for {
		in, err := r.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.target)
		if err != nil {
			in.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, in, out)
		r.mu.Unlock()
		go r.pipe(in, out)
		go r.pipe(out, in)
	}
}

func (r *relay) pipe(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		r.mu.Lock()
		open := r.open
		r.mu.Unlock()
		<-open
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = make(chan struct{})
}

func (r *relay) heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.Close()
	}
	r.conns = nil
	select {
	case <-r.open:
	default:
		close(r.open)
	}
}

// taken is how many connections came since the last cut was healed.
func (r *relay) taken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns) / 2
}

func (r *relay) port() string { return fmt.Sprint(r.ln.Addr().(*net.TCPAddr).Port) }
func (r *relay) http() string { return "http://" + r.ln.Addr().String() }
