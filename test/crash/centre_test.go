package crash

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// once is a binary that is made once.
type once struct {
	once sync.Once
	path string
	err  error
}

var binary, moved once

// build makes the binary under test once; LINDU_TEST_BINARY names a ready one.
func build(t testing.TB) string {
	t.Helper()
	if ready := os.Getenv("LINDU_TEST_BINARY"); ready != "" {
		return ready
	}
	return binary.build(t)
}

func (b *once) build(t testing.TB, args ...string) string {
	t.Helper()
	b.once.Do(func() {
		dir, err := os.MkdirTemp("", "lindu-crash-")
		if err != nil {
			b.err = err
			return
		}
		b.path = filepath.Join(dir, "lindu")
		cmd := exec.Command("go", append(append([]string{"build"}, args...), "-o", b.path, "./cmd/lindu")...)
		cmd.Dir = "../.."
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, b := range []*once{&binary, &moved} {
		if b.path != "" {
			os.RemoveAll(filepath.Dir(b.path))
		}
	}
	os.Exit(code)
}

// Deadlines: long enough for a busy machine, and a failure when they pass.
const (
	startWithin = 60 * time.Second
	stopWithin  = 45 * time.Second // the centre gives itself 30
	soon        = 60 * time.Second
)

// centre is a `lindu serve` on a data folder that outlives its processes.
type centre struct {
	t       *testing.T
	dir     string
	dsn     string // "" for SQLite in dir
	process *process
	binary  string   // "" for the one under test
	env     []string // more of it
	older   bool     // it is of the release before, which knows fewer settings
	http    string   // "" for any port
	sets    []string // more settings of its serving
	// expect says of what is logged as an error that the fault a test made is
	// its cause; nil: nothing is.
	expect func(line string) bool

	mu      sync.Mutex
	base    string    // of the process that serves now, or did last
	started time.Time // before it was
}

// process is one life of the centre.
type process struct {
	cmd  *exec.Cmd
	log  *serverLog
	gone chan struct{} // closed when it has ended
	err  error         // how, after gone
}

// address tells where the centre is, and since when.
func (c *centre) address() (base string, started time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base, c.started
}

func (c *centre) args(command string) []string {
	args := []string{command, "--data", c.dir}
	if c.dsn != "" {
		args = append(args, "--db", c.dsn)
	}
	return args
}

func (c *centre) program() string {
	c.t.Helper()
	if c.binary != "" {
		return c.binary
	}
	return build(c.t)
}

// launch starts a process and does not wait for it.
func (c *centre) launch() *process {
	c.t.Helper()
	args := append(c.args("serve"), "--http", cmp.Or(c.http, "127.0.0.1:0"), "--set", "rtmp=", "--set", "log.format=json")
	if !c.older {
		args = append(args, "--set", "rtc.udp=", "--set", "rtc.tcp=", "--set", "orders.max_unpaid=0") // a crowd does not pay
	}
	for _, s := range c.sets {
		args = append(args, "--set", s)
	}
	p := &process{cmd: exec.Command(c.program(), args...), log: &serverLog{serving: make(chan string, 1)}, gone: make(chan struct{})}
	p.cmd.Stderr = p.log
	p.cmd.Env = append(os.Environ(), c.env...)
	if err := p.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		defer close(p.gone)
		p.err = p.cmd.Wait()
	}()
	c.process = p
	return p
}

// start starts the centre, waits until it is ready and tells how long that took.
func (c *centre) start() time.Duration {
	c.t.Helper()
	from := time.Now()
	p := c.launch()
	var base string
	select {
	case base = <-p.log.serving:
	case <-p.gone:
		c.t.Fatalf("the centre ended at its start: %v\n%s", p.err, p.log)
	case <-time.After(startWithin):
		c.t.Fatalf("the centre does not serve\n%s", p.log)
	}
	waitFor(c.t, "the centre to be ready", func() bool {
		res, err := http.Get(base + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	took := time.Since(from)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.started = base, from
	return took
}

// kill ends the process without a goodbye.
func (c *centre) kill() {
	c.t.Helper()
	p := c.process
	if err := p.cmd.Process.Kill(); err != nil {
		c.t.Fatalf("the centre ended before it was killed: %v\n%s", err, p.log)
	}
	<-p.gone
	if st, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || st.Signal() != syscall.SIGKILL {
		c.t.Fatalf("the centre ended by itself: %v\n%s", p.err, p.log)
	}
	c.noTrouble()
}

// askToStop sends SIGTERM.
func (c *centre) askToStop() {
	c.t.Helper()
	if err := c.process.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
}

// waitStopped waits for the process to end after askToStop, with exit code 0.
func (c *centre) waitStopped() {
	c.t.Helper()
	p := c.process
	select {
	case <-p.gone:
	case <-time.After(stopWithin):
		c.t.Fatalf("the centre does not stop\n%s", p.log)
	}
	if p.err != nil {
		c.t.Errorf("the centre stopped with %v\n%s", p.err, p.log)
	}
	c.noTrouble()
}

// noTrouble fails the test for what the process logged as an error.
func (c *centre) noTrouble() {
	c.t.Helper()
	bad := c.process.log.errors()
	if c.expect != nil {
		bad = slices.DeleteFunc(bad, c.expect)
	}
	if len(bad) > 0 {
		c.t.Errorf("the centre logged errors:\n%s", strings.Join(bad, "\n"))
	}
}

// end leaves no process behind, whatever the test came to.
func (c *centre) end() {
	if p := c.process; p != nil {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.gone
	}
}

// fsck runs `lindu fsck`, which exits with 1 on a finding.
func (c *centre) fsck() {
	c.t.Helper()
	if out, err := exec.Command(c.program(), c.args("fsck")...).CombinedOutput(); err != nil {
		c.t.Errorf("fsck: %v\n%s", err, out)
	}
}

// serverLog keeps what a process says and notices where it serves.
type serverLog struct {
	serving chan string

	mu   sync.Mutex
	kept bytes.Buffer
	rest []byte // a line that is not whole yet
	bad  []string
}

// maxLog bounds what is kept of a process's log.
const maxLog = 1 << 20

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept.Len() < maxLog {
		l.kept.Write(p)
	}
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.notice(line)
		l.rest = rest
	}
}

func (l *serverLog) notice(line []byte) {
	var e struct{ Level, Msg, HTTP string }
	if json.Unmarshal(line, &e) != nil || e.Level == "ERROR" { // what is not our log is a crash of the runtime
		if len(l.bad) < 50 {
			l.bad = append(l.bad, string(line))
		}
		return
	}
	if e.Msg == "serving" {
		l.serving <- e.HTTP
	}
}

func (l *serverLog) errors() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.bad...)
}

func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}

// waitFor waits for a condition.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	end := time.After(soon)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-end:
			t.Fatalf("waited %v for %s", soon, what)
		case <-tick.C:
		}
	}
}
