package crash

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/id"
)

// Size of the sale whose database is stopped.
const (
	stopsOfPG = 3
)

// TestPostgresStops ends PostgreSQL at once ("immediate": no goodbye, as when
// its machine dies and comes back) and starts it again, while a crowd buys and
// asks again with its keys. The centre is not started again.
func TestPostgresStops(t *testing.T) {
	pg := newCluster(t)
	n := cycles(t, stopsOfPG)
	c := &centre{t: t, dir: t.TempDir(), dsn: pg.dsn()}
	c.expect = func(string) bool { return true } // whoever needs the database while it is away says so
	t.Cleanup(c.end)
	s := prepare(c, killCrowd+1, plenty)
	s.start()
	var gaps []time.Duration
	r := s.sell(easy, func(r *run) {
		for range n {
			r.enough(mostAcks)
			pause(20 * time.Millisecond)
			pg.stop()
			from := time.Now()
			pg.start()
			r.enough(1)
			gaps = append(gaps, time.Since(from))
			c.fsck() // beside the crowd
		}
		r.lastCall(atTheEnd)
	})
	missing, oversold := r.soldOut()
	slices.Sort(gaps)
	t.Logf("stops %d, acknowledged %d, retried %d, missing %d, oversold %d, stopped to the next order p50 %d ms max %d ms",
		n, len(r.told), r.retried, missing, oversold, quantile(gaps, 0.5), gaps[len(gaps)-1].Milliseconds())
}

// cluster is a PostgreSQL server of the test's own, with fsync on.
type cluster struct {
	t         *testing.T
	bin, data string
	port      int
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bins) == 0 {
		missing(t, "a PostgreSQL server (Debian's postgresql)")
	}
	slices.Sort(bins)
	dir, err := os.MkdirTemp("", "lindu-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &cluster{t: t, bin: bins[len(bins)-1], data: dir + "/data", port: freePort(t)}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			missing(t, "the user postgres")
		}
		uid, _ := strconv.Atoi(u.Uid)
		if err := os.Chown(dir, uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	p.run("initdb", "-D", p.data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "lindu")
	t.Cleanup(func() { _ = p.command("pg_ctl", "-D", p.data, "-m", "immediate", "-w", "stop").Run() }) // it may be stopped
	p.start()
	p.run("createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(p.port), "-U", "lindu", "sale")
	return p
}

func (p *cluster) dsn() string { return fmt.Sprintf("postgres://lindu@127.0.0.1:%d/sale", p.port) }

func (p *cluster) command(tool string, args ...string) *exec.Cmd {
	name := filepath.Join(p.bin, tool)
	if os.Getuid() == 0 {
		args = append([]string{"-u", "postgres", "--", name}, args...)
		name = "runuser"
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = filepath.Dir(p.data)
	return cmd
}

func (p *cluster) run(tool string, args ...string) {
	p.t.Helper()
	cmd := p.command(tool, args...)
	out, err := os.Create(filepath.Join(p.t.TempDir(), "out")) // a pipe would wait for the server
	if err != nil {
		p.t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(out.Name())
		log, _ := os.ReadFile(p.data + ".log")
		p.t.Fatalf("%s: %v\n%s\n%s", tool, err, text, log)
	}
}

func (p *cluster) start() {
	p.t.Helper()
	p.run("pg_ctl", "-D", p.data, "-w", "-l", p.data+".log", "-o",
		fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60", p.port), "start")
}

func (p *cluster) stop() {
	p.t.Helper()
	p.run("pg_ctl", "-D", p.data, "-m", "immediate", "-w", "stop")
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// missing skips a test for what this machine does not have, and fails it where
// nothing may go untested: on a machine that tests for everybody (CI), and with
// LINDU_TEST_REQUIRE_FAULTS=1.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" || os.Getenv("LINDU_TEST_REQUIRE_FAULTS") != "" {
		t.Fatalf("NOT TESTED: this machine lacks %s", what)
	}
	t.Skipf("NOT TESTED: this machine lacks %s", what)
}

// newKey is an idempotency key that nobody used.
func newKey(what string) string { return strings.ToLower(what) + "-" + id.New[string]() }
