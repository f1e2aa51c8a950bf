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

// TestSoundOfAnotherClock: sound hours away from its picture neither stops the
// picture nor breaks a promise of the playlist.
func TestSoundOfAnotherClock(t *testing.T) {
	for name, off := range map[string]time.Duration{"an hour ahead": time.Hour, "an hour behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			c := clip(t, "wide.mp4")
			f := newFeed(t, nil)
			f.at = 2 * time.Hour
			f.play(c, formatOf(c, 160, 90), 2, func(u *media.Unit) bool {
				if !u.Video {
					u.PTS, u.DTS = u.PTS+off, u.DTS+off
				}
				return true
			})
			if v := f.view(); !v.ready || len(f.low().segments) == 0 {
				t.Error("no picture")
			}
			size := 0
			for _, g := range f.m.shelf.listed {
				size += g.size
			}
			if limit := 4 << 20; size > limit { // the clip is some 100 KB; an hour of silence is not
				t.Errorf("%d bytes are kept", size)
			}
		})
	}
}
