package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

var showStart = time.Date(2026, 9, 11, 19, 30, 0, 0, clock.Shanghai)

// told is one event a room heard.
type told struct {
	room id.Show
	kind string
	data any
}

// stage is a live show with everything that listens to it.
type stage struct {
	*testing.T
	*shoptest.Shop
	ctx  context.Context
	f    *flow.Flow
	clk  *clock.Fake
	host actor.Actor
	desk actor.Actor // operator

	mu     sync.Mutex
	heard  []told
	media  []string
	texts  []string
	smsErr error
}

func (s *stage) Publish(channel, kind string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, told{id.Show(strings.TrimPrefix(channel, "show:")), kind, data})
}
func (s *stage) End(stream string) { s.media = append(s.media, "end "+stream) }
func (s *stage) Cut(stream string) { s.media = append(s.media, "cut "+stream) }
func (s *stage) Kick(stream string, reason error) {
	s.media = append(s.media, "kick "+stream+" "+reason.Error())
}

// Send implements sms.Sender.
func (s *stage) Send(_ context.Context, phone, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.smsErr != nil {
		return s.smsErr
	}
	s.texts = append(s.texts, phone+" "+text)
	return nil
}

func eachStage(t *testing.T, fn func(s *stage)) {
	t.Helper()
	t.Parallel()
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(showStart) }, func(t *testing.T, d *db.DB) {
		s := &stage{T: t, Shop: shoptest.New(t, d), ctx: t.Context(), clk: d.Clock.(*clock.Fake)}
		s.host, s.desk = s.Person(actor.Host), s.Person(actor.Operator)
		if _, err := d.Exec(s.ctx, `UPDATE live_show SET host_id = $2 WHERE id = $1`, s.Show, s.host.User); err != nil {
			t.Fatal(err)
		}
		s.f = &flow.Flow{DB: d, Vault: s.Vault, Rooms: s, Media: s, SMS: s, Words: review.Default(), BaseURL: "https://lindu.example"}
		fn(s)
		s.f.WaitStock()
	})
}

// news takes what was heard of a kind since the last look.
func (s *stage) news(kind string) (out []told) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rest []told
	for _, h := range s.heard {
		if h.kind == kind {
			out = append(out, h)
		} else {
			rest = append(rest, h)
		}
	}
	s.heard = rest
	return out
}

func (s *stage) one(kind string) told {
	s.Helper()
	n := s.news(kind)
	if len(n) != 1 {
		s.Fatalf("%d events of kind %s: %+v", len(n), kind, n)
	}
	return n[0]
}

func (s *stage) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) want(err error, key string) {
	s.Helper()
	if !fault.HasKey(err, key) {
		s.Errorf("got %v, want %s", err, key)
	}
}

func (s *stage) notice(title string) id.Show {
	s.Helper()
	sid, err := s.f.SaveShow(s.ctx, s.desk, show.Show{Title: title, Host: s.host.User, Orientation: show.Portrait, Starts: s.clk.Now().Add(time.Hour)})
	s.ok(err)
	return sid
}

func (s *stage) move(sid id.Show, to ...show.State) {
	s.Helper()
	for _, st := range to {
		_, err := s.f.MoveShow(s.ctx, s.desk, sid, st)
		s.ok(err)
	}
}

func TestMoveShowTellsAndEndsTheStream(t *testing.T) {
	eachStage(t, func(s *stage) {
		it := s.Item(s.Product(1000), 1000)
		s.ok(s.f.PinItem(s.ctx, s.host, s.Show, it))
		if e := s.one(room.KindPin); e.room != s.Show || e.data != (room.PinEvent{Item: it}) {
			s.Errorf("%+v", e)
		}
		got, err := s.f.MoveShow(s.ctx, s.host, s.Show, show.Ended)
		s.ok(err)
		if e := s.one(room.KindShow); got.State != show.Ended || e.data != (room.ShowEvent{State: "ended"}) {
			s.Errorf("%+v", e)
		}
		if e := s.one(room.KindPin); e.data != (room.PinEvent{}) {
			s.Errorf("still pinned: %+v", e)
		}
		if !slices.Equal(s.media, []string{"end " + string(s.Show)}) {
			s.Errorf("media: %v", s.media)
		}
		_, err = s.f.MoveShow(s.ctx, s.host, s.Show, show.Live)
		s.want(err, "show.move")
		if n := s.news(room.KindShow); len(n) != 0 || len(s.media) != 1 {
			s.Errorf("a refused move was told: %+v", n)
		}
	})
}

func TestANoticeMustKeepTheAdvertisingLaw(t *testing.T) {
	eachStage(t, func(s *stage) {
		_, err := s.f.SaveShow(s.ctx, s.desk, show.Show{Title: "全国第一的蓝莓", Host: s.host.User, Orientation: show.Portrait, Starts: s.clk.Now().Add(time.Hour)})
		s.want(err, "review.word")
		sid := s.notice("今早摘的蓝莓")
		_, err = s.DB.Exec(s.ctx, `UPDATE live_show SET summary = '能降血糖' WHERE id = $1`, sid)
		s.ok(err)
		_, err = s.f.MoveShow(s.ctx, s.desk, sid, show.Announced)
		s.want(err, "review.word")
		if sh, err := show.ByID(s.ctx, s.DB, sid); err != nil || sh.State != show.Draft || len(s.news(room.KindShow)) != 0 {
			s.Errorf("announced all the same: %s, %v", sh.State, err)
		}
	})
}

func TestItemsOnTheDesk(t *testing.T) {
	eachStage(t, func(s *stage) {
		p := s.Product(3990)
		s.Lot(p, s.Farm, 8, func(n *lot.New) { n.Floor = 2500 })
		s.Lot(p, s.Works, 2, func(n *lot.New) { n.Floor = 2000 })
		_, err := s.f.AddItem(s.ctx, s.host, s.Show, show.Item{Product: p})
		s.want(err, "fault.denied")
		_, err = s.f.AddItem(s.ctx, s.desk, s.Show, show.Item{Product: "none", Price: 1})
		s.want(err, "show.product_off")
		_, err = s.f.AddItem(s.ctx, s.desk, s.Show, show.Item{Product: p, Price: 2499})
		s.want(err, "show.below_floor")
		_, err = s.f.AddItem(s.ctx, s.desk, s.Show, show.Item{Product: p, Script: "包治百病"})
		s.want(err, "review.word")
		if n := s.news(room.KindItem); len(n) != 0 {
			s.Errorf("refused items were told: %+v", n)
		}

		it, err := s.f.AddItem(s.ctx, s.desk, s.Show, show.Item{Product: p, Released: 3, State: show.OnSale})
		s.ok(err)
		if it.Price != 3990 || it.Stock != 3 || it.State != "on_sale" || it.No != 1 {
			s.Errorf("%+v", it)
		}
		if e := s.one(room.KindItem); e.room != s.Show || fmt.Sprint(e.data) != fmt.Sprint(it) {
			s.Errorf("told %+v", e)
		}
		set := func(price money.Fen, st show.ItemState) (room.Item, error) {
			return s.f.SetItem(s.ctx, s.desk, show.Item{ID: it.ID, Price: price, State: st, Released: 3})
		}
		_, err = set(2499, show.OnSale)
		s.want(err, "show.below_floor")
		if m, err := show.ItemsByID(s.ctx, s.DB, it.ID); err != nil || m[it.ID].Price != 3990 {
			s.Errorf("the refused price stands: %+v, %v", m, err)
		}
		got, err := set(2500, show.OnSale)
		s.ok(err)
		if e := s.one(room.KindItem); got.Price != 2500 || e.data.(room.Item).Price != 2500 {
			s.Errorf("%+v, told %+v", got, e)
		}
		got, err = s.f.ReleaseMore(s.ctx, s.desk, "", it.ID, 50)
		s.ok(err)
		if e := s.one(room.KindItem); got.Stock != 10 || e.data.(room.Item).Stock != 10 {
			s.Errorf("%+v", got)
		}
		_, err = s.f.ReleaseMore(s.ctx, s.host, "", it.ID, 1)
		s.want(err, "fault.denied")

		s.ok(s.f.PinItem(s.ctx, s.host, s.Show, it.ID))
		s.one(room.KindPin)
		got, err = set(1, show.Off) // below every floor, but nobody can buy it
		s.ok(err)
		if e := s.one(room.KindPin); got.State != "off" || e.data != (room.PinEvent{}) {
			s.Errorf("taken off but still explained: %+v", e)
		}
		_, err = s.f.SetItem(s.ctx, s.desk, show.Item{ID: "none", Price: 1, State: show.Off})
		s.want(err, "fault.not_found")
	})
}

func TestALotThatCantBeSoldSetsNoFloor(t *testing.T) {
	eachStage(t, func(s *stage) {
		p := s.Product(3990)
		l := s.Lot(p, s.Farm, 8, func(n *lot.New) { n.Floor = 2500 })
		today := clock.DayOf(s.clk.Now())
		_, err := s.DB.Exec(s.ctx, `UPDATE lot SET harvest_day = $2, best_before_day = $3 WHERE id = $1`, l, today.Add(-9), today.Add(-1))
		s.ok(err)
		_, err = s.f.AddItem(s.ctx, s.desk, s.Show, show.Item{Product: p, Price: 100})
		s.ok(err)
	})
}

func TestSay(t *testing.T) {
	eachStage(t, func(s *stage) {
		fan, guest, mod := s.Person(), s.Person(actor.Host), s.Person(actor.Moderator)
		for _, c := range []struct {
			who         actor.Actor
			body, badge string
			key         string
		}{
			{fan, "这是最好的蓝莓！", "", ""}, // a buyer may praise
			{s.host, "这是最好的蓝莓！", "", "chat.word"},
			{mod, "能降血糖", "", "chat.word"},
			{fan, "加微信 abc", "", "chat.word"},
			{s.host, "今早五点摘的", "host", ""},
			{s.host, "今早五点摘的", "host", ""}, // no limits for the host
			{mod, "欢迎大家", "staff", ""},
			{guest, "同行来学习", "", ""}, // a host elsewhere is a guest here
			{guest, "又来一句", "", "chat.slow"},
			{fan, strings.Repeat("长", chat.MaxRunes+1), "", "chat.long"},
			{actor.Actor{}, "hi", "", "fault.sign_in"},
		} {
			m, err := s.f.Say(s.ctx, c.who, s.Show, c.body)
			if c.key != "" {
				s.want(err, c.key)
				if n := s.news(room.KindChat); len(n) != 0 {
					s.Errorf("%q was refused and told", c.body)
				}
				continue
			}
			if err != nil || m.Badge != c.badge {
				s.Errorf("%q: %+v, %v", c.body, m, err)
				continue
			}
			e := s.one(room.KindChat).data.(room.Message)
			if e.Body != c.body || e.Badge != c.badge || e.ID != m.ID || e.User != c.who.User {
				s.Errorf("told %+v", e)
			}
		}
		s.clk.Add(time.Minute)
		_, err := s.f.Say(s.ctx, fan, s.Show, "<script>alert(1)</script>")
		s.ok(err)
		if e := s.one(room.KindChat).data.(room.Message); e.Body != "<script>alert(1)</script>" {
			s.Errorf("markup is data, kept as it is: %q", e.Body)
		}
		draft := s.notice("Next")
		_, err = s.f.Say(s.ctx, s.host, draft, "hello")
		s.want(err, "chat.closed")
		s.move(s.Show, show.Ended)
		_, err = s.f.Say(s.ctx, s.host, s.Show, "hello")
		s.want(err, "chat.closed")
	})
}

func TestHideAndMute(t *testing.T) {
	eachStage(t, func(s *stage) {
		fan, mod := s.Person(), s.Person(actor.Moderator)
		m, err := s.f.Say(s.ctx, fan, s.Show, "spam spam")
		s.ok(err)
		s.want(s.f.HideMessage(s.ctx, fan, m.ID, ""), "fault.denied")
		s.ok(s.f.HideMessage(s.ctx, mod, m.ID, ""))
		if e := s.one(room.KindHide); e.room != s.Show || e.data != (room.MessageRef{ID: m.ID}) {
			s.Errorf("%+v", e)
		}
		mute := func(who actor.Actor, u id.User) error {
			return s.f.MutePerson(s.ctx, who, s.Show, u, time.Hour, "ads")
		}
		s.want(mute(fan, s.host.User), "fault.denied")
		s.want(mute(mod, s.host.User), "chat.mute_staff")
		s.want(mute(mod, s.desk.User), "chat.mute_staff")
		s.want(mute(mod, "none"), "fault.not_found")
		s.ok(mute(mod, fan.User))
		s.clk.Add(time.Minute)
		_, err = s.f.Say(s.ctx, fan, s.Show, "still me")
		s.want(err, "chat.muted")
		s.ok(s.f.MutePerson(s.ctx, mod, "", fan.User, time.Hour, ""))
		s.ok(s.f.MutePerson(s.ctx, mod, s.Show, fan.User, 0, ""))
		_, err = s.f.Say(s.ctx, fan, s.Show, "and everywhere")
		s.want(err, "chat.muted")
	})
}

// TestStockNewsAreJoinedAndTheLastOneCounts: 300 orders' worth of calls make
// few looks, and the last look shows what is left.
func TestStockNewsAreJoinedAndTheLastOneCounts(t *testing.T) {
	eachStage(t, func(s *stage) {
		p, q := s.Product(1000), s.Product(1000)
		l := s.Lot(p, s.Farm, 400)
		s.Lot(q, s.Farm, 1)
		it, other := s.Item(p, 1000), s.Item(q, 1000)
		next := s.notice("Next")
		_, err := s.f.AddItem(s.ctx, s.desk, next, show.Item{Product: p})
		s.ok(err)
		s.news(room.KindItem)

		begin := time.Now()
		for range 300 {
			_, err := s.DB.Exec(s.ctx, `UPDATE lot SET reserved = reserved + $2 WHERE id = $1`, l, shoptest.Base)
			s.ok(err)
			ctx, cancel := context.WithCancel(s.ctx)
			s.f.StockChanged(ctx, p)
			cancel() // the buyer's request is over
		}
		s.f.WaitStock()
		looks := int(time.Since(begin)/(200*time.Millisecond)) + 2
		news := s.news(room.KindItem)
		if len(news) == 0 || len(news) > looks {
			s.Fatalf("%d events, want 1 to %d", len(news), looks)
		}
		if last := news[len(news)-1].data.(room.Item); last.ID != it || last.Stock != 100 {
			s.Errorf("the last one says %+v", last)
		}
		for _, e := range news { // a draft's room hears nothing
			if e.room != s.Show {
				s.Errorf("told to %s", e.room)
			}
		}
		s.f.StockChanged(s.ctx, p, q, "none")
		s.f.StockChanged(s.ctx)
		s.f.WaitStock()
		ids := map[id.Item]bool{}
		for _, e := range s.news(room.KindItem) {
			ids[e.data.(room.Item).ID] = true
		}
		if len(ids) != 2 || !ids[it] || !ids[other] {
			s.Errorf("items told: %v", ids)
		}
	})
}

func TestManySayStockChangedAtOnce(t *testing.T) {
	eachStage(t, func(s *stage) {
		p := s.Product(1000)
		s.Lot(p, s.Farm, 5)
		s.Item(p, 1000)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 50 {
					s.f.StockChanged(s.ctx, p)
				}
			})
		}
		wg.Wait()
		s.f.WaitStock()
		if n := len(s.news(room.KindItem)); n == 0 {
			s.Error("nothing was told")
		}
	})
}

func TestSendReminders(t *testing.T) {
	eachStage(t, func(s *stage) {
		sid := s.notice("山里的蓝莓")
		s.move(sid, show.Announced)
		zh, en, gone := s.Person(), s.Person(), s.Person()
		s.Do(func(tx *db.Tx) error {
			for _, who := range []actor.Actor{zh, en, gone} {
				if err := show.Remind(s.ctx, tx, who, sid, true); err != nil {
					return err
				}
			}
			if err := account.SetProfile(s.ctx, tx, en, "Enid", "en", false); err != nil {
				return err
			}
			_, err := tx.Exec(s.ctx, `UPDATE user_account SET state = 'disabled' WHERE id = $1`, gone.User)
			return err
		})
		run := func(want int) error {
			n, err := s.f.SendReminders(s.ctx)
			if n != want {
				s.Errorf("%d sent, want %d", n, want)
			}
			return err
		}
		s.ok(run(0)) // an hour before
		s.clk.Add(51 * time.Minute)
		s.smsErr = errors.New("the provider is away")
		if err := run(0); !errors.Is(err, s.smsErr) {
			s.Errorf("a failure is not told: %v", err)
		}
		s.smsErr = nil
		s.ok(run(2))
		s.ok(run(0))
		slices.SortFunc(s.texts, func(a, b string) int { return strings.Compare(a[12:], b[12:]) })
		if len(s.texts) != 2 || !strings.Contains(s.texts[0], "starts at 20:30. Join here: https://lindu.example/shows/"+string(sid)) ||
			!strings.Contains(s.texts[1], "“山里的蓝莓”") || !strings.HasPrefix(s.texts[1], "139") {
			s.Errorf("%q", s.texts)
		}
	})
}

func TestANewStreamKeySendsTheOldOnesUserAway(t *testing.T) {
	eachStage(t, func(s *stage) {
		_, err := s.f.NewStreamKey(s.ctx, s.Person(), s.Show)
		s.want(err, "fault.denied")
		if len(s.media) != 0 {
			s.Errorf("media: %v", s.media)
		}
		key, err := s.f.NewStreamKey(s.ctx, s.host, s.Show)
		s.ok(err)
		if sh, err := show.ByKey(s.ctx, s.DB, key); err != nil || sh.ID != s.Show {
			s.Errorf("%v", err)
		}
		s.ok(s.f.RevokeStreamKey(s.ctx, s.desk, s.Show))
		_, err = show.ByKey(s.ctx, s.DB, key)
		s.want(err, "show.key_revoked")
		if len(s.media) != 2 || !strings.HasSuffix(s.media[1], "show.key_revoked") { // the ingest puts it into words
			s.Errorf("the encoder is told %q", s.media)
		}
	})
}

func TestAFlowWithoutRoomsAndMediaWorks(t *testing.T) {
	eachStage(t, func(s *stage) {
		s.f = &flow.Flow{DB: s.DB, Vault: s.Vault}
		p := s.Product(1000)
		it, err := s.f.AddItem(s.ctx, s.desk, s.Show, show.Item{Product: p})
		s.ok(err)
		s.ok(s.f.PinItem(s.ctx, s.desk, s.Show, it.ID))
		_, err = s.f.Say(s.ctx, s.host, s.Show, "最好的")
		s.ok(err)
		s.f.StockChanged(s.ctx, p)
		_, err = s.f.NewStreamKey(s.ctx, s.host, s.Show)
		s.ok(err)
		s.move(s.Show, show.Ended)
	})
}
