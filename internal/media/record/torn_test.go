package record

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
)

// smallChunk is a chunk of tiny pictures: every byte of it can be looked at.
func smallChunk(t testing.TB) []byte {
	t.Helper()
	c := testClip(t, "wide.mp4")
	f := formatOf(c)
	var head []byte
	var groups [][]byte
	var dates []time.Time
	cut := hls.NewCutter(stream, quiet, func(p hls.Piece) {
		if p.Init != nil {
			head = p.Init
			return
		}
		groups, dates = append(groups, p.Group), append(dates, p.Date)
	})
	for i := range 40 {
		at := time.Duration(i) * 100 * time.Millisecond
		u := &media.Unit{Session: 1, Format: f, Video: true, Key: i%10 == 0, DTS: at, PTS: at, At: noon.Add(at), NALs: [][]byte{{1, byte(i), 2, 3}}}
		if u.Key {
			u.NALs = [][]byte{f.Video.SPS, f.Video.PPS, {5, byte(i), 2, 3, 4, 5}}
		}
		cut.Unit(u)
	}
	cut.Flush()
	out := append([]byte(nil), head...)
	for i, g := range groups {
		out = append(append(out, prft(1, dates[i], 0)...), g...)
	}
	return out
}

// TestTornAtEveryByte: whatever part of a chunk a crash leaves, closing it keeps
// every whole group before it, drops the rest, and closes it for good.
func TestTornAtEveryByte(t *testing.T) {
	t.Parallel()
	whole := smallChunk(t)
	all, good, err := Scan(whole)
	if err != nil || good != int64(len(whole)) || len(all.Groups) != 4 {
		t.Fatalf("%d groups, %d of %d bytes, %v", len(all.Groups), good, len(whole), err)
	}
	dir := t.TempDir()
	for n := range len(whole) + 1 {
		want := 0
		for want < len(all.Groups) && all.Groups[want].Offset+all.Groups[want].Bytes <= int64(n) {
			want++
		}
		path := filepath.Join(dir, "x"+openExt)
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		cut, err := Close(path)
		if want == 0 {
			if _, gone := os.Stat(path); !errors.Is(err, ErrEmpty) || !errors.Is(gone, os.ErrNotExist) {
				t.Fatalf("cut at %d: %v, %v; nothing whole is in it", n, err, gone)
			}
			continue
		}
		b, readErr := os.ReadFile(strings.TrimSuffix(path, openExt) + wholeExt)
		if err != nil || readErr != nil {
			t.Fatalf("cut at %d: %v, %v", n, err, readErr)
		}
		last := all.Groups[want-1]
		if int64(len(b)) != last.Offset+last.Bytes || cut != int64(n-len(b)) {
			t.Fatalf("cut at %d: %d bytes stay, %d went; want %d", n, len(b), cut, last.Offset+last.Bytes)
		}
	}
}

// TestDamageIsCutOff: bytes changed anywhere never make Scan panic, run away or
// give groups beyond the damage's own.
func TestDamageIsCutOff(t *testing.T) {
	t.Parallel()
	whole := smallChunk(t)
	rapid.Check(t, func(r *rapid.T) {
		b := append([]byte(nil), whole...)
		for range rapid.IntRange(1, 8).Draw(r, "changes") {
			b[rapid.IntRange(0, len(b)-1).Draw(r, "at")] = rapid.Byte().Draw(r, "byte")
		}
		b = b[:rapid.IntRange(0, len(b)).Draw(r, "length")]
		c, good, err := Scan(b)
		if err != nil {
			return
		}
		if good > int64(len(b)) || c.Bytes != good || len(c.Groups) == 0 {
			r.Fatalf("%d of %d bytes, %+v", good, len(b), c)
		}
		again, g2, err := Scan(b[:good])
		if err != nil || g2 != good || len(again.Groups) != len(c.Groups) || again.SHA256 != c.SHA256 {
			r.Fatalf("a second look differs: %v", err)
		}
	})
}

// TestTimeOfTheWorldSurvives: prft holds the time to the microsecond.
func TestTimeOfTheWorldSurvives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(0, 2_000_000_000_000_000).Draw(r, "us"))
		got, ok := prftTime(prft(1, at, 7))
		if !ok || !got.Equal(at) {
			r.Fatalf("%v became %v", at, got)
		}
	})
}
