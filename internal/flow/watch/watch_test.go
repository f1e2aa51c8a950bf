package watch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/flow/watch"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// scene is a shop whose show is watched; sight is what the process sees.
type scene struct {
	*shoptest.Shop
	t     *testing.T
	d     *db.DB
	clk   *clock.Fake
	w     *watch.Watch
	sight watch.Sight
}

func each(t *testing.T, fn func(s *scene)) {
	t.Helper()
	t.Parallel()
	start := time.Date(2026, 9, 11, 19, 30, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		s := &scene{Shop: shoptest.New(t, d), t: t, d: d, clk: d.Clock.(*clock.Fake)}
		s.sight = watch.Sight{Online: 100, Stream: "live", FPS: 25, KBit: 1200}
		s.w = &watch.Watch{DB: d, Rules: watch.DefaultRules(), See: func(id.Show) watch.Sight { return s.sight }}
		fn(s)
	})
}

// look lets time pass in looks and tells the topics of the alerts after.
func (s *scene) look(d time.Duration) string {
	s.t.Helper()
	for n := max(1, int(d/watch.Every)); n > 0; n-- {
		s.clk.Add(watch.Every)
		if err := s.w.Look(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
	var out []string
	for _, a := range s.w.Alerts(s.Show) {
		kind, _, _ := strings.Cut(a.Topic, "@")
		out = append(out, kind)
	}
	return strings.Join(out, " ")
}

func (s *scene) want(got, want string) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("alerts %q, want %q", got, want)
	}
}

func TestTrafficThatFellIsToldOnceAndUntilItIsBack(t *testing.T) {
	each(t, func(s *scene) {
		s.want(s.look(time.Minute), "")
		s.sight.Online = 61 // 39 percent fewer
		s.want(s.look(time.Minute/2), "")
		s.sight.Online = 60
		s.want(s.look(watch.Every), "") // one look is no fall: a proxy was restarted
		s.want(s.look(9*time.Second), "traffic")
		first := s.w.Alerts(s.Show)[0]
		for _, n := range []int{62, 58, 70, 79, 59} { // swings between the thresholds
			s.sight.Online = n
			s.want(s.look(12*time.Second), "traffic")
		}
		if again := s.w.Alerts(s.Show)[0]; again.ID != first.ID || !again.Since.Equal(first.Since) {
			t.Errorf("told again as %s, was %s", again.ID, first.ID)
		}
		s.sight.Online = 80
		s.want(s.look(watch.Every), "traffic")
		s.want(s.look(12*time.Second), "")
	})
}

func TestSmallRoomsAndOldFallsDoNotCry(t *testing.T) {
	each(t, func(s *scene) {
		s.sight.Online = watch.DefaultRules().Floor - 1
		s.look(time.Minute)
		s.sight.Online = 0
		s.want(s.look(time.Minute), "")
		s.sight.Online = 100
		s.look(time.Minute)
		s.sight.Online = 30
		s.want(s.look(15*time.Second), "traffic")
		s.want(s.look(6*time.Minute), "") // that is the room now
		s.clk.Add(-time.Hour)
		s.sight.Online = 29
		s.want(s.look(15*time.Second), "") // a clock set back is no fall
	})
}

func TestStockOfWhatIsExplainedOrOnSale(t *testing.T) {
	each(t, func(s *scene) {
		p, q := s.Product(1000), s.Product(2000)
		s.Lot(p, s.Farm, 100)
		s.Lot(q, s.Farm, 100)
		a := s.Item(p, 1000, func(i *show.Item) { i.Released = 50 })
		b := s.Item(q, 2000, func(i *show.Item) { i.Released, i.State = 3, show.Coming })
		s.want(s.look(watch.Every), "") // what is only coming may be few
		release := func(n int64) { s.SetItem(a, func(i *show.Item) { i.Released = n }) }
		release(10)
		s.want(s.look(watch.Every), "stock:"+string(a))
		if x := s.w.Alerts(s.Show)[0]; x.Item != a || x.Bad || x.Key != "rooms.alert_stock_low" {
			t.Errorf("%+v", x)
		}
		release(15)
		s.want(s.look(watch.Every), "stock:"+string(a)) // between the thresholds
		release(16)
		s.want(s.look(watch.Every), "")
		release(15)
		s.want(s.look(watch.Every), "")
		release(0)
		s.Do(func(tx *db.Tx) error { return show.PinItem(t.Context(), tx, actor.System("t"), s.Show, a) })
		s.want(s.look(watch.Every), "stock:"+string(a))
		if x := s.w.Alerts(s.Show)[0]; !x.Bad || x.Key != "rooms.alert_stock_out_now" {
			t.Errorf("%+v", x)
		}
		s.SetItem(a, func(i *show.Item) { i.State = show.Off })
		s.SetItem(b, func(i *show.Item) { i.State = show.OnSale })
		s.want(s.look(watch.Every), "stock:"+string(b))
	})
}

func TestPictureTroubleHoldsBeforeItIsTold(t *testing.T) {
	each(t, func(s *scene) {
		s.want(s.look(30*time.Second), "")
		bad := func(change func(x *watch.Sight), want string) {
			t.Helper()
			s.sight = watch.Sight{Online: 100, Stream: "live", FPS: 25, KBit: 1200, Drops: s.sight.Drops}
			s.want(s.look(30*time.Second), "")
			change(&s.sight)
			s.want(s.look(watch.Every), "")
			s.want(s.look(9*time.Second), want)
		}
		bad(func(x *watch.Sight) { x.Stream = "away" }, "stream:away")
		if !s.w.Alerts(s.Show)[0].Bad {
			t.Error("no picture is only a warning")
		}
		bad(func(x *watch.Sight) { x.FPS = 12 }, "stream:fps")
		s.sight.FPS = 16
		s.want(s.look(30*time.Second), "stream:fps") // not enough above
		bad(func(x *watch.Sight) { x.KBit = 200 }, "stream:bitrate")
		bad(func(x *watch.Sight) { x.Warnings = []string{"media.warn_no_key_frame", "media.warn_b_frames"} }, "stream:warn:media.warn_no_key_frame")
		if a := s.w.Alerts(s.Show)[0]; a.Key != "media.warn_no_key_frame" {
			t.Errorf("%+v", a)
		}
		s.sight.Warnings = nil
		s.want(s.look(watch.Every), "stream:warn:media.warn_no_key_frame")
		s.want(s.look(9*time.Second), "")
		for range 4 { // units are refused all the time
			s.sight.Drops += 100
			s.look(watch.Every)
		}
		s.want(s.look(0), "stream:drops")
		s.sight.Drops = 0 // another publisher
		s.want(s.look(15*time.Second), "")
	})
}

func TestWordsQueueAndLateShows(t *testing.T) {
	each(t, func(s *scene) {
		host := s.Person(actor.Host)
		s.Do(func(tx *db.Tx) error {
			return review.Note(t.Context(), tx, s.Show, host.User, "host", review.Hit{Word: "best", Kind: review.Absolute})
		})
		if got := s.look(watch.Every); !strings.HasPrefix(got, "words:") {
			t.Errorf("alerts %q", got)
		}
		s.want(s.look(10*time.Minute), "")
		var next id.Show
		s.Do(func(tx *db.Tx) (err error) {
			next, err = show.Save(t.Context(), tx, actor.System("t"), show.Show{Title: "Next", Host: host.User, Orientation: show.Portrait, Starts: tx.Now.Add(time.Minute)})
			if err == nil {
				_, err = show.Move(t.Context(), tx, actor.System("t"), next, show.Announced)
			}
			return err
		})
		s.look(2 * time.Minute)
		if got := s.w.Alerts(next); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		s.look(2 * time.Minute)
		if got := s.w.Alerts(next); len(got) != 1 || got[0].Kind != watch.Late {
			t.Errorf("%+v", got)
		}
		if _, err := s.d.Exec(t.Context(), `INSERT INTO chat_message (id, show_id, user_id, name, badge, body, at_us, state) VALUES ('m', $1, 'u', 'N', '', 'hi', $2, 'held')`,
			s.Show, clock.Us(s.clk.Now())); err != nil {
			t.Fatal(err)
		}
		s.want(s.look(20*time.Second), "")
		s.want(s.look(20*time.Second), "queue")
	})
}

func TestWhatSomebodyHasSeenIsSilentForThemAlone(t *testing.T) {
	each(t, func(s *scene) {
		ctx := t.Context()
		me, other, buyer := s.Person(actor.Operator), s.Person(actor.Moderator), s.Person()
		s.sight.Stream = "away"
		s.look(15 * time.Second)
		loud := func(who actor.Actor) int {
			t.Helper()
			list, err := watch.Loud(ctx, s.d, who.User, s.w.Alerts(s.Show))
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		quiet := func(who actor.Actor, alert string, d time.Duration) error {
			return s.d.Update(ctx, func(tx *db.Tx) error { return watch.Quiet(ctx, tx, who, s.Show, alert, d) })
		}
		a := s.w.Alerts(s.Show)[0]
		if err := quiet(buyer, a.ID, watch.SeenFor); !fault.Is(err, fault.Denied) {
			t.Errorf("a buyer: %v", err)
		}
		for _, bad := range []string{"", strings.Repeat("x", 200)} {
			if err := quiet(me, bad, watch.SeenFor); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		for range 2 {
			if err := quiet(me, a.ID, watch.SeenFor); err != nil {
				t.Fatal(err)
			}
		}
		if loud(me) != 0 || loud(other) != 1 {
			t.Errorf("me %d, other %d", loud(me), loud(other))
		}
		s.sight.Stream = "live"
		s.look(15 * time.Second)
		s.sight.Stream = "away" // the next time is another
		s.look(15 * time.Second)
		if loud(me) != 1 {
			t.Error("the next occurrence is silent, too")
		}
		if err := quiet(me, a.Topic, watch.SnoozeFor); err != nil {
			t.Fatal(err)
		}
		if loud(me) != 0 {
			t.Error("put off, and still told")
		}
		s.look(watch.SnoozeFor + watch.Every)
		if loud(me) != 1 {
			t.Error("put off for ever")
		}
	})
}

// TestEveryAlertHasWords: what it is and what to do, in both languages.
func TestEveryAlertHasWords(t *testing.T) {
	keys := []string{"traffic", "stock_low", "stock_low_now", "stock_out", "stock_out_now", "away", "fps", "bitrate", "drops", "words_host", "words_staff", "queue", "late"}
	for _, l := range []i18n.Lang{i18n.Chinese, i18n.English} {
		have := i18n.Texts(l)
		for _, k := range keys {
			for _, key := range []string{"rooms.alert_" + k, "rooms.do_" + k} {
				if _, ok := have[key]; !ok {
					t.Errorf("%s: no %s", l, key)
				}
			}
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(keys)))) != len(keys) {
		t.Error("a key stands twice")
	}
}
