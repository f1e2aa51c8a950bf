package flow_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/practice"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
)

// ofShow are the tables in which a practice show may leave rows, all of its own
// show; audit tells that it was held.
var ofShow = []string{"live_show", "show_item", "show_pin", "show_visit", "chat_message", "chat_pace", "practice_run", "practice_event", "practice_sound", "help_call"}

// everything reads all tables but those of shows and audit, row by row, and what
// belongs to other shows than s in those of shows.
func (st *stage) everything(s id.Show) map[string]string {
	st.Helper()
	list := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	if st.DB.Dialect == db.Postgres {
		list = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`
	}
	out := map[string]string{}
	for _, t := range st.texts1(list) {
		switch {
		case t == "audit_event" || strings.HasPrefix(t, "river") || strings.HasPrefix(t, "goose"):
			continue
		case t == "live_show":
			out[t] = st.dump(t, `WHERE id <> '`+string(s)+`'`)
		case slices.Contains(ofShow, t):
			out[t] = st.dump(t, `WHERE show_id <> '`+string(s)+`'`)
		default:
			out[t] = st.dump(t, ``)
		}
	}
	if len(out) < 40 {
		st.Fatalf("only %d tables: %v", len(out), slices.Sorted(maps.Keys(out)))
	}
	return out
}

func (st *stage) texts1(query string) []string {
	st.Helper()
	rows, err := st.DB.Query(st.ctx, query)
	list, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
	st.ok(err)
	return list
}

// dump is a table as text.
func (st *stage) dump(table, where string) string {
	st.Helper()
	query := `SELECT CAST(x AS TEXT) FROM ` + table + ` x ` + where
	if st.DB.Dialect != db.Postgres {
		cols := st.texts1(`SELECT 'coalesce(quote(' || name || '), '''')' FROM pragma_table_info('` + table + `') ORDER BY cid`)
		query = `SELECT ` + strings.Join(cols, ` || '|' || `) + ` FROM ` + table + ` ` + where
	} else {
		query = `SELECT CAST(x AS TEXT) FROM ` + table + ` x ` + where
	}
	lines := st.texts1(query)
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// goLive starts a practice with the goods of the stage's show, pins its first
// item and plays so long.
func (s *stage) practise(until time.Duration, each func(at time.Duration, p id.Show)) id.Show {
	s.Helper()
	p, err := s.f.StartPractice(s.ctx, s.host, i18n.English)
	s.ok(err)
	_, err = s.f.MoveShow(s.ctx, s.host, p, show.Live)
	s.ok(err)
	for at := time.Duration(0); at < until; at += 5 * time.Second {
		s.clk.Add(5 * time.Second)
		if each != nil {
			each(at, p)
		}
		_, err := s.f.AdvancePractice(s.ctx)
		s.ok(err)
	}
	return p
}

func TestAPracticeShowLeavesNoTraceInTheBooks(t *testing.T) {
	eachStage(t, func(s *stage) {
		goods := s.Product(1000)
		s.Lot(goods, s.Farm, 20)
		real := s.Item(goods, 1000, func(i *show.Item) { i.Script = "the best in the world" })
		before := s.everything("")
		answer := func(p id.Show) { // every question at once
			now, err := s.f.PracticeState(s.ctx, p)
			s.ok(err)
			for _, q := range now.Open {
				s.ok(s.f.AnswerPractice(s.ctx, s.host, p, q.Message))
			}
		}
		p := s.practise(5*time.Minute, func(at time.Duration, p id.Show) {
			items, err := show.Items(s.ctx, s.DB, p)
			s.ok(err)
			if at == 5*time.Second {
				s.ok(s.f.PinItem(s.ctx, s.host, p, items[0].ID))
			}
			answer(p)
			s.ok(s.f.HearPractice(s.ctx, s.host, p, practice.Sound{Heard: 2 * time.Second, Talk: time.Second, Pause: time.Second}))
		})
		answer(p) // one may come with the last step
		_, err := s.f.CallHelp(s.ctx, s.host, p)
		s.ok(err)
		_, err = s.f.MoveShow(s.ctx, s.host, p, show.Ended)
		s.ok(err)

		after := s.everything(p)
		for _, t := range slices.Sorted(maps.Keys(before)) {
			if before[t] != after[t] {
				s.Errorf("%s changed:\n%s\n->\n%s", t, before[t], after[t])
			}
		}
		_, sheet, err := s.f.PracticeSheet(s.ctx, s.host, p)
		s.ok(err)
		if sheet.Orders == 0 || sheet.Entered < 10 || len(sheet.Questions) < 3 || sheet.Answered != len(sheet.Questions) || sheet.Length != 5*time.Minute {
			s.Errorf("nobody played: %+v", sheet)
		}
		if len(sheet.Shown) != 1 || sheet.Shown[0].Orders != sheet.Orders || sheet.Worth < 1000 {
			s.Errorf("shown: %+v, worth %v", sheet.Shown, sheet.Worth)
		}
		if got := sheet.Sound; got.Percent() != 50 || got.Pause != time.Second {
			s.Errorf("sound: %+v", got)
		}
		if it, err := show.ItemsByID(s.ctx, s.DB, real); err != nil || it[real].Sold != 0 {
			s.Errorf("the real item: %+v, %v", it[real], err)
		}
		if len(s.texts) > 0 {
			s.Errorf("messages went to phones: %v", s.texts)
		}
	})
}

func TestAPracticeIsPlayedOnceAndLikeItsSeed(t *testing.T) {
	eachStage(t, func(s *stage) {
		goods := s.Product(1000)
		s.Lot(goods, s.Farm, 20)
		s.Item(goods, 1000)
		p := s.practise(3*time.Minute, func(_ time.Duration, p id.Show) {
			_, err := s.f.AdvancePractice(s.ctx) // another server, at the same moment
			s.ok(err)
		})
		run, err := practice.ByShow(s.ctx, s.DB, p)
		s.ok(err)
		events, err := practice.Events(s.ctx, s.DB, p)
		s.ok(err)
		plan := practice.NewPlan(practice.TheScript, run.Seed)
		if run.Done != len(events) || run.Done < 10 {
			s.Fatalf("%d steps, %d events", run.Done, len(events))
		}
		for i, e := range events {
			want := plan[i].Kind
			if want == practice.Decide {
				want = practice.Pass // nothing is on the card
			}
			if e.No != i || e.Viewer != plan[i].Viewer || e.Kind != want {
				s.Fatalf("event %d is %+v, the plan has %+v", i, e, plan[i])
			}
			if e.Kind == practice.Ask && e.Topic != practice.Nothing {
				s.Errorf("asked about %q while nothing was shown", e.Topic)
			}
		}
		said := s.news(room.KindChat)
		tail, err := chat.Tail(s.ctx, s.DB, p, 100)
		s.ok(err)
		if len(said) == 0 || len(said) != len(tail) {
			s.Errorf("%d told, %d in the chat", len(said), len(tail))
		}
	})
}

func TestAPracticeIsNobodyElses(t *testing.T) {
	eachStage(t, func(s *stage) {
		goods := s.Product(1000)
		s.Lot(goods, s.Farm, 20)
		it := s.Item(goods, 1000)
		other, buyer := s.Person(actor.Host), s.Person()
		p := s.practise(time.Minute, nil)

		again, err := s.f.StartPractice(s.ctx, s.host, i18n.Chinese)
		if s.ok(err); again != p {
			s.Error("two at a time")
		}
		_, err = s.f.StartPractice(s.ctx, buyer, i18n.Chinese)
		s.want(err, "fault.denied")
		_, _, err = s.f.PracticeSheet(s.ctx, other, p)
		s.want(err, "fault.not_found")
		s.want(s.f.AnswerPractice(s.ctx, other, p, "x"), "fault.not_found")
		s.want(s.f.HearPractice(s.ctx, other, p, practice.Sound{}), "fault.not_found")
		s.want(s.f.HearPractice(s.ctx, s.host, s.Show, practice.Sound{}), "fault.not_found") // no practice
		_, err = s.f.MoveShow(s.ctx, other, p, show.Ended)
		s.want(err, "show.not_yours")
		if _, _, err = s.f.PracticeSheet(s.ctx, s.desk, p); err != nil {
			s.Errorf("staff may look: %v", err)
		}

		for _, f := range []show.Filter{{}, {Host: s.host.User}, {States: []show.State{show.Live, show.Announced}}} {
			list, err := show.List(s.ctx, s.DB, f)
			s.ok(err)
			if slices.ContainsFunc(list, func(x show.Show) bool { return x.ID == p }) {
				s.Errorf("listed by %+v", f)
			}
		}
		offers, err := show.ItemsOfProduct(s.ctx, s.DB, goods)
		s.ok(err)
		if len(offers) != 1 || offers[0].ID != it {
			s.Errorf("the product is offered by %+v", offers)
		}
		// Somebody with no show of their own practises with anybody's goods.
		q, err := s.f.StartPractice(s.ctx, other, i18n.Chinese)
		s.ok(err)
		if items, err := show.Items(s.ctx, s.DB, q); err != nil || len(items) != 1 || items[0].Price != 1000 {
			s.Errorf("a trainee has %+v, %v", items, err)
		}
	})
}

func TestAPracticeEndsByItself(t *testing.T) {
	eachStage(t, func(s *stage) {
		goods := s.Product(1000)
		s.Item(goods, 1000)
		p := s.practise(time.Minute, nil)
		never, err := s.f.StartPractice(s.ctx, func() actor.Actor { return s.Person(actor.Host) }(), i18n.Chinese)
		s.ok(err)
		s.clk.Add(time.Hour + time.Second)
		_, err = s.f.AdvancePractice(s.ctx)
		s.ok(err)
		for want, x := range map[show.State]id.Show{show.Ended: p, show.Cancelled: never} {
			if sh, err := show.ByID(s.ctx, s.DB, x); err != nil || sh.State != want {
				s.Errorf("%s is %s, %v, want %s", x, sh.State, err, want)
			}
		}
		s.want(s.f.AnswerPractice(s.ctx, s.desk, p, "x"), "fault.not_found")
		if _, err := s.f.StartPractice(s.ctx, s.host, i18n.Chinese); err != nil {
			s.Errorf("not again: %v", err)
		}
	})
}

func TestHelpIsToldToTheRoom(t *testing.T) {
	eachStage(t, func(s *stage) {
		h, err := s.f.CallHelp(s.ctx, s.host, s.Show)
		s.ok(err)
		same, err := s.f.CallHelp(s.ctx, s.host, s.Show)
		s.ok(err)
		if same.ID != h.ID || len(s.news(room.KindHelp)) == 0 {
			s.Errorf("%+v, then %+v", h, same)
		}
		h, err = s.f.AnswerHelp(s.ctx, s.desk, s.Show)
		s.ok(err)
		if e := s.one(room.KindHelp); h.Name != s.desk.Name || fmt.Sprint(e.data) != fmt.Sprint(room.Help{}) {
			s.Errorf("%+v, told %+v", h, e)
		}
		s.ok(s.f.EndHelp(s.ctx, s.host, s.Show))
		_, err = s.f.AnswerHelp(s.ctx, s.desk, s.Show)
		s.want(err, "show.help_over")
	})
}

func TestNothingIsKeptForAPractice(t *testing.T) {
	eachStage(t, func(s *stage) {
		goods := s.Product(1000)
		l := s.Lot(goods, s.Farm, 20)
		s.Item(goods, 1000)
		p, err := s.f.StartPractice(s.ctx, s.host, i18n.Chinese)
		s.ok(err)
		buyer := s.Person()
		before := s.everything(p)
		_, err = s.f.Allot(s.ctx, s.desk, lot.Grant{Key: "practice", Lot: l, Show: p, Qty: shoptest.Base, Expires: s.clk.Now().Add(time.Hour)})
		s.want(err, "show.practice")
		err = s.DB.Update(s.ctx, func(tx *db.Tx) error { return show.Remind(s.ctx, tx, buyer, p, true) })
		s.want(err, "show.not_announced")
		if after := s.everything(p); before["lot_allotment"] != after["lot_allotment"] || before["show_reminder"] != after["show_reminder"] {
			s.Error("something was kept")
		}
	})
}
