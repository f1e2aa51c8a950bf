package media_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// TestKeyFramesAreAskedFor: two seconds after the last one, again a second later
// when it does not come, and sooner when a viewer needs one, but never twice in
// a second.
func TestKeyFramesAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var mu sync.Mutex
		var asked []time.Duration
		start := time.Now()
		p, err := b.Publish(t.Context(), "k-a", media.Source{Kind: "test", KeyFrame: func() {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, time.Since(start))
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ConfigH264(spsWide, ppsAny); err != nil {
			t.Fatal(err)
		}
		write := func(au [][]byte) {
			t.Helper()
			at := time.Since(start)
			if err := p.WriteH264(at, at, au); err != nil {
				t.Fatal(err)
			}
		}
		wait := func(until time.Duration) {
			for time.Since(start) < until {
				time.Sleep(100 * time.Millisecond)
				write(next(10))
			}
			synctest.Wait()
		}
		near := func(n int, want time.Duration) {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			if len(asked) != n || n > 0 && (asked[n-1] < want || asked[n-1] > want+300*time.Millisecond) {
				t.Errorf("asked at %v, want %d times, the last after %v", asked, n, want)
			}
		}
		write(idr(10))
		wait(1900 * time.Millisecond)
		near(0, 0)
		wait(2900 * time.Millisecond)
		near(1, 2*time.Second) // the timer
		wait(3900 * time.Millisecond)
		near(2, 3*time.Second) // it did not come
		write(idr(10))
		for range 5 {
			b.AskKeyFrame("a") // less than a second old: no need
		}
		near(2, 3*time.Second)
		wait(5 * time.Second)
		for range 5 {
			b.AskKeyFrame("a")
		}
		near(3, 5*time.Second)
		b.AskKeyFrame("nobody")
		p.Close()
		b.AskKeyFrame("a") // nobody to ask
		near(3, 5*time.Second)
	})
}

// TestWhoComesBackTakesTheirPlace: the network broke, the old connection is not
// noticed to be dead, and the same person is there again.
func TestWhoComesBackTakesTheirPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var told error
		p, err := b.PublishTo("a", media.Source{Kind: "test", Owner: "wang", Kick: func(err error) { told = err }})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ConfigH264(spsWide, ppsAny); err != nil {
			t.Fatal(err)
		}
		at := show(t, p, 0, 3)
		if _, err := b.PublishTo("a", media.Source{Owner: "li"}); !fault.HasKey(err, "media.busy") {
			t.Errorf("somebody else: %v", err)
		}
		again, err := b.PublishTo("a", media.Source{Owner: "wang"})
		if err != nil {
			t.Fatal(err)
		}
		if !fault.HasKey(told, "media.replaced") {
			t.Errorf("the old connection was told %v", told)
		}
		if err := p.WriteH264(at, at, idr(1)); !fault.HasKey(err, "media.replaced") {
			t.Errorf("the old connection writes: %v", err)
		}
		if err := again.ConfigH264(spsWide, ppsAny); err != nil {
			t.Fatal(err)
		}
		show(t, again, 0, 1)
		if s, _ := b.Stats("a"); s.State != media.Live || s.Sessions != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// TestOpusOnlyAsItCanBePlayed: a packet that claims an absurd length would move
// all sound after it.
func TestOpusOnlyAsItCanBePlayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p, err := b.Publish(t.Context(), "k-a", media.Source{})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 3, -1} {
			if err := p.ConfigOpus(n); !fault.HasKey(err, "media.malformed") {
				t.Errorf("%d channels: %v", n, err)
			}
		}
		if err := p.ConfigOpus(2); err != nil {
			t.Fatal(err)
		}
		for _, frame := range [][]byte{
			{0xfc, 1, 2},          // 20 ms of stereo
			{0x1b, 2, 1},          // two frames of 60 ms: as much as there may be
			{0x1b, 3, 1},          // three
			{0xfb, 63},            // 1.26 s
			{0xfb}, {0xfb, 0}, {}, // no length at all
		} {
			if err := p.WriteAudio(0, frame); err != nil {
				t.Fatal(err)
			}
		}
		if s, _ := b.Stats("a"); s.Units != 2 || s.Dropped != 5 || s.AudioCodec != "opus" {
			t.Errorf("%+v", s)
		}
	})
}
