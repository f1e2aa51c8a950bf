package flow_test

import (
	"slices"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/compliance"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// planned is an announced show of the host with one product, and a seller with
// all papers.
func (s *stage) planned(title string) (id.Show, id.Item) {
	s.Helper()
	s.f.Seller = flow.Seller{LegalName: "林都县电商中心", LicenceNo: "92230000MA00000000", ComplaintPhone: "0450-5550000"}
	sid := s.notice(title)
	var it show.Item
	p := s.Product(1000)
	s.Do(func(tx *db.Tx) (err error) {
		it, err = show.AddItem(s.ctx, tx, s.desk, sid, show.Item{Product: p, Price: 1000, State: show.OnSale, Released: show.AllThereIs, Script: "早上刚摘的"})
		return err
	})
	s.move(sid, show.Announced)
	return sid, it.ID
}

func (s *stage) sign(sid id.Show) {
	s.Helper()
	p, err := s.f.ReadPrestart(s.ctx, s.DB, sid)
	s.ok(err)
	_, err = s.f.SignShow(s.ctx, s.desk, sid, p.List.Digest(), flow.HandPoints...)
	s.ok(err)
}

func (s *stage) start(who actor.Actor, sid id.Show) error {
	_, err := s.f.MoveShow(s.ctx, who, sid, show.Live)
	return err
}

func TestAShowBeginsOnlySignedFor(t *testing.T) {
	eachStage(t, func(s *stage) {
		sid, it := s.planned("今早摘的蓝莓")
		s.want(s.start(s.desk, sid), "compliance.unsigned")
		s.want(s.start(s.host, sid), "compliance.unsigned")

		p, err := s.f.ReadPrestart(s.ctx, s.DB, sid)
		s.ok(err)
		if open := p.List.Missing(flow.HandPoints...); len(open) != 0 || p.Fresh {
			t.Fatalf("open %v, fresh %v", open, p.Fresh)
		}
		// A tick is missing; an old list; a host who signs for themselves.
		_, err = s.f.SignShow(s.ctx, s.desk, sid, p.List.Digest(), flow.HandPoints[1:]...)
		s.want(err, "compliance.missing")
		_, err = s.f.SignShow(s.ctx, s.desk, sid, "of another day", flow.HandPoints...)
		s.want(err, "compliance.changed")
		_, err = s.f.SignShow(s.ctx, s.desk, sid, "", flow.HandPoints...)
		s.want(err, "compliance.changed") // only programs sign for what they did not see
		own := s.host
		own.Roles = []actor.Role{actor.Host, actor.Operator}
		_, err = s.f.SignShow(s.ctx, own, sid, p.List.Digest(), flow.HandPoints...)
		s.want(err, "compliance.own")
		_, err = s.f.SignShow(s.ctx, s.Person(actor.Moderator), sid, p.List.Digest(), flow.HandPoints...)
		s.want(err, "fault.denied")
		s.want(s.start(s.desk, sid), "compliance.unsigned")

		// What was signed is what may begin: another script is another show.
		s.sign(sid)
		s.SetItem(it, func(x *show.Item) { x.Script = "又甜又大" })
		s.want(s.start(s.host, sid), "compliance.stale")
		s.sign(sid)
		s.ok(s.start(s.host, sid))

		// A change while it runs: the desk is told, and may sign again.
		s.SetItem(it, func(x *show.Item) { x.Script = "刚摘的，皮上有霜" })
		if p, err = s.f.ReadPrestart(s.ctx, s.DB, sid); err != nil || p.Fresh {
			t.Errorf("fresh %v, %v", p.Fresh, err)
		}
		s.sign(sid)
		all, err := compliance.Signoffs(s.ctx, s.DB, sid)
		s.ok(err)
		if len(all) != 3 || all[0].Digest == all[1].Digest || all[2].Name != s.desk.Name || len(all[2].Snapshot.Points) < 8 {
			t.Errorf("%+v", all)
		}
		// What was signed stays as it was.
		if _, err := s.DB.Exec(s.ctx, `UPDATE show_signoff SET signer = 'x' WHERE show_id = $1`, sid); err == nil {
			t.Error("a signature was changed")
		}
	})
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	eachStage(t, func(s *stage) {
		sid, it := s.planned("今早摘的蓝莓")
		s.f.Seller = flow.Seller{}
		s.SetItem(it, func(x *show.Item) { x.Script = "吃了能降血糖" })
		_, err := s.DB.Exec(s.ctx, `DELETE FROM user_role WHERE user_id = $1 AND role = 'host'`, s.host.User)
		s.ok(err)
		p, err := s.f.ReadPrestart(s.ctx, s.DB, sid)
		s.ok(err)
		if got := p.List.Missing(flow.HandPoints...); !slices.Equal(got, []string{"seller", "complaints", "host", "words"}) {
			t.Errorf("missing %v", got)
		}
		for _, x := range p.List.Points {
			if x.Key == "words" && !slices.Contains(x.What, "降血糖") {
				t.Errorf("words: %v", x.What)
			}
		}
		_, err = s.f.SignShow(s.ctx, s.desk, sid, p.List.Digest(), flow.HandPoints...)
		s.want(err, "compliance.missing")
	})
}

// TestFoodNeedsTheSellersLicence: packaged food is signed for only with a licence
// that lasts until the show; fruit as it was picked needs none.
func TestFoodNeedsTheSellersLicence(t *testing.T) {
	eachStage(t, func(s *stage) {
		sid, _ := s.planned("今早摘的蓝莓")
		food := func() compliance.Point {
			p, err := s.f.ReadPrestart(s.ctx, s.DB, sid)
			s.ok(err)
			i := slices.IndexFunc(p.List.Points, func(x compliance.Point) bool { return x.Key == "food" })
			return p.List.Points[i]
		}
		if p := food(); !p.OK {
			t.Errorf("fresh fruit: %+v", p)
		}
		_, err := s.DB.Exec(s.ctx, `UPDATE product SET dried = TRUE`)
		s.ok(err)
		day := clock.DayOf(db.Now(s.DB))
		for _, x := range []struct{ no, until, help string }{
			{"", "", "food_none"},
			{"", day.Add(900).String(), "food_none"},
			{"JY12307000000001", "", "food_until"},
			{"JY12307000000001", "next year", "food_until"},
			{"JY12307000000001", day.Add(-1).String(), "food_over"},
		} {
			s.f.Seller.FoodLicenceNo, s.f.Seller.FoodLicenceUntil = x.no, x.until
			if p := food(); p.OK || p.Help != x.help || !slices.Contains(p.What, "Blueberries") {
				t.Errorf("%+v: %+v", x, p)
			}
			p, err := s.f.ReadPrestart(s.ctx, s.DB, sid)
			s.ok(err)
			_, err = s.f.SignShow(s.ctx, s.desk, sid, p.List.Digest(), flow.HandPoints...)
			s.want(err, "compliance.missing")
		}
		s.f.Seller.FoodLicenceUntil = flow.NoEnd
		if p := food(); !p.OK || !slices.Equal(p.Seen, []string{"JY12307000000001"}) {
			t.Errorf("a filing: %+v", p)
		}
		s.f.Seller.FoodLicenceUntil = day.Add(900).String()
		s.sign(sid)

		// It runs out between the signature and the show; then it is renewed.
		s.f.Seller.FoodLicenceUntil = day.Add(-1).String()
		s.want(s.start(s.host, sid), "compliance.reopened")
		s.f.Seller.FoodLicenceUntil = day.Add(1800).String()
		s.ok(s.start(s.host, sid))
		so, _, err := compliance.LastSignoff(s.ctx, s.DB, sid)
		s.ok(err)
		i := slices.IndexFunc(so.Snapshot.Points, func(x compliance.Point) bool { return x.Key == "food" })
		if got := so.Snapshot.Points[i].Seen; !slices.Equal(got, []string{"JY12307000000001", day.Add(900).String()}) {
			t.Errorf("the record has %v", got)
		}
	})
}

func TestPracticeNeedsNoSignature(t *testing.T) {
	eachStage(t, func(s *stage) {
		sid, _ := s.planned("练一练")
		_, err := s.DB.Exec(s.ctx, `UPDATE live_show SET practice = TRUE WHERE id = $1`, sid)
		s.ok(err)
		s.ok(s.start(s.host, sid))
	})
}

func TestACorrectionIsToldAndStays(t *testing.T) {
	eachStage(t, func(s *stage) {
		_, err := s.f.Correct(s.ctx, s.host, s.Show, "三斤装", "两斤半装")
		s.ok(err)
		c := s.one(room.KindCorrection).data.(room.Correction)
		if c.Wrong != "三斤装" || c.Right != "两斤半装" || c.At.IsZero() {
			t.Errorf("%+v", c)
		}
		_, err = s.f.Correct(s.ctx, s.Person(actor.Host), s.Show, "a", "b")
		s.want(err, "show.not_yours")
		_, err = s.f.Correct(s.ctx, s.Person(actor.Buyer), s.Show, "a", "b")
		s.want(err, "show.not_yours")
		_, err = s.f.Correct(s.ctx, s.desk, s.Show, " ", "b")
		s.want(err, "fault.required")
		early := s.notice("还没开始")
		_, err = s.f.Correct(s.ctx, s.desk, early, "a", "b")
		s.want(err, "compliance.not_begun")
		// Afterwards too: a replay is watched as well.
		_, err = s.f.MoveShow(s.ctx, s.desk, s.Show, show.Ended)
		s.ok(err)
		s.clk.Add(time.Hour)
		_, err = s.f.Correct(s.ctx, s.Person(actor.Moderator), s.Show, "产自二道河", "产自三道河")
		s.ok(err)
		st, err := room.Read(s.ctx, s.DB, s.Show, 10)
		s.ok(err)
		if len(st.Corrections) != 2 || st.Corrections[1].Right != "产自三道河" {
			t.Errorf("%+v", st.Corrections)
		}
		if _, err := s.DB.Exec(s.ctx, `DELETE FROM show_correction WHERE show_id = $1`, s.Show); err == nil {
			t.Error("a correction was taken away")
		}
	})
}

func TestAnAILabelStaysWhileLive(t *testing.T) {
	eachStage(t, func(s *stage) {
		_, err := s.f.SetAI(s.ctx, s.host, s.Show, []string{show.AIVoice})
		s.ok(err)
		if e := s.one(room.KindAI).data.(room.AIEvent); !slices.Equal(e.AI, []string{show.AIVoice}) {
			t.Errorf("%+v", e)
		}
		_, err = s.f.SetAI(s.ctx, s.desk, s.Show, []string{show.AIPicture, show.AIVoice})
		s.ok(err)
		_, err = s.f.SetAI(s.ctx, s.desk, s.Show, nil)
		s.want(err, "show.ai_stays")
		_, err = s.f.SetAI(s.ctx, s.desk, s.Show, []string{"robot"})
		s.want(err, "fault.choice")
		st, err := room.Read(s.ctx, s.DB, s.Show, 10)
		s.ok(err)
		if !slices.Equal(st.AI, []string{show.AIVoice, show.AIPicture}) {
			t.Errorf("label: %v", st.AI)
		}
		// Before and after it may be put right.
		sid := s.notice("明天")
		_, err = s.f.SetAI(s.ctx, s.desk, sid, []string{show.AIHost})
		s.ok(err)
		sh, err := s.f.SetAI(s.ctx, s.desk, sid, nil)
		s.ok(err)
		if len(sh.AI) != 0 {
			t.Errorf("label: %v", sh.AI)
		}
	})
}

func TestCutShowStopsEverything(t *testing.T) {
	eachStage(t, func(s *stage) {
		p := s.Product(1000)
		s.Lot(p, s.Farm, 10)
		it := s.Item(p, 1000)
		key, err := s.f.NewStreamKey(s.ctx, s.desk, s.Show)
		s.ok(err)
		s.news(room.KindShow)

		_, err = s.f.CutShow(s.ctx, s.Person(actor.Buyer), s.Show, "x")
		s.want(err, "fault.denied")
		_, err = s.f.CutShow(s.ctx, s.host, s.Show, "x")
		s.want(err, "fault.denied") // a host has "stop"
		_, err = s.f.CutShow(s.ctx, s.desk, s.Show, "  ")
		s.want(err, "fault.required")

		sh, err := s.f.CutShow(s.ctx, s.Person(actor.Moderator), s.Show, "画面里有不该有的东西")
		s.ok(err)
		if sh.State != show.Ended || !sh.Cut || sh.CutWhy == "" {
			t.Errorf("%+v", sh)
		}
		if e := s.one(room.KindShow).data.(room.ShowEvent); e.State != "ended" || e.Cut != "画面里有不该有的东西" {
			t.Errorf("%+v", e)
		}
		if s.media[len(s.media)-1] != "cut "+string(s.Show) {
			t.Errorf("media: %v", s.media)
		}
		// The key is dead, nothing can be ordered.
		if err := s.DB.Update(s.ctx, func(tx *db.Tx) error { _, err := show.ByKey(s.ctx, tx, key); return err }); err == nil {
			t.Error("the stream key still works")
		}
		items, err := show.ItemsByID(s.ctx, s.DB, it)
		s.ok(err)
		if items[it].State != show.Off {
			t.Errorf("item is %s", items[it].State)
		}
		// Again changes nothing and tells nobody twice what was the reason.
		again, err := s.f.CutShow(s.ctx, s.desk, s.Show, "another reason")
		s.ok(err)
		if again.CutWhy != sh.CutWhy {
			t.Errorf("reason %q", again.CutWhy)
		}
	})
}
