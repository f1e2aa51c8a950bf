package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/pmp4"

	"lindu.example/lindu/internal/media/hls"
	"lindu.example/lindu/internal/media/loop"
)

// recorded gives chunks of about two clip lengths each, as the recorder writes
// them; pauses are holes after a turn.
func recorded(t testing.TB, turns int, pauses map[int]time.Duration, clips ...*loop.Clip) [][]byte {
	t.Helper()
	var files [][]byte
	var head, cur []byte
	var dur time.Duration
	end := func() {
		if cur != nil {
			files, cur, dur = append(files, cur), nil, 0
		}
	}
	cut := hls.NewCutter(stream, quiet, func(p hls.Piece) {
		if p.Init != nil {
			end()
			head = p.Init
			return
		}
		if dur >= 2*clips[0].Length() {
			end()
		}
		if cur == nil {
			cur = bytes.Clone(head)
		}
		cur = append(append(cur, prft(1, p.Date, 0)...), p.Group...)
		dur += p.Duration
	})
	s := newSource(t, clips[0])
	for i := range turns {
		c := clips[i%len(clips)]
		if len(clips) > 1 {
			s.format = formatOf(c)
		}
		s.play(c, 1, cut.Unit)
		if d := pauses[i]; d > 0 {
			s.session++
			s.now = s.now.Add(d)
		}
	}
	cut.Flush()
	end()
	return files
}

func cutOut(t testing.TB, files [][]byte, from, to time.Time) ([]byte, ClipInfo, error) {
	t.Helper()
	c, err := NewClip(from, to, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, f := range files {
		if err := c.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	info, err := c.Write(&out)
	return out.Bytes(), info, err
}

// TestAClipStartsAtAKeyFrame: it begins at the key frame before, ends at the
// picture before, has its index in front, and plays, sound with picture.
func TestAClipStartsAtAKeyFrame(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	files := recorded(t, 12, nil, c)
	if len(files) < 3 {
		t.Fatalf("%d files: the clip would not cross any", len(files))
	}
	from, to := noon.Add(3*c.Length()+c.Length()/3), noon.Add(9*c.Length()+c.Length()/2)
	mp4, info, err := cutOut(t, files, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if info.Starts.After(from) || from.Sub(info.Starts) > c.Length() || info.Width == 0 {
		t.Errorf("starts %v before what was asked for: %+v", from.Sub(info.Starts), info)
	}
	if off := info.Starts.Add(info.Duration).Sub(to); off < -100*time.Millisecond || off > 100*time.Millisecond {
		t.Errorf("ends %v off", off)
	}
	if i, j := bytes.Index(mp4, []byte("moov")), bytes.Index(mp4, []byte("mdat")); i < 0 || j < i {
		t.Errorf("moov at %d, mdat at %d: it would not play while it loads", i, j)
	}
	var p pmp4.Presentation
	if err := p.Unmarshal(bytes.NewReader(mp4)); err != nil {
		t.Fatal(err)
	}
	if len(p.Tracks) != 2 {
		t.Fatalf("%d tracks", len(p.Tracks))
	}
	for _, tr := range p.Tracks {
		var d int64
		for _, s := range tr.Samples {
			d += int64(s.Duration)
		}
		length := time.Duration(d) * time.Second / time.Duration(tr.TimeScale)
		if off := length - info.Duration; off < -150*time.Millisecond || off > 150*time.Millisecond {
			t.Errorf("%T lasts %v of %v", tr.Codec, length, info.Duration)
		}
		if _, video := tr.Codec.(*codecs.H264); !video {
			continue
		}
		first, err := tr.Samples[0].GetPayload()
		if err != nil {
			t.Fatal(err)
		}
		var a h264.AVCC
		if err := a.Unmarshal(first); err != nil || !h264.IsRandomAccess(a) || tr.Samples[0].IsNonSyncSample {
			t.Errorf("the first picture is no key frame: %v", err)
		}
	}
	plays(t, mp4)
	probe(t, mp4, info)
}

// probe compares the length with what ffprobe finds.
func probe(t testing.TB, mp4 []byte, info ClipInfo) {
	t.Helper()
	ff, err := exec.LookPath("ffprobe")
	if err != nil {
		return
	}
	path := filepath.Join(t.TempDir(), "x.mp4")
	if err := os.WriteFile(path, mp4, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), ff, "-v", "error", "-show_format", "-of", "json", path).Output()
	var is struct {
		Format struct{ Duration string }
	}
	if err != nil || json.Unmarshal(out, &is) != nil {
		t.Fatalf("ffprobe: %v\n%s", err, out)
	}
	sec, err := strconv.ParseFloat(is.Format.Duration, 64)
	if off := sec - info.Duration.Seconds(); err != nil || off < -0.15 || off > 0.15 {
		t.Errorf("ffprobe finds %s s, we say %v", is.Format.Duration, info.Duration)
	}
}

// TestAClipOverAHole leaves the hole out and keeps sound with picture.
func TestAClipOverAHole(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	hole := 40 * time.Second
	files := recorded(t, 6, map[int]time.Duration{2: hole}, c)
	mp4, info, err := cutOut(t, files, noon, noon.Add(6*c.Length()+hole))
	if err != nil {
		t.Fatal(err)
	}
	if off := info.Duration - 6*c.Length(); off < -200*time.Millisecond || off > 200*time.Millisecond {
		t.Errorf("%v of %v", info.Duration, 6*c.Length())
	}
	plays(t, mp4)
	probe(t, mp4, info)
}

// TestAClipOverATurnedPhone is the longest stretch of one format.
func TestAClipOverATurnedPhone(t *testing.T) {
	t.Parallel()
	wide, tall := testClip(t, "wide.mp4"), testClip(t, "tall.mp4")
	files := append(recorded(t, 1, nil, tall), recorded(t, 4, nil, wide)...)
	mp4, info, err := cutOut(t, files, noon, noon.Add(time.Hour))
	if err != nil || info.Width < info.Height {
		t.Fatalf("%+v, %v", info, err)
	}
	plays(t, mp4)
}

// TestAClipOfNothing says so.
func TestAClipOfNothing(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	files := recorded(t, 2, nil, c)
	if _, _, err := cutOut(t, files, noon.Add(time.Hour), noon.Add(2*time.Hour)); !errors.Is(err, ErrNoPicture) {
		t.Error(err)
	}
	if _, _, err := cutOut(t, nil, noon, noon.Add(time.Minute)); !errors.Is(err, ErrNoPicture) {
		t.Error(err)
	}
}
