package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var binary struct {
	once sync.Once
	path string
	err  error
}

// build makes the binary under test once; LINDU_TEST_BINARY names a ready one.
func build(t testing.TB) string {
	t.Helper()
	if ready := os.Getenv("LINDU_TEST_BINARY"); ready != "" {
		return ready
	}
	binary.once.Do(func() {
		dir, err := os.MkdirTemp("", "lindu-e2e-")
		if err != nil {
			binary.err = err
			return
		}
		binary.path = filepath.Join(dir, "lindu")
		cmd := exec.Command("go", "build", "-o", binary.path, "./cmd/lindu")
		cmd.Dir = "../.."
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if binary.path != "" {
		os.RemoveAll(filepath.Dir(binary.path))
	}
	os.Exit(code)
}

// need skips a test that lacks a program, or fails it where all are required.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			if os.Getenv("LINDU_TEST_REQUIRE") != "" {
				t.Fatalf("%s is missing: run test/env/install", p)
			}
			t.Skipf("%s is missing", p)
		}
	}
}

// centre is a running demo.
type centre struct {
	t     testing.TB
	cmd   *exec.Cmd
	dir   string
	flags []string
	HTTP  string            `json:"http"`
	RTMP  string            `json:"rtmp"`
	Links map[string]string `json:"links"`
	Show  struct {
		ID        string `json:"id"`
		Page      string `json:"page"`
		HLS       string `json:"hls"`
		StreamKey string `json:"stream_key"`
	} `json:"show"`
	log *lockedBuffer
}

// lockedBuffer keeps what the process says, for a failed test.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.b.Len() < 1<<20 {
		l.b.Write(p)
	}
	return len(p), nil
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startDemo starts `lindu demo` on free ports in a folder of its own and waits
// until it serves.
func startDemo(t testing.TB, flags ...string) *centre {
	t.Helper()
	c := &centre{t: t, dir: t.TempDir(), flags: flags}
	c.start()
	t.Cleanup(c.stop)
	return c
}

func (c *centre) start() {
	c.t.Helper()
	args := append([]string{"demo", "--http", "127.0.0.1:0", "--rtmp", "127.0.0.1:0", "--data", c.dir, "--json"}, c.flags...)
	c.cmd = exec.Command(build(c.t), args...)
	c.log = &lockedBuffer{}
	c.cmd.Stderr = c.log
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	line := make(chan string, 1)
	go func() {
		r := bufio.NewReader(out)
		s, _ := r.ReadString('\n')
		line <- s
		_, _ = io.Copy(io.Discard, r)
	}()
	select {
	case s := <-line:
		if err := json.Unmarshal([]byte(s), c); err != nil {
			c.t.Fatalf("the demo said %q: %v\n%s", s, err, c.log)
		}
	case <-time.After(2 * time.Minute):
		_ = c.cmd.Process.Kill()
		c.t.Fatalf("the demo does not serve after two minutes\n%s", c.log)
	}
}

// stop ends it the graceful way.
func (c *centre) stop() {
	if c.cmd == nil || c.cmd.Process == nil || c.cmd.ProcessState != nil {
		return
	}
	_ = c.cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { defer close(done); _ = c.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(40 * time.Second):
		_ = c.cmd.Process.Kill()
		<-done
		c.t.Errorf("the demo did not stop by itself\n%s", c.log)
	}
	if c.t.Failed() {
		c.t.Logf("the demo's log:\n%s", c.log)
	}
}

// kill ends it like a power cut does: no goodbye.
func (c *centre) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// fsck runs `lindu fsck` over the centre's data and gives its output.
func (c *centre) fsck() (string, error) {
	out, err := exec.Command(build(c.t), "fsck", "--data", c.dir).CombinedOutput()
	return string(out), err
}

// get reads an address as a visitor.
func get(t testing.TB, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// publish sends a test picture with a tone to the centre's RTMP port with
// ffmpeg until the returned function is called.
func publish(t testing.TB, c *centre, key string) (stop func()) {
	t.Helper()
	log := &lockedBuffer{}
	cmd := exec.Command("ffmpeg", "-hide_banner", "-loglevel", "warning", "-re", "-f", "lavfi", "-i", "testsrc2=s=360x640:r=24",
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency",
		"-g", "48", "-keyint_min", "48", "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-b:v", "600k", "-c:a", "aac", "-b:a", "64k",
		"-t", "300", "-f", "flv", c.RTMP+"/"+key)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if t.Failed() {
				t.Logf("ffmpeg: %s", log)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// eventually waits until ok holds.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(within)
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// num and quote write values into expressions of a page.
func num(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func quote(s string) string { return strconv.Quote(s) }

// freePort is a port that nobody listens on now.
func freePort(t testing.TB) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
