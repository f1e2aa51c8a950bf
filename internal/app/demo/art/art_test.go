package art

import (
	"bytes"
	"image/jpeg"
	"io/fs"
	"slices"
	"testing"

	"github.com/abema/go-mp4"
)

// maxPicture is the promise of doc.go, in bytes.
const maxPicture = 120_000

func TestEveryPictureHasItsSizeAndWeight(t *testing.T) {
	t.Parallel()
	sizes := map[string][2]int{HeroWide: {1600, 800}, HeroPhone: {900, 1100}}
	for _, name := range Products() {
		sizes[name] = [2]int{1200, 1200}
	}
	for _, name := range Portraits() {
		sizes[name] = [2]int{600, 600}
	}
	for _, name := range Covers() {
		sizes[name] = [2]int{1080, 1440}
	}
	for name, want := range sizes {
		data, err := FS.ReadFile(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(data) > maxPicture {
			t.Errorf("%s: %d bytes, want at most %d", name, len(data), maxPicture)
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := [2]int{config.Width, config.Height}; got != want {
			t.Errorf("%s: %v pixels, want %v", name, got, want)
		}
	}
}

func TestPictureFindsByBareName(t *testing.T) {
	t.Parallel()
	want, err := FS.ReadFile(Honey)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Picture("honey"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("Picture(honey): %d bytes, %v; want %d bytes", len(got), err, len(want))
	}
	if _, err := Picture("no-such-thing"); err == nil {
		t.Error("Picture of an unknown name gave no error")
	}
}

func TestIndexNamesEveryEmbeddedFile(t *testing.T) {
	t.Parallel()
	want := slices.Concat(Products(), Portraits(), Covers(), Heroes(), []string{ClipFile})
	var got []string
	err := fs.WalkDir(FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("embedded files %v, index %v", got, want)
	}
}

// TestClipIsMadeForLiveSending reads the clip's own tables: a sender that
// passes packets on as they are depends on these facts.
func TestClipIsMadeForLiveSending(t *testing.T) {
	t.Parallel()
	data, err := Clip()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 2_000_000 {
		t.Errorf("clip has %d bytes, want under 2 MB", len(data))
	}
	info, err := mp4.Probe(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Tracks) != 2 {
		t.Fatalf("clip has %d tracks, want picture and sound", len(info.Tracks))
	}
	for _, track := range info.Tracks {
		switch {
		case track.AVC != nil:
			checkPicture(t, data, track)
		case track.MP4A != nil:
			const aacLC = 2 // audio object type; the box's channel count is fixed by the format and says nothing
			if track.Timescale != ClipSampleRate || track.MP4A.AudOTI != aacLC {
				t.Errorf("sound is %d Hz, AAC object type %d", track.Timescale, track.MP4A.AudOTI)
			}
		default:
			t.Errorf("track %d is neither H264 nor AAC", track.TrackID)
		}
	}
}

func checkPicture(t *testing.T, data []byte, track *mp4.Track) {
	t.Helper()
	if track.AVC.Width != ClipWidth || track.AVC.Height != ClipHeight || track.AVC.Profile != mp4.AVCMainProfile {
		t.Errorf("picture is %dx%d, profile %d", track.AVC.Width, track.AVC.Height, track.AVC.Profile)
	}
	if len(track.Samples) != ClipFPS*ClipSeconds {
		t.Errorf("%d frames, want %d", len(track.Samples), ClipFPS*ClipSeconds)
	}
	for i, sample := range track.Samples {
		if sample.CompositionTimeOffset != 0 {
			t.Fatalf("frame %d is reordered", i)
		}
	}
	keys, err := mp4.FindIDRFrames(bytes.NewReader(data), track)
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != ClipSeconds/2 || keys[0] != 0 {
		t.Errorf("key frames at %v, want one every two seconds", keys)
	}
}
