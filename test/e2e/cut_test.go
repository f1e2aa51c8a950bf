package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// ways is when each way to a show stopped, after the switch was pressed.
type ways struct {
	mu      sync.Mutex
	stopped map[string]time.Duration
	began   time.Time
}

func (w *ways) stop(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.stopped[name]; !ok {
		w.stopped[name] = time.Since(w.began)
	}
}

func (w *ways) all(names ...string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !slices.ContainsFunc(names, func(n string) bool { _, ok := w.stopped[n]; return !ok })
}

var hlsPart = regexp.MustCompile(`URI="([^"]+\.m4s|[^"]+\.mp4)"`)

// follow is a viewer of the low-latency playlist: it asks for what comes next
// until it is refused, and never gets past the end.
func follow(base string, refused func(status int)) error {
	hc := &http.Client{Timeout: step}
	msn := ""
	for {
		at := base + "/low.m3u8"
		if msn != "" {
			at += "?_HLS_msn=" + msn
		}
		res, err := hc.Get(at)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		switch {
		case err != nil:
			return err
		case res.StatusCode == http.StatusGone || res.StatusCode == http.StatusNotFound:
			refused(res.StatusCode)
			return nil
		case res.StatusCode != http.StatusOK:
			return fmt.Errorf("%s: %s", at, res.Status)
		}
		first, n := 0, 0
		for s := bufio.NewScanner(strings.NewReader(string(b))); s.Scan(); {
			if _, err := fmt.Sscanf(s.Text(), "#EXT-X-MEDIA-SEQUENCE:%d", &first); err != nil && strings.HasPrefix(s.Text(), "#EXTINF") {
				n++
			}
		}
		msn = fmt.Sprint(first + n) // the segment that is being made: the request waits for its end
	}
}

// watchFast opens a WHEP session as a viewer; gone is called when it is closed.
func watchFast(t *testing.T, whep string, gone func()) (status int) {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{}, 1)
	pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			if _, _, err := tr.ReadRTP(); err != nil {
				return
			}
			select {
			case seen <- struct{}{}:
			default:
			}
		}
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateClosed || s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateDisconnected {
			gone()
		}
	})
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	ready := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(o); err != nil {
		t.Fatal(err)
	}
	<-ready
	res, err := http.Post(whep, "application/sdp", strings.NewReader(pc.LocalDescription().SDP))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusCreated {
		return res.StatusCode
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(b)}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-seen:
	case <-time.After(step):
		t.Fatal("no picture over WHEP")
	}
	return res.StatusCode
}

// TestTheKillSwitch: one request ends a show for everybody, on every way.
func TestTheKillSwitch(t *testing.T) {
	need(t, "ffmpeg", "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	e := encode(t, c, c.Show.StreamKey, "-g", "15")
	eventually(t, step, "the picture is live", func() bool { return c.pulse(t).Stream == "live" })
	base, whep := c.HTTP+"/live/"+c.Show.ID, c.HTTP+"/whep/"+c.Show.ID
	var piece string
	eventually(t, step, "the playlists stand", func() bool {
		status, body := get(t, base+"/low.m3u8")
		if m := hlsPart.FindStringSubmatch(body); m != nil {
			piece = base + "/" + m[1][strings.LastIndex(m[1], "/")+1:]
		}
		return status == http.StatusOK && piece != ""
	})

	w := &ways{stopped: map[string]time.Duration{}}
	var names []string
	phone := newBrowser(t, "viewer", 360, 780)
	phone.open(c.HTTP + "/lang/en?next=/")
	phone.open(c.Show.Page)
	phone.wait(step, playing)
	fast := "whep"
	names = append(names, fast, "publisher", "page")
	if got := watchFast(t, whep, func() { w.stop(fast) }); got != http.StatusCreated {
		t.Fatalf("WHEP: %d", got)
	}
	failed := make(chan error, 8)
	for i := range 3 {
		name := fmt.Sprintf("ll-hls %d", i+1)
		names = append(names, name)
		go func() { failed <- follow(base, func(int) { w.stop(name) }) }()
	}
	go func() { <-e.done; w.stop("publisher") }()

	// Without a reason nothing happens; with one, everything ends.
	c.ask(t, "operator", "POST", "/desk/shows/"+c.Show.ID+"/cut", url.Values{}, http.StatusUnprocessableEntity)
	w.mu.Lock()
	w.began = time.Now()
	w.mu.Unlock()
	c.ask(t, "moderator", "POST", "/desk/shows/"+c.Show.ID+"/cut", url.Values{"why": {"a test of the switch"}}, http.StatusOK)
	w.stop("answer")
	phone.wait(step, `document.querySelector("#slate-text").textContent.includes("a test of the switch") && document.querySelector("video").hidden`)
	w.stop("page")
	eventually(t, step, "every way stops", func() bool { return w.all(names...) })
	for range 3 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	// The rule is two seconds for everybody; here it is some milliseconds, and
	// a tenth of a second or two for a page and an encoder. An end that is only
	// found out by asking every few seconds would not pass.
	for _, n := range append(names, "answer") {
		t.Logf("%-10s stopped after %v", n, w.stopped[n].Round(time.Millisecond))
		if w.stopped[n] > 2*time.Second {
			t.Errorf("%s went on for %v", n, w.stopped[n])
		}
	}

	// Nothing opens again, for anybody, also after a restart.
	encode(t, c, c.Show.StreamKey).mustFail("stream key")
	closed := func() {
		t.Helper()
		for _, at := range []string{base + "/index.m3u8", base + "/plain.m3u8", base + "/low.m3u8", piece} {
			if status, _ := get(t, at); status != http.StatusGone {
				t.Errorf("%s: %d", at, status)
			}
		}
		if got := watchFast(t, whep, func() {}); got == http.StatusCreated {
			t.Error("a session opens after the end")
		}
	}
	closed()
	if status, body := get(t, c.HTTP+"/room/"+c.Show.ID+"/state"); status != http.StatusOK || !strings.Contains(body, `"cut":"a test of the switch"`) || !strings.Contains(body, `"state":"ended"`) {
		t.Errorf("the room: %d %.300s", status, body)
	}
	if st := js[string](phone, `[...document.querySelectorAll("#items .item, #card [data-do=buy]")].map((b) => b.querySelector?.("button.buy:not([disabled])") ? "open" : "").join("")`); st != "" {
		t.Error("something can still be bought")
	}
	old := c.HTTP
	c.kill() // the record says so, not a memory of the process
	c.start()
	base, whep, piece = strings.Replace(base, old, c.HTTP, 1), strings.Replace(whep, old, c.HTTP, 1), strings.Replace(piece, old, c.HTTP, 1)
	closed()
}
