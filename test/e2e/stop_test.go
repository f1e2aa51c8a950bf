package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/websocket"
)

// stopsWithin bounds a polite stop with viewers. Who only holds a line is given
// some seconds before it is cut; systemd would wait for 90 s.
const stopsWithin = 60 * time.Second

// TestAPoliteStopWithViewers: a centre that is asked to stop while a show is
// watched on every way ends by itself, soon and with code 0, whatever the
// viewers do: those that ask again and again, those that only hold their line.
func TestAPoliteStopWithViewers(t *testing.T) {
	need(t, "ffmpeg")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	encode(t, c, c.Show.StreamKey, "-g", "15")
	eventually(t, step, "the picture is live", func() bool { return c.pulse(t).Stream == "live" })
	base, host := c.HTTP+"/live/"+c.Show.ID, strings.TrimPrefix(c.HTTP, "http://")
	var piece string
	eventually(t, step, "the playlists stand", func() bool {
		status, body := get(t, base+"/low.m3u8")
		if m := hlsPart.FindStringSubmatch(body); m != nil {
			piece = "/live/" + c.Show.ID + "/" + m[1][strings.LastIndex(m[1], "/")+1:]
		}
		return status == http.StatusOK && piece != ""
	})

	var gone sync.WaitGroup // who must notice that the centre is gone
	for i := range 3 {
		gone.Add(1)
		first := sync.OnceFunc(gone.Done)
		if got := watchFast(t, c.HTTP+"/whep/"+c.Show.ID, first); got != http.StatusCreated {
			t.Fatalf("WHEP %d: %d", i, got)
		}
	}
	var rounds atomic.Int64
	for range 4 { // LL-HLS: one request always waits
		gone.Go(func() {
			for follows(base, &rounds) {
			}
		})
	}
	for range 3 {
		ws := joinRoom(t, c)
		gone.Go(func() { _, _ = io.Copy(io.Discard, ws) })
	}
	// Lines that nobody speaks on any more: after an answer, half a request, a
	// piece of media that is not read, and one that never said a word.
	for _, said := range []string{"", "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n",
		"GET " + piece + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"POST /whep/" + c.Show.ID + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/sdp\r\nContent-Length: 5000\r\n\r\nv=0"} {
		nc, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		if _, err := io.WriteString(nc, said); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, step, "the players follow", func() bool { return rounds.Load() > 20 })

	asked := time.Now()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the centre ended with %v\n%s", err, c.log)
		}
	case <-time.After(stopsWithin):
		_ = c.cmd.Process.Signal(syscall.SIGQUIT) // where does it stand?
		<-ended
		t.Fatalf("the centre runs %v after it was asked to stop\n%s", stopsWithin, c.log)
	}
	t.Logf("stopped after %v", time.Since(asked).Round(time.Millisecond))
	all := make(chan struct{})
	go func() { gone.Wait(); close(all) }()
	select {
	case <-all:
	case <-time.After(step):
		t.Error("a viewer still waits for a centre that is gone")
	}
}

// follows is one request of a player that waits for what comes next; false when
// nobody answers any more.
func follows(base string, rounds *atomic.Int64) bool {
	status, body, err := read(base + "/low.m3u8")
	if err != nil {
		return false
	}
	if status != http.StatusOK {
		time.Sleep(50 * time.Millisecond) // what a player waits after a 503, and less
		return true
	}
	first := 0
	if _, after, ok := strings.Cut(body, "#EXT-X-MEDIA-SEQUENCE:"); ok {
		_, _ = fmt.Sscan(after, &first)
	}
	_, _, err = read(fmt.Sprintf("%s/low.m3u8?_HLS_msn=%d", base, first+strings.Count(body, "#EXTINF")))
	rounds.Add(1)
	return err == nil
}

func read(at string) (status int, body string, err error) {
	hc := &http.Client{Timeout: step}
	res, err := hc.Get(at)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// joinRoom opens a socket to the show's room and waits until it has joined.
func joinRoom(t *testing.T, c *centre) *websocket.Conn {
	t.Helper()
	cfg, err := websocket.NewConfig(strings.Replace(c.HTTP, "http", "ws", 1)+"/rt/websocket", c.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Header.Set("Cookie", "lindu="+c.token("buyer"))
	ws, err := websocket.DialConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	for i, say := range []string{`{"id":1,"connect":{}}`, `{"id":2,"subscribe":{"channel":"show:` + c.Show.ID + `"}}`} {
		if err := websocket.Message.Send(ws, say); err != nil {
			t.Fatal(err)
		}
		var answer string
		for !strings.Contains(answer, fmt.Sprintf(`"id":%d`, i+1)) {
			_ = ws.SetReadDeadline(time.Now().Add(step))
			if err := websocket.Message.Receive(ws, &answer); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(answer, `"error"`) {
			t.Fatalf("the room says %s", answer)
		}
	}
	_ = ws.SetReadDeadline(time.Time{})
	return ws
}
