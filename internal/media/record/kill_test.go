package record

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/media"
)

// childDir names the spool of the process that is killed.
const childDir = "LINDU_TEST_RECORD_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

// child records for ever what it publishes itself, and says after each write how
// many groups are in the file.
func child(dir string) {
	t := &testing.T{}
	raw := testClip(t, "wide.mp4")
	hub := &media.Hub{Auth: anyone{}, Log: quiet}
	groups := 0
	r := &Recorder{Hub: hub, Log: quiet, Dir: dir, MinFree: -1, ChunkFor: 20 * time.Second,
		Want: func(context.Context, string) (string, error) { return "live", nil },
		Keep: func(context.Context, Chunk, []byte) error { return fmt.Errorf("nobody keeps here") },
		write: func(f *os.File, b []byte) (int, error) {
			// In two steps, so that the kill finds torn writes too.
			n, err := f.Write(b[:len(b)/2])
			if err != nil {
				return n, err
			}
			m, err := f.Write(b[len(b)/2:])
			groups++
			fmt.Println(groups)
			return n + m, err
		}}
	if err := r.Start(); err != nil {
		panic(err)
	}
	if err := hub.Start(); err != nil {
		panic(err)
	}
	p, err := hub.Publish(context.Background(), "key", media.Source{Kind: "test"})
	if err != nil {
		panic(err)
	}
	sps, pps := raw.Video()
	if err := p.ConfigH264(sps, pps); err != nil {
		panic(err)
	}
	if err := p.ConfigAAC(*raw.Audio()); err != nil {
		panic(err)
	}
	for turn := time.Duration(0); ; turn += raw.Length() {
		for i, s := range raw.Samples() {
			nals, frame, err := s.Read()
			if err == nil && s.Video {
				err = p.WriteH264(turn+s.PTS, turn+s.DTS, nals)
			} else if err == nil {
				err = p.WriteAudio(turn+s.PTS, frame)
			}
			if err != nil {
				panic(err)
			}
			if i%50 == 0 {
				time.Sleep(time.Millisecond) // the kill should meet it at work, not waiting for a slow sink
			}
		}
	}
}

// TestKilledAtAnyMoment: kill -9 of a process that records loses nothing that it
// had written; what it leaves plays after the next start.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	for round := range 6 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := 0
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if said, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
			if said >= 9+5*round {
				break
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it said before it died
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				said = n
			}
		}
		_ = cmd.Wait() // killed

		open, err := filepath.Glob(filepath.Join(dir, "*"+openExt))
		if err != nil || len(open) != 1 {
			t.Fatalf("round %d: %d files open, %v", round, len(open), err)
		}
		k := newKept()
		r := &Recorder{Hub: &media.Hub{Auth: anyone{}, Log: quiet}, Log: quiet, Dir: dir, Want: func(context.Context, string) (string, error) { return "", nil }, Keep: k.keep}
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, "all is kept", func() bool { return r.Status().Waiting == 0 })
		r.Close()
		chunks, files := k.all()
		groups := 0
		for i, c := range chunks {
			groups += len(c.Groups)
			plays(t, files[i])
		}
		// One more may be whole: it was written and not yet told.
		if groups != said && groups != said+1 {
			t.Errorf("round %d: %d groups after the kill, %d were written", round, groups, said)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("round %d: left in the spool: %v", round, left)
		}
		if len(chunks) == 0 || !strings.HasPrefix(chunks[0].Codecs, "avc1") {
			t.Errorf("round %d: %+v", round, chunks)
		}
	}
}
