package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// Parameter sets of 160x90, as x264 wrote them into testdata/wide.mp4.
var (
	spsWide = []byte{0x67, 0x42, 0xc0, 0x0b, 0xda, 0x0a, 0x37, 0xe4, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf2, 0x3c, 0x50, 0xaa, 0x80}
	ppsAny  = []byte{0x68, 0xce, 0x02, 0x9c, 0x80}
	aac     = mpeg4audio.AudioSpecificConfig{Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 44100, ChannelConfig: 2}
)

func idr(size int) [][]byte  { return [][]byte{append([]byte{0x65}, make([]byte, size)...)} }
func next(size int) [][]byte { return [][]byte{append([]byte{0x41}, make([]byte, size)...)} }

// keys lets a key "k-x" publish to stream "x".
type keys struct{}

func (keys) Authorize(_ context.Context, key string) (string, error) {
	id, ok := strings.CutPrefix(key, "k-")
	if !ok {
		return "", fault.New(fault.Denied, "fault.denied")
	}
	return id, nil
}

// bench is a hub, and what its watcher heard.
type bench struct {
	*media.Hub
	mu   sync.Mutex
	said []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{Hub: &media.Hub{Auth: keys{}, Log: slog.New(slog.DiscardHandler)}}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	b.Watch(func(id string, s media.State) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.said = append(b.said, id+":"+string(s))
	})
	t.Cleanup(b.Close)
	return b
}

func (b *bench) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.said)
}

func (b *bench) publish(t *testing.T, key string, kicked func(error)) *media.Publisher {
	t.Helper()
	p, err := b.Publish(t.Context(), key, media.Source{Kind: "test", Remote: "192.0.2.1", Kick: kicked})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.ConfigH264(spsWide, ppsAny); err != nil {
		t.Fatal(err)
	}
	if err := p.ConfigAAC(aac); err != nil {
		t.Fatal(err)
	}
	return p
}

// show sends n pictures of 100 ms, the first one a key frame.
func show(t *testing.T, p *media.Publisher, from time.Duration, n int) time.Duration {
	t.Helper()
	for i := range n {
		au := next(100)
		if i == 0 {
			au = idr(400)
		}
		if err := p.WriteH264(from, from, au); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // virtual time: every caller runs in a synctest bubble
		from += 100 * time.Millisecond
	}
	return from
}

func TestStatesOfAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		if s := b.State("a"); s != media.Idle {
			t.Fatalf("before anyone published: %s", s)
		}
		p := b.publish(t, "k-a", nil)
		sub, err := b.Subscribe("a", "test")
		if err != nil {
			t.Fatal(err)
		}
		at := show(t, p, 0, 5)
		if s := b.State("a"); s != media.Live {
			t.Fatalf("with pictures: %s", s)
		}
		// Half-open: the connection stands, nothing comes.
		quiet := time.Now()
		for b.State("a") == media.Live {
			time.Sleep(10 * time.Millisecond)
		}
		if d := time.Since(quiet); d > 3*time.Second || b.State("a") != media.Away {
			t.Fatalf("%s after %v; want away within 3 s", b.State("a"), d)
		}
		synctest.Wait()
		show(t, p, at, 3)
		p.Close()
		if s := b.State("a"); s != media.Away {
			t.Fatalf("after the publisher left: %s", s)
		}
		synctest.Wait() // let the watcher hear each state
		b.End("a")
		synctest.Wait()
		want := []string{"a:live", "a:away", "a:live", "a:away", "a:ended"}
		if got := b.heard(); !slices.Equal(got, want) {
			t.Errorf("watcher heard %v, want %v", got, want)
		}
		if got := drain(t, sub); got != "idle live V5 away live V3 away ended EOF" {
			t.Errorf("sink got %q", got)
		}
		if _, err := b.Subscribe("a", "late"); !fault.HasKey(err, "media.no_stream") {
			t.Errorf("subscribing to an ended stream: %v", err)
		}
	})
}

// drain reads a subscription to its end: states, and runs of units counted.
func drain(t *testing.T, sub *media.Subscription) string {
	t.Helper()
	var out []string
	run, kind := 0, ""
	flush := func() {
		if run > 0 {
			out = append(out, kind+string(rune('0'+run)))
		}
		run = 0
	}
	for {
		it, err := sub.Next(t.Context())
		if err != nil {
			flush()
			if errors.Is(err, io.EOF) {
				return strings.Join(append(out, "EOF"), " ")
			}
			return strings.Join(append(out, err.Error()), " ")
		}
		if it.Unit == nil {
			flush()
			out = append(out, string(it.State))
			continue
		}
		k := "A"
		if it.Unit.Video {
			k = "V"
		}
		if k != kind {
			flush()
		}
		kind = k
		run++
	}
}

func TestSoundBehindAFrozenPictureIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := b.publish(t, "k-a", nil)
		at := show(t, p, 0, 2)
		for range 30 {
			if err := p.WriteAudio(at, []byte{1, 2, 3}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
			at += 100 * time.Millisecond
		}
		if s := b.State("a"); s != media.Away {
			t.Errorf("state %s, want away", s)
		}
	})
}

func TestSoundAloneIsLiveAndWarned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p, err := b.Publish(t.Context(), "k-a", media.Source{Kind: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ConfigAAC(aac); err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			if err := p.WriteAudio(time.Duration(i)*100*time.Millisecond, []byte{1, 2, 3}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		s, _ := b.Stats("a")
		if s.State != media.Live || !slices.Equal(s.Warnings, []media.Warning{media.WarnNoVideo}) {
			t.Errorf("%s %v", s.State, s.Warnings)
		}
	})
}

func TestSecondPublisherIsRefusedUntilTheFirstIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var kicked error
		first := b.publish(t, "k-a", func(err error) { kicked = err })
		at := show(t, first, 0, 3)
		if _, err := b.Publish(t.Context(), "k-a", media.Source{}); !fault.HasKey(err, "media.busy") {
			t.Fatalf("second publisher: %v", err)
		}
		at = show(t, first, at, 3) // the first is not disturbed
		time.Sleep(2 * time.Second)
		second := b.publish(t, "k-a", nil)
		if !fault.HasKey(kicked, "media.replaced") {
			t.Errorf("first was told %v", kicked)
		}
		if err := first.WriteH264(at, at, idr(10)); !fault.HasKey(err, "media.replaced") {
			t.Errorf("first's write: %v", err)
		}
		first.Close() // must not take the second one's place away
		show(t, second, 0, 2)
		if s, _ := b.Stats("a"); s.State != media.Live || s.Sessions != 2 {
			t.Errorf("state %s, sessions %d", s.State, s.Sessions)
		}
	})
}

func TestWrongKeyAndUnknownStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		if _, err := b.Publish(t.Context(), "nonsense", media.Source{}); !fault.Is(err, fault.Denied) {
			t.Errorf("wrong key: %v", err)
		}
		b.Kick("nobody", errors.New("x"))
		b.End("nobody")
		if len(b.All()) != 0 {
			t.Error("a refused key left a stream behind")
		}
	})
}

func TestKickAndEndTellThePublisher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var told error
		p := b.publish(t, "k-a", func(err error) { told = err })
		at := show(t, p, 0, 2)
		revoked := fault.New(fault.Denied, "fault.denied")
		b.Kick("a", revoked)
		if !errors.Is(told, revoked) || b.State("a") != media.Away {
			t.Errorf("told %v, state %s", told, b.State("a"))
		}
		if err := p.WriteAudio(at, []byte{1}); !errors.Is(err, revoked) {
			t.Errorf("write after the kick: %v", err)
		}
		p = b.publish(t, "k-a", func(err error) { told = err })
		show(t, p, 0, 2)
		b.End("a")
		if !fault.HasKey(told, "media.ended") || b.State("a") != media.Ended {
			t.Errorf("told %v, state %s", told, b.State("a"))
		}
		// Auth decides whether it may begin anew; here it says yes.
		p = b.publish(t, "k-a", nil)
		show(t, p, 0, 1)
		if s, _ := b.Stats("a"); s.State != media.Live || s.Sessions != 1 {
			t.Errorf("after the end: %s, sessions %d", s.State, s.Sessions)
		}
	})
}

func TestRecheckSendsAwayWhomItMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var told error
		var says error
		src := media.Source{Kind: "test", Kick: func(err error) { told = err }, May: func(context.Context) error { return says }}
		p, err := b.PublishTo("a", src)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.PublishTo("b", media.Source{Kind: "test"}); err != nil { // nobody to ask
			t.Fatal(err)
		}
		says = errors.New("the database is away")
		if err := b.Recheck(t.Context()); !errors.Is(err, says) || told != nil {
			t.Errorf("%v; told %v", err, told)
		}
		says = fault.New(fault.Denied, "show.key_revoked")
		if err := b.Recheck(t.Context()); err != nil || !errors.Is(told, says) {
			t.Errorf("%v; told %v", err, told)
		}
		if err := p.WriteAudio(0, []byte{1}); !errors.Is(err, says) {
			t.Errorf("write after it: %v", err)
		}
		// Who came in the meantime is not the one that was asked for.
		told = nil
		src.May = func(context.Context) error {
			if _, err := b.PublishTo("a", media.Source{Kind: "test", Owner: "x"}); err != nil {
				t.Error(err)
			}
			return says
		}
		src.Owner = "x"
		if _, err := b.PublishTo("a", src); err != nil {
			t.Fatal(err)
		}
		if err := b.Recheck(t.Context()); err != nil || !fault.HasKey(told, "media.replaced") {
			t.Errorf("%v; told %v", err, told)
		}
		if st, _ := b.Stats("a"); !st.Publishing {
			t.Error("the one who came in the meantime was sent away")
		}
	})
}

func TestSlowSinkIsDroppedAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := b.publish(t, "k-a", nil)
		slow, err := b.Subscribe("a", "slow")
		if err != nil {
			t.Fatal(err)
		}
		quick, err := b.Subscribe("a", "quick")
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan int)
		go func() {
			n := 0
			for {
				it, err := quick.Next(context.Background())
				if err != nil {
					got <- n
					return
				}
				if it.Unit != nil {
					n++
				}
			}
		}()
		at, sent := time.Duration(0), 0
		for range 100 {
			at = show(t, p, at, 10)
			sent += 10
		}
		if s, _ := b.Stats("a"); s.Slow != 1 || s.Sinks != 1 || s.State != media.Live {
			t.Errorf("slow %d, sinks %d, %s", s.Slow, s.Sinks, s.State)
		}
		if _, err := slow.Next(t.Context()); !errors.Is(err, media.ErrSlow) {
			t.Errorf("slow sink: %v", err)
		}
		// It may come back, and begins at a key frame.
		show(t, p, at, 3)
		sent += 3
		again, err := b.Subscribe("a", "again")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []bool{true, false, false} {
			it, err := again.Next(t.Context())
			for err == nil && it.Unit == nil {
				it, err = again.Next(t.Context())
			}
			if err != nil || it.Unit.Key != want {
				t.Fatalf("late sink: %v %v", it.Unit, err)
			}
		}
		again.Close()
		if _, err := again.Next(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("closed sink: %v", err)
		}
		p.Close()
		b.End("a")
		if n := <-got; n != sent {
			t.Errorf("quick sink got %d of %d units", n, sent)
		}
	})
}

// TestQueueIsBoundedInBytes: a publisher of huge pictures can't fill the memory
// through a sink that stands still.
func TestQueueIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := b.publish(t, "k-a", nil)
		sub, err := b.Subscribe("a", "slow")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			at := time.Duration(i) * 100 * time.Millisecond
			if err := p.WriteH264(at, at, idr(3<<20)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := sub.Next(t.Context()); !errors.Is(err, media.ErrSlow) {
			t.Errorf("30 MB waited in a queue of 24: %v", err)
		}
		before, _ := b.Stats("a")
		if err := p.WriteH264(time.Second, time.Second, idr(5<<20)); err != nil {
			t.Fatal(err)
		}
		if after, _ := b.Stats("a"); after.Units != before.Units || after.Dropped != before.Dropped+1 {
			t.Errorf("a picture of 5 MB was delivered")
		}
	})
}

func TestUnitsAreNormalised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := b.publish(t, "k-a", nil)
		sub, err := b.Subscribe("a", "test")
		if err != nil {
			t.Fatal(err)
		}
		aud, sei, slice := []byte{0x09, 0xf0}, []byte{0x06, 0x01}, []byte{0x65, 0x88}
		pps2 := []byte{0x68, 0x4e, 0x0f, 0x2c, 0x80}
		write := func(au ...[]byte) {
			t.Helper()
			if err := p.WriteH264(0, 0, au); err != nil {
				t.Fatal(err)
			}
		}
		write(next(3)[0])                           // before a key frame: dropped
		write(aud, nil, slice)                      // RTMP: parameter sets only in the header
		write(aud, spsWide, ppsAny, sei, slice)     // an encoder that repeats them
		write(aud, spsWide, ppsAny, pps2, slice)    // two PPS: the second stays inside
		write(aud, next(3)[0])                      //
		write(aud, []byte{0x0c, 0xff, 0xff}, slice) // filler
		want := [][][]byte{{spsWide, ppsAny, slice}, {spsWide, ppsAny, sei, slice}, {spsWide, ppsAny, pps2, slice},
			{next(3)[0]}, {spsWide, ppsAny, slice}}
		for i, w := range want {
			it, err := sub.Next(t.Context())
			for err == nil && it.Unit == nil {
				it, err = sub.Next(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(it.Unit.NALs, w, bytes.Equal) {
				t.Errorf("unit %d: %x, want %x", i, it.Unit.NALs, w)
			}
			if it.Unit.Key != (i != 3) || it.Unit.Format.Video.Width != 160 || it.Unit.Format.Video.Height != 90 {
				t.Errorf("unit %d: key %v, %dx%d", i, it.Unit.Key, it.Unit.Format.Video.Width, it.Unit.Format.Video.Height)
			}
		}
		if s, _ := b.Stats("a"); s.Dropped != 1 || s.VideoCodec != "avc1.42c00b" || s.AudioCodec != "mp4a.40.2" {
			t.Errorf("%+v", s)
		}
		if err := p.ConfigH264([]byte{0x67, 1}, ppsAny); !fault.HasKey(err, "media.malformed") {
			t.Errorf("nonsense parameter sets: %v", err)
		}
	})
}

// TestNewParameterSetsWaitForTheirKeyFrame: no sink sees a picture of the new
// size under the old header.
func TestNewParameterSetsWaitForTheirKeyFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := b.publish(t, "k-a", nil)
		sub, err := b.Subscribe("a", "test")
		if err != nil {
			t.Fatal(err)
		}
		at := show(t, p, 0, 2)
		if err := p.ConfigH264(spsWide, ppsAny); err != nil { // the same again changes nothing
			t.Fatal(err)
		}
		at = show(t, p, at, 1)
		pps := append(bytes.Clone(ppsAny), 0x80)
		if err := p.ConfigH264(spsWide, pps); err != nil {
			t.Fatal(err)
		}
		if err := p.WriteH264(at, at, next(10)); err != nil {
			t.Fatal(err)
		}
		show(t, p, at, 1)
		p.Close()
		b.End("a")
		var formats []*media.Format
		for {
			it, err := sub.Next(t.Context())
			if err != nil {
				break
			}
			if it.Unit != nil {
				formats = append(formats, it.Unit.Format)
			}
		}
		if len(formats) != 4 || formats[0] != formats[2] || formats[3] == formats[0] || !bytes.Equal(formats[3].Video.PPS, pps) {
			t.Errorf("formats %v", formats)
		}
	})
}

func TestFiguresAndWarnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := b.publish(t, "k-a", nil)
		at := time.Duration(0)
		for range 5 { // a key frame each 2 s, 20 pictures of 1 kB, with display order
			for i := range 20 {
				au := next(999)
				if i == 0 {
					au = idr(999)
				}
				if err := p.WriteH264(at+50*time.Millisecond, at, au); err != nil {
					t.Fatal(err)
				}
				time.Sleep(100 * time.Millisecond)
				at += 100 * time.Millisecond
			}
		}
		s, ok := b.Stats("a")
		if !ok || s.FPS != 10 || s.BitsPerSecond != 80000 || s.KeyInterval != 2*time.Second || !s.Publishing ||
			s.Source != "test" || s.Remote != "192.0.2.1" || s.Units != 100 {
			t.Errorf("%+v", s)
		}
		if !slices.Equal(s.Warnings, []media.Warning{media.WarnNoAudio, media.WarnBFrames}) {
			t.Errorf("warnings %v", s.Warnings)
		}
		for range 110 { // no key frame for 11 s
			if err := p.WriteH264(at, at, next(10)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
			at += 100 * time.Millisecond
		}
		if s, _ := b.Stats("a"); !slices.Contains(s.Warnings, media.WarnNoKeyFrame) {
			t.Errorf("warnings %v", s.Warnings)
		}
		show(t, p, at-20*time.Second, 1) // the clock jumps back
		s, _ = b.Stats("a")
		if !slices.Contains(s.Warnings, media.WarnTimestamps) || slices.Contains(s.Warnings, media.WarnNoKeyFrame) {
			t.Errorf("warnings %v", s.Warnings)
		}
	})
}

func TestPublisherWithoutKeyFramesIsNamedAndHarmless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := b.publish(t, "k-a", nil)
		for i := range 60 {
			at := time.Duration(i) * 100 * time.Millisecond
			if err := p.WriteH264(at, at, next(100)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		s, _ := b.Stats("a")
		if s.State != media.Idle || s.Units != 0 || s.Dropped != 60 || !slices.Contains(s.Warnings, media.WarnNoKeyFrame) || s.FPS != 10 {
			t.Errorf("%+v", s)
		}
	})
}

func TestStreamsAreLimitedAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.MaxStreams = 2
		p := b.publish(t, "k-a", nil)
		q := b.publish(t, "k-b", nil)
		show(t, q, 0, 2)
		if _, err := b.Publish(t.Context(), "k-c", media.Source{}); !fault.HasKey(err, "media.full") {
			t.Fatalf("third stream: %v", err)
		}
		sub, err := b.Subscribe("a", "test")
		if err != nil {
			t.Fatal(err)
		}
		p.Close() // it never showed a picture: forgotten after a minute, without an end
		time.Sleep(62 * time.Second)
		if got := drain(t, sub); got != "idle EOF" {
			t.Errorf("sink of the forgotten stream got %q", got)
		}
		b.publish(t, "k-c", nil)
		b.End("b")
		b.publish(t, "k-d", nil) // an ended stream makes room at once
		synctest.Wait()
		if got := b.heard(); !slices.Equal(got, []string{"b:live", "b:away", "b:ended"}) {
			t.Errorf("watcher heard %v", got)
		}
	})
}

func TestTapComesBeforeTheFirstUnit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var subs []*media.Subscription
		b.Tap(func(id string) {
			s, err := b.Subscribe(id, "tap")
			if err != nil {
				t.Error(err)
			}
			subs = append(subs, s)
		})
		p := b.publish(t, "k-a", nil)
		show(t, p, 0, 2)
		p.Close()
		p = b.publish(t, "k-a", nil) // a new session of the same stream: no second tap
		show(t, p, 0, 1)
		b.End("a")
		if len(subs) != 1 {
			t.Fatalf("%d taps", len(subs))
		}
		if got := drain(t, subs[0]); got != "idle live V2 away live V1 away ended EOF" {
			t.Errorf("tap got %q", got)
		}
	})
}

func TestCloseIsNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var told error
		p := b.publish(t, "k-a", func(err error) { told = err })
		sub, err := b.Subscribe("a", "test")
		if err != nil {
			t.Fatal(err)
		}
		show(t, p, 0, 1)
		b.Close()
		if !fault.HasKey(told, "media.stopping") {
			t.Errorf("publisher was told %v", told)
		}
		if got := drain(t, sub); got != "idle live V1 away EOF" {
			t.Errorf("sink got %q", got)
		}
		if _, err := b.Publish(t.Context(), "k-a", media.Source{}); !fault.HasKey(err, "media.stopping") {
			t.Errorf("publishing to a closed hub: %v", err)
		}
	})
}

// TestSlowWatcherHearsTheNewestState: a callback that hangs holds nobody up and
// is told where things stand, not every step on the way.
func TestSlowWatcherHearsTheNewestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var mu sync.Mutex
		var heard []media.State
		stop := b.Watch(func(_ string, s media.State) {
			time.Sleep(time.Minute)
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, s)
		})
		p := b.publish(t, "k-a", nil)
		at := show(t, p, 0, 1)
		for range 3 {
			time.Sleep(3 * time.Second)
			at = show(t, p, at, 1)
		}
		time.Sleep(3 * time.Minute)
		stop()
		mu.Lock()
		defer mu.Unlock()
		if len(heard) != 2 || heard[0] != media.Live || heard[1] != media.Away {
			t.Errorf("heard %v, want the first and the last", heard)
		}
	})
}

// FuzzWriteH264 feeds access units as a network would: whatever comes, the
// hub's promises to its sinks hold.
func FuzzWriteH264(f *testing.F) {
	f.Add([]byte{0x65, 1, 2}, []byte{0x41, 3}, []byte{0x67, 0x42})
	f.Add(spsWide, ppsAny, []byte{0x65, 0x88})
	f.Add([]byte{}, []byte{9}, []byte{12})
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		hub := &media.Hub{Auth: keys{}, Log: slog.New(slog.DiscardHandler)}
		defer hub.Close()
		p, err := hub.Publish(t.Context(), "k-a", media.Source{})
		if err != nil {
			t.Fatal(err)
		}
		sub, err := hub.Subscribe("a", "test")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ConfigH264(spsWide, ppsAny); err != nil {
			t.Fatal(err)
		}
		for i, au := range [][][]byte{{a, b, c}, {b}, {c, a}} {
			at := time.Duration(i) * 40 * time.Millisecond
			if err := p.WriteH264(at, at, au); err != nil && !fault.HasKey(err, "media.malformed") {
				t.Fatal(err)
			}
		}
		p.Close()
		hub.End("a")
		seen := false
		for {
			it, err := sub.Next(t.Context())
			if err != nil {
				return
			}
			u := it.Unit
			if u == nil {
				continue
			}
			if !seen && !u.Key {
				t.Fatal("a sink began without a key frame")
			}
			seen = true
			if u.Key && (len(u.NALs) < 3 || u.NALs[0][0]&31 != 7 || u.NALs[1][0]&31 != 8) {
				t.Fatalf("a key frame without its parameter sets: %x", u.NALs)
			}
		}
	})
}
