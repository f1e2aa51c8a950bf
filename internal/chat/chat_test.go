package chat_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

type bundle struct {
	*testing.T
	ctx   context.Context
	d     *db.DB
	clk   *clock.Fake
	room  id.Show
	buyer actor.Actor
	mod   actor.Actor
}

func each(t *testing.T, fn func(b bundle)) {
	t.Helper()
	t.Parallel()
	start := time.Date(2026, 3, 1, 20, 0, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		b := bundle{t, t.Context(), d, d.Clock.(*clock.Fake), "", actor.Actor{User: id.New[id.User](), Name: "B", Via: "web"},
			actor.Actor{User: id.New[id.User](), Name: "M", Roles: []actor.Role{actor.Moderator}, Via: "web"}}
		b.room = b.open()
		fn(b)
	})
}

func (b bundle) open() id.Show {
	b.Helper()
	s := id.New[id.Show]()
	_, err := b.d.Exec(b.ctx, `INSERT INTO live_show (id, title, host_id, orientation, starts_us, state, created_us) VALUES ($1, 'T', 'h', 'portrait', 1, 'live', 1)`, s)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func (b bundle) say(who actor.Actor, badge, body string, slow time.Duration) (m chat.Message, err error) {
	err = b.d.Update(b.ctx, func(tx *db.Tx) error {
		m, err = chat.Post(b.ctx, tx, who, chat.New{Show: b.room, Badge: badge, Body: body, Slow: slow})
		return err
	})
	return m, err
}

func (b bundle) bodies() string {
	b.Helper()
	list, err := chat.Tail(b.ctx, b.d, b.room, 100)
	if err != nil {
		b.Fatal(err)
	}
	var out []string
	for _, m := range list {
		out = append(out, m.Body)
	}
	return strings.Join(out, "|")
}

func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	if !fault.HasKey(err, key) {
		t.Errorf("got %v, want %s", err, key)
	}
}

func TestClean(t *testing.T) {
	for raw, want := range map[string]string{
		" 你好 \r\n\t 世界 ":                            "你好 世界",
		"<script>alert(1)</script>":                 "<script>alert(1)</script>", // data; screens escape it
		"a\x00b\x1b[31mc\u200bd\ufeffe\u202ef\xffg": "ab[31mcdefg",
		"👨‍👩‍👧":                                     "👨‍👩‍👧",
		"Z" + strings.Repeat("\u0301", 40) + "!":    "Z" + strings.Repeat("\u0301", 3) + "!",
		strings.Repeat("林", chat.MaxRunes) + "\n  ": strings.Repeat("林", chat.MaxRunes),
	} {
		if got, err := chat.Clean(raw); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{"", " \n", "\u200b\u200d\x00", "\u0301"} {
		_, err := chat.Clean(raw)
		wantKey(t, err, "chat.empty")
	}
	for _, raw := range []string{strings.Repeat("a", chat.MaxRunes+1), strings.Repeat("<b>", 1<<20), strings.Repeat("a ", chat.MaxRunes/2) + "a"} {
		_, err := chat.Clean(raw)
		wantKey(t, err, "chat.long")
	}
}

func FuzzClean(f *testing.F) {
	f.Add("hello\u202e <b> 你好")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := chat.Clean(raw)
		if err != nil {
			return
		}
		if n := len([]rune(got)); n == 0 || n > chat.MaxRunes || strings.ContainsAny(got, "\n\r\t\x00\u202e\u200b") || got != strings.TrimSpace(got) {
			t.Errorf("%q became %q", raw, got)
		}
		if again, err := chat.Clean(got); err != nil || again != got {
			t.Errorf("%q cleaned again is %q, %v", got, again, err)
		}
	})
}

func TestPaceSlowModeAndRepeats(t *testing.T) {
	each(t, func(b bundle) {
		steps := []struct {
			wait time.Duration
			body string
			slow time.Duration
			want string
		}{
			{0, "one", 0, ""},
			{time.Second, "two", 0, "chat.slow"},
			{time.Second, "two", 0, ""},
			{5 * time.Second, "One!", 0, "chat.repeat"},
			{0, "three", 10 * time.Second, "chat.slow"},
			{5 * time.Second, "three", 10 * time.Second, ""},
			{chat.RepeatGap, "one", 0, ""},
			{-time.Hour, "the clock was set back", 0, ""},
		}
		for i, s := range steps {
			b.clk.Add(s.wait)
			_, err := b.say(b.buyer, "", s.body, s.slow)
			if s.want == "" && err != nil || s.want != "" && !fault.HasKey(err, s.want) {
				b.Errorf("step %d: %v, want %q", i, err, s.want)
			}
			if f := fault.Of(err); s.want != "" && (f.Kind != fault.TooMany || f.RetryAfter <= 0 || f.RetryAfter > chat.RepeatGap) {
				b.Errorf("step %d: %s, retry after %s", i, f.Kind, f.RetryAfter)
			}
		}
		for range 3 {
			if _, err := b.say(b.mod, chat.StaffBadge, "same words", time.Minute); err != nil {
				b.Errorf("staff is held up: %v", err)
			}
		}
		if _, err := b.say(actor.Actor{}, "", "hi", 0); !fault.Is(err, fault.Unauthenticated) {
			b.Errorf("anonymous: %v", err)
		}
	})
}

func TestMessagesOfOneMomentCantAllPass(t *testing.T) {
	each(t, func(b bundle) {
		var passed atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if _, err := b.say(b.buyer, "", fmt.Sprint("line ", i), 0); err == nil {
					passed.Add(1)
				} else if !fault.HasKey(err, "chat.slow") {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if passed.Load() != 1 {
			b.Errorf("%d passed", passed.Load())
		}
	})
}

func TestMuteHideAndTail(t *testing.T) {
	each(t, func(b bundle) {
		m, err := b.say(b.buyer, "", "spam", 0)
		if err != nil {
			b.Fatal(err)
		}
		mute := func(who actor.Actor, s id.Show, d time.Duration) error {
			return b.d.Update(b.ctx, func(tx *db.Tx) error {
				if d == 0 {
					return chat.LiftMute(b.ctx, tx, who, s, b.buyer.User)
				}
				_, err := chat.Silent(b.ctx, tx, who, chat.NewSanction{Kind: chat.Mute, Show: s, User: b.buyer.User, For: d, Reason: "ads"})
				return err
			})
		}
		hide := func(who actor.Actor, m id.Message) error {
			return b.d.Update(b.ctx, func(tx *db.Tx) error { _, err := chat.Hide(b.ctx, tx, who, m, ""); return err })
		}
		for name, err := range map[string]error{"mute": mute(b.buyer, b.room, time.Minute), "hide": hide(b.buyer, m.ID)} {
			if !fault.Is(err, fault.Denied) {
				b.Errorf("a buyer may %s: %v", name, err)
			}
		}
		wantKey(b.T, mute(b.mod, b.room, chat.MaxMute+1), "fault.number")
		wantKey(b.T, hide(b.mod, "none"), "fault.not_found")
		for range 2 {
			if err := hide(b.mod, m.ID); err != nil {
				b.Fatal(err)
			}
		}
		if got := b.bodies(); got != "" {
			b.Errorf("still seen: %q", got)
		}
		if all, _ := chat.TailAll(b.ctx, b.d, b.room, 10); len(all) != 1 || !all[0].Hidden {
			b.Errorf("lost from the records: %v", all)
		}
		for _, s := range []id.Show{b.room, ""} {
			if err := mute(b.mod, s, 10*time.Minute); err != nil {
				b.Fatal(err)
			}
			b.clk.Add(9*time.Minute + 30*time.Second)
			_, err = b.say(b.buyer, "", "let me in", 0)
			wantKey(b.T, err, "chat.muted")
			if f := fault.Of(err); fmt.Sprint(f.Args["Minutes"]) != "1" {
				b.Errorf("minutes left %v", f.Args["Minutes"])
			}
			if list, err := chat.Silenced(b.ctx, b.d, b.room); len(list) != 1 || list[0].User != b.buyer.User || err != nil {
				b.Errorf("mutes %v, %v", list, err)
			}
			b.clk.Add(time.Minute)
			if _, err := b.say(b.buyer, "", fmt.Sprintf("back in %q", s), 0); err != nil {
				b.Errorf("the mute does not end: %v", err)
			}
		}
		if err := mute(b.mod, b.room, time.Hour); err != nil {
			b.Fatal(err)
		}
		if err := mute(b.mod, b.room, 0); err != nil {
			b.Fatal(err)
		}
		b.clk.Add(time.Minute)
		if _, err := b.say(b.buyer, "", "lifted", 0); err != nil {
			b.Errorf("the mute is not lifted: %v", err)
		}
		if n, people, err := chat.Count(b.ctx, b.d, b.room); n != 3 || people != 1 || err != nil {
			b.Errorf("count %d, %v", n, err)
		}
		var rows int64
		b.d.QueryRow(b.ctx, `SELECT count(*) FROM audit_event WHERE action IN ('chat.hide','chat.mute') AND detail LIKE '%ads%'`).Scan(&rows)
		if rows != 0 {
			b.Error("free text in the audit trail")
		}
	})
}

func TestTailIsShortAndInOrder(t *testing.T) {
	each(t, func(b bundle) {
		for i := range chat.MaxTail + 5 {
			b.clk.Add(time.Second)
			if _, err := b.say(b.mod, chat.HostBadge, fmt.Sprint(i), 0); err != nil {
				b.Fatal(err)
			}
		}
		other := b
		other.room = b.open()
		if _, err := other.say(b.buyer, "", "elsewhere", 0); err != nil {
			b.Fatal(err)
		}
		for ask, want := range map[int]int{3: 3, 1000: chat.MaxTail, -1: 0} {
			list, err := chat.Tail(b.ctx, b.d, b.room, ask)
			if err != nil || len(list) != want {
				b.Fatalf("asked %d: %d, %v", ask, len(list), err)
			}
			for i, m := range list {
				if m.Body != fmt.Sprint(chat.MaxTail+5-want+i) {
					b.Fatalf("asked %d: line %d is %q", ask, i, m.Body)
				}
			}
		}
	})
}
