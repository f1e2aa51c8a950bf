package hls

import (
	"testing"
	"time"

	"lindu.example/lindu/internal/media"
)

// TestPicturesOutOfOrder: B-frames play by HLS, with their times of display.
func TestPicturesOutOfOrder(t *testing.T) {
	c := clip(t, "wide.mp4")
	f := newFeed(t, nil)
	n, shifted := 0, 0
	f.play(c, formatOf(c, 160, 90), 2, func(u *media.Unit) bool {
		if u.Video {
			u.PTS = u.DTS + time.Duration([]int{80, 160, 40, 40}[n%4])*time.Millisecond
			n++
			shifted++
		}
		return true
	})
	if p := f.check(); len(p.segments) == 0 || shifted < 20 {
		t.Errorf("%d segments of %d pictures", len(p.segments), shifted)
	}
}

// TestSoundOfAnotherClock: sound hours away from its picture is heard beside the
// picture it came with; no hour of silence is written in between.
func TestSoundOfAnotherClock(t *testing.T) {
	for name, off := range map[string]time.Duration{"an hour ahead": time.Hour, "an hour behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			c := clip(t, "wide.mp4")
			f := newFeed(t, nil)
			f.at = 2 * time.Hour
			f.play(c, formatOf(c, 160, 90), 3, func(u *media.Unit) bool {
				if !u.Video {
					u.PTS, u.DTS = u.PTS+off, u.DTS+off
				}
				return true
			})
			heard, silent := f.sound(1024)
			if heard < 2*c.Length() || silent > time.Second {
				t.Errorf("%v heard and %v of silence in %v", heard, silent, 3*c.Length())
			}
		})
	}
}

// TestSoundGoesOnWithoutPicture: the picture stops and the sound goes on for ten
// minutes. It is not kept, and the picture finds a new beginning.
func TestSoundGoesOnWithoutPicture(t *testing.T) {
	c := clip(t, "wide.mp4")
	f := newFeed(t, nil)
	format := formatOf(c, 160, 90)
	f.play(c, format, 1, nil)
	most := 0
	f.play(c, format, int(10*time.Minute/c.Length()), func(u *media.Unit) bool {
		most = max(most, len(f.m.audio))
		return !u.Video
	})
	if limit := int(otherClock.Seconds()*44100/1024) + 50; most > limit {
		t.Errorf("%d frames of sound wait, at most %d are worth it", most, limit)
	}
	f.play(c, format, 2, nil)
	f.check()
}
