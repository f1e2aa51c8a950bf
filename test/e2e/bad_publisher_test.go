package e2e

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/gortmplib"
	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/codecs"
	"github.com/bluenviron/gortmplib/pkg/message"
)

// encoder is an ffmpeg that publishes a test picture.
type encoder struct {
	t    *testing.T
	cmd  *exec.Cmd
	log  *lockedBuffer
	done chan error
}

// encode starts one; more are arguments of the picture's encoder.
func encode(t *testing.T, c *centre, key string, more ...string) *encoder {
	t.Helper()
	args := []string{"-hide_banner", "-loglevel", "info", "-nostats", "-re", "-f", "lavfi", "-i", "testsrc2=s=180x320:r=15", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
		"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-b:v", "200k", "-c:a", "aac", "-b:a", "48k"}
	args = append(append(args, more...), "-t", "300", "-f", "flv", c.RTMP+"/"+key)
	e := &encoder{t: t, cmd: exec.Command("ffmpeg", args...), log: &lockedBuffer{}, done: make(chan error, 1)}
	e.cmd.Stderr = e.log
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { e.done <- e.cmd.Wait() }()
	t.Cleanup(func() {
		_ = e.cmd.Process.Kill()
		if t.Failed() {
			t.Logf("ffmpeg: %s", e.log)
		}
	})
	return e
}

// mustFail waits until it has given up with a failure and has read the words.
func (e *encoder) mustFail(words string) {
	e.t.Helper()
	select {
	case err := <-e.done:
		if err == nil {
			e.t.Error("ffmpeg ended with 0")
		}
	case <-time.After(step):
		e.t.Fatal("ffmpeg still publishes")
	}
	if !strings.Contains(e.log.String(), words) {
		e.t.Errorf("ffmpeg does not show %q:\n%s", words, e.log)
	}
}

// mustRun checks that it is still publishing.
func (e *encoder) mustRun() {
	e.t.Helper()
	select {
	case err := <-e.done:
		e.t.Fatalf("ffmpeg ended: %v\n%s", err, e.log)
	default:
	}
}

// pulse is what the operator's page knows of the picture.
type pulse struct {
	Stream string `json:"stream"`
	Health *struct {
		Width, Height int
		FPS           float64
		Warnings      []string
	} `json:"health"`
}

func (c *centre) pulse(t testing.TB) pulse {
	t.Helper()
	var p pulse
	b := c.ask(t, "operator", "GET", "/desk/shows/"+c.Show.ID+"/pulse", nil, 200)
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatalf("%v: %.300s", err, b)
	}
	return p
}

// ask sends a request as a role, in English, as our scripts do.
func (c *centre) ask(t testing.TB, role, method, path string, form url.Values, want int) []byte {
	t.Helper()
	req, err := http.NewRequest(method, c.HTTP+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.AddCookie(&http.Cookie{Name: "lindu", Value: c.token(role)})
	hc := &http.Client{Timeout: step, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := hc.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Fatalf("%s %s as %s: %d, want %d: %.300s", method, path, role, res.StatusCode, want, b)
	}
	return b
}

// served checks that the room goes on for everybody else.
func (c *centre) served(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/readyz", "/room/" + c.Show.ID, "/room/" + c.Show.ID + "/state"} {
		if status, body := get(t, c.HTTP+path); status != http.StatusOK {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
}

// TestBadPublishers: whatever comes in at the RTMP port, the show goes on, and
// who sent it reads in their own program what to change.
func TestBadPublishers(t *testing.T) {
	need(t, "ffmpeg")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	at, err := url.Parse(c.RTMP)
	if err != nil {
		t.Fatal(err)
	}

	t.Run("garbage", func(t *testing.T) {
		flood := append([]byte{3}, make([]byte, 1<<20)...)
		for name, payload := range map[string][]byte{"http": []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "flood": flood} {
			nc, err := net.Dial("tcp", at.Host)
			if err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = nc.Write(payload) }() // may well fail
			_ = nc.SetReadDeadline(time.Now().Add(step))
			if _, err := io.Copy(io.Discard, nc); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("%s: still connected after %v", name, step)
			}
			nc.Close()
		}
		c.served(t)
	})

	t.Run("wrong key", func(t *testing.T) {
		encode(t, c, "aaaa-bbbb-cccc-dddd-eeee-ffff").mustFail("stream key")
		c.served(t)
	})

	t.Run("HEVC", func(t *testing.T) {
		// ffmpeg learned HEVC in RTMP with version 6.1; Debian 12 has 5.1.
		got := publishHEVC(t, c)
		if !strings.Contains(got, "HEVC") || !strings.Contains(got, "H.264") || !strings.Contains(got, "编码") {
			t.Errorf("an HEVC publisher reads %q, want what it sent and what to change, in both languages", got)
		}
		c.served(t)
	})

	t.Run("no key frames after the first", func(t *testing.T) {
		// It starts in the middle of its own stream, as an encoder does whose
		// connection was cut: the one key frame it ever made is not sent.
		e := encode(t, c, c.Show.StreamKey, "-g", "9999", "-keyint_min", "9999", "-sc_threshold", "0", "-bsf:v", "noise=drop=key")
		eventually(t, step, "the operator reads why nobody sees anything", func() bool {
			p := c.pulse(t)
			return p.Health != nil && strings.Contains(strings.Join(p.Health.Warnings, " "), "key frame")
		})
		e.mustRun()
		if p := c.pulse(t); p.Stream == "live" {
			t.Errorf("the room says %q without one picture to show", p.Stream)
		}
		c.served(t)
		_ = e.cmd.Process.Kill()
		eventually(t, step, "it has gone", func() bool { return c.pulse(t).Health == nil })
	})

	t.Run("one key frame and no more", func(t *testing.T) {
		e := encode(t, c, c.Show.StreamKey, "-g", "9999", "-keyint_min", "9999", "-sc_threshold", "0")
		eventually(t, step, "the picture is live", func() bool { return c.pulse(t).Stream == "live" })
		eventually(t, step, "the operator is warned", func() bool {
			p := c.pulse(t)
			return p.Health != nil && strings.Contains(strings.Join(p.Health.Warnings, " "), "key frame")
		})
		e.mustRun()
		c.served(t)
		if status, playlist := get(t, c.Show.HLS); status != http.StatusOK || !strings.Contains(playlist, "#EXTM3U") {
			t.Errorf("playlist: %d %.200s", status, playlist)
		}
		_ = e.cmd.Process.Kill()
		eventually(t, step, "it has gone", func() bool { return c.pulse(t).Health == nil })
	})

	t.Run("second publisher, revoked key", func(t *testing.T) {
		first := encode(t, c, c.Show.StreamKey, "-g", "30")
		eventually(t, step, "the picture is live", func() bool { return c.pulse(t).Stream == "live" })
		encode(t, c, c.Show.StreamKey, "-g", "30").mustFail("already streaming")
		first.mustRun()
		if p := c.pulse(t); p.Stream != "live" {
			t.Errorf("the second publisher made the picture %q", p.Stream)
		}
		c.ask(t, "host", "POST", "/studio/shows/"+c.Show.ID+"/key", nil, http.StatusSeeOther)
		first.mustFail("stream key")
		encode(t, c, c.Show.StreamKey, "-g", "30").mustFail("stream key") // the old one
		c.served(t)
	})
}

// publishHEVC offers HEVC the way OBS does (Enhanced RTMP) and gives what the
// server answers.
func publishHEVC(t *testing.T, c *centre) string {
	t.Helper()
	u, err := url.Parse(c.RTMP + "/" + c.Show.StreamKey)
	if err != nil {
		t.Fatal(err)
	}
	cl := &gortmplib.Client{URL: u, Publish: true}
	if err := cl.Initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := (&gortmplib.Writer{Conn: cl, Tracks: []*gortmplib.Track{{Codec: &codecs.H265{}}}}).Initialize(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		for {
			msg, err := cl.Read()
			if err != nil {
				said <- "closed: " + err.Error()
				return
			}
			cmd, ok := msg.(*message.CommandAMF0)
			if !ok || cmd.Name != "onStatus" || len(cmd.Arguments) < 2 {
				continue
			}
			if o, _ := cmd.Arguments[1].(amf0.Object); o != nil {
				if level, _ := o.GetString("level"); level == "error" {
					s, _ := o.GetString("description")
					said <- s
					return
				}
			}
		}
	}()
	select {
	case s := <-said:
		return s
	case <-time.After(step):
		t.Fatal("no answer to an HEVC publisher")
		return ""
	}
}
