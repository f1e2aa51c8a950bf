package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

func (b bundle) do(fn func(tx *db.Tx) error) error { return b.d.Update(b.ctx, fn) }

func (b bundle) hold(seconds int) {
	b.Helper()
	if err := b.do(func(tx *db.Tx) error { return chat.SetHold(b.ctx, tx, b.mod, b.room, seconds) }); err != nil {
		b.Fatal(err)
	}
	b.release()
}

func (b bundle) release() (n int) {
	b.Helper()
	err := b.do(func(tx *db.Tx) error {
		out, err := chat.ReleaseDue(b.ctx, tx, 1000)
		n = len(out)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func (b bundle) person() actor.Actor {
	return actor.Actor{User: id.New[id.User](), Name: "P", Via: "web"}
}

func TestHeldMessagesWaitForTimeOrModerators(t *testing.T) {
	each(t, func(b bundle) {
		b.hold(10)
		m, err := b.say(b.buyer, "", "first", 0)
		if err != nil || m.State != chat.Held || !m.Due.Equal(b.clk.Now().Add(10*time.Second)) {
			b.Fatalf("%+v, %v", m, err)
		}
		if s, err := b.say(b.mod, chat.StaffBadge, "staff", 0); err != nil || s.State != chat.Shown {
			b.Errorf("staff is held: %v", err)
		}
		b.clk.Add(9 * time.Second)
		b.release()
		if got := b.bodies(); got != "staff" {
			b.Errorf("seen too early: %q", got)
		}
		if mine, err := chat.Waiting(b.ctx, b.d, b.room, b.buyer.User); len(mine) != 1 || err != nil {
			b.Errorf("the writer sees %v, %v", mine, err)
		}
		if others, _ := chat.Waiting(b.ctx, b.d, b.room, b.mod.User); len(others) != 0 {
			b.Error("another sees it as theirs")
		}
		b.clk.Add(2 * time.Second)
		if n := b.release(); n != 1 || b.release() != 0 {
			b.Errorf("released %d", n)
		}
		if got := b.bodies(); got != "staff|first" {
			b.Errorf("order %q", got)
		}
		b.hold(chat.HoldAll)
		two, _ := b.say(b.buyer, "", "two", 0)
		b.clk.Add(time.Hour)
		three, _ := b.say(b.buyer, "", "three", 0)
		if n := b.release(); n != 0 {
			b.Errorf("the clock released %d", n)
		}
		decide := func(who actor.Actor, m id.Message, show bool) error {
			return b.do(func(tx *db.Tx) error {
				if show {
					_, err := chat.Release(b.ctx, tx, who, m)
					return err
				}
				_, err := chat.Refuse(b.ctx, tx, who, m, "not now")
				return err
			})
		}
		if err := decide(b.buyer, two.ID, true); !fault.Is(err, fault.Denied) {
			b.Errorf("a buyer releases: %v", err)
		}
		for range 2 {
			if err := decide(b.mod, three.ID, true); err != nil {
				b.Fatal(err)
			}
			if err := decide(b.mod, two.ID, false); err != nil {
				b.Fatal(err)
			}
		}
		wantKey(b.T, decide(b.mod, three.ID, false), "chat.decided")
		if got := b.bodies(); got != "staff|first|three" {
			b.Errorf("seen %q", got)
		}
		if out, err := chat.Out(b.ctx, b.d, b.buyer.User); len(out) != 1 || out[0].Reason != "not now" || err != nil {
			b.Errorf("the writer is told %v, %v", out, err)
		}
		for i := range chat.MaxHeld {
			if _, err := b.say(b.person(), "", fmt.Sprint("many ", i), 0); err != nil {
				b.Fatal(err)
			}
		}
		_, err = b.say(b.person(), "", "one too many", 0)
		wantKey(b.T, err, "chat.full")
	})
}

// TestHeldOrderLimitsAndCopies plays a room at random beside a plain model: no
// message overtakes another unless a moderator let it, nobody beats the pace or
// says the same twice, and the crowd's copies stop at the limit.
func TestHeldOrderLimitsAndCopies(t *testing.T) {
	each(t, func(b bundle) {
		rapid.Check(b.T, func(rt *rapid.T) {
			b := b
			b.room = b.open()
			people := make([]actor.Actor, 4)
			for i := range people {
				people[i] = b.person()
			}
			type line struct {
				who  int
				body string
				at   time.Time
			}
			var written []line // of those taken
			order := map[id.Message]int{}
			moved := map[id.Message]bool{}
			texts := []string{"ok", "三斤装的还有吗主播", "同样的话说八个字", "a longer sentence to copy", "666"}
			for range rapid.IntRange(5, 25).Draw(rt, "steps") {
				switch rapid.IntRange(0, 5).Draw(rt, "what") {
				case 0:
					b.hold(rapid.SampledFrom([]int{0, 0, 3, 10, chat.HoldAll}).Draw(rt, "hold"))
				case 1:
					list, err := chat.Waiting(b.ctx, b.d, b.room, "")
					if err != nil {
						rt.Fatal(err)
					}
					if len(list) > 0 {
						m := rapid.SampledFrom(list).Draw(rt, "pick").ID
						moved[m] = true
						if err := b.do(func(tx *db.Tx) error { _, err := chat.Release(b.ctx, tx, b.mod, m); return err }); err != nil {
							rt.Fatal(err)
						}
					}
				default:
					who, body := rapid.IntRange(0, 3).Draw(rt, "who"), rapid.SampledFrom(texts).Draw(rt, "body")
					now := b.clk.Now()
					want := ""
					copies := map[int]bool{}
					for _, l := range written {
						same := l.body == body && now.Sub(l.at) < chat.RepeatGap
						switch {
						case l.who == who && now.Sub(l.at) < chat.MinGap:
							want = "chat.slow"
						case l.who == who && same && want == "":
							want = "chat.repeat"
						case l.who != who && same:
							copies[l.who] = true
						}
					}
					if want == "" && len(copies) >= chat.MaxCopies && len([]rune(strings.ReplaceAll(body, " ", ""))) >= chat.CopyRunes {
						want = "chat.copies"
					}
					m, err := b.say(people[who], "", body, 0)
					if want == "" && err != nil || want != "" && !fault.HasKey(err, want) {
						rt.Fatalf("%d says %q at %s: %v, want %q", who, body, now, err, want)
					}
					if err == nil {
						order[m.ID] = len(written)
						written = append(written, line{who, body, now})
					}
				}
				b.clk.Add(time.Duration(rapid.IntRange(0, 4).Draw(rt, "wait"))*time.Second + time.Millisecond) // no two moments are the same: ids of one millisecond need not sort
				b.release()
			}
			list, err := chat.Tail(b.ctx, b.d, b.room, chat.MaxTail)
			if err != nil {
				rt.Fatal(err)
			}
			last := -1
			for _, m := range list {
				if moved[m.ID] {
					continue
				}
				if order[m.ID] < last {
					rt.Fatalf("%q overtook", m.Body)
				}
				last = order[m.ID]
			}
		})
	})
}

func TestRepliesPinsAndHiding(t *testing.T) {
	each(t, func(b bundle) {
		q, _ := b.say(b.buyer, "", "how long does it keep?", 0)
		var a chat.Message
		answer := func(to id.Message) error {
			return b.do(func(tx *db.Tx) (err error) {
				a, err = chat.Post(b.ctx, tx, b.mod, chat.New{Show: b.room, Badge: chat.StaffBadge, Body: "five days", Reply: to})
				return err
			})
		}
		if err := answer(q.ID); err != nil || a.Reply == nil || a.Reply.Body != q.Body {
			b.Fatalf("%+v, %v", a, err)
		}
		wantKey(b.T, answer("none"), "fault.not_found")
		pin := func(who actor.Actor, m id.Message) error {
			return b.do(func(tx *db.Tx) error { return chat.PinComment(b.ctx, tx, who, b.room, m) })
		}
		if err := pin(b.buyer, q.ID); !fault.Is(err, fault.Denied) {
			b.Errorf("a buyer pins: %v", err)
		}
		if err := pin(b.mod, q.ID); err != nil {
			b.Fatal(err)
		}
		if p, err := chat.Pinned(b.ctx, b.d, b.room); err != nil || p == nil || p.ID != q.ID {
			b.Errorf("pinned %v, %v", p, err)
		}
		change := func(fn func(tx *db.Tx) (chat.Message, error)) {
			b.Helper()
			if err := b.do(func(tx *db.Tx) error { _, err := fn(tx); return err }); err != nil {
				b.Fatal(err)
			}
		}
		change(func(tx *db.Tx) (chat.Message, error) { return chat.Hide(b.ctx, tx, b.mod, q.ID, "off topic") })
		if p, err := chat.Pinned(b.ctx, b.d, b.room); err != nil || p != nil {
			b.Errorf("a hidden message is pinned: %v, %v", p, err)
		}
		wantKey(b.T, pin(b.mod, q.ID), "chat.gone")
		list, _ := chat.Tail(b.ctx, b.d, b.room, 10)
		if len(list) != 1 || list[0].Reply == nil || list[0].Reply.Body != "" {
			b.Errorf("the quote shows what is hidden: %+v", list)
		}
		if out, _ := chat.Out(b.ctx, b.d, b.buyer.User); len(out) != 1 || out[0].Reason != "off topic" {
			b.Errorf("the writer is told %v", out)
		}
		change(func(tx *db.Tx) (chat.Message, error) { return chat.Unhide(b.ctx, tx, b.mod, q.ID) })
		if got := b.bodies(); got != q.Body+"|five days" {
			b.Errorf("after un-hiding: %q", got)
		}
	})
}

func TestBansAndAppeals(t *testing.T) {
	each(t, func(b bundle) {
		var sid id.Sanction
		ban := func(who actor.Actor, d time.Duration, reason string) error {
			return b.do(func(tx *db.Tx) (err error) {
				sid, err = chat.Silent(b.ctx, tx, who, chat.NewSanction{Kind: chat.Ban, Show: b.room, User: b.buyer.User, For: d, Reason: reason})
				return err
			})
		}
		wantKey(b.T, ban(b.mod, chat.MaxBan+1, "x"), "fault.number")
		wantKey(b.T, ban(b.mod, time.Hour, " "), "fault.required")
		if err := ban(b.mod, 7*24*time.Hour, "sells elsewhere"); err != nil {
			b.Fatal(err)
		}
		here := b.room
		b.room = b.open() // of all rooms
		_, err := b.say(b.buyer, "", "hello", 0)
		wantKey(b.T, err, "chat.banned")
		if f := fault.Of(err); fmt.Sprint(f.Args["Days"], f.Args["Reason"]) != "7 sells elsewhere" && fmt.Sprint(f.Args["Days"]) != "7" {
			b.Errorf("told %v", f.Args)
		}
		b.room = here
		ask := func(who actor.Actor, kind, object string) error {
			return b.do(func(tx *db.Tx) error { _, err := chat.Ask(b.ctx, tx, who, kind, object, "I did not"); return err })
		}
		if err := ask(b.mod, chat.OfSanction, string(sid)); !fault.Is(err, fault.NotFound) {
			b.Errorf("another appeals: %v", err)
		}
		if err := ask(b.buyer, chat.OfSanction, string(sid)); err != nil {
			b.Fatal(err)
		}
		wantKey(b.T, ask(b.buyer, chat.OfSanction, string(sid)), "chat.appeal_once")
		open, err := chat.Appeals(b.ctx, b.d, chat.Open)
		if err != nil || len(open) != 1 || open[0].Against != b.mod.User {
			b.Fatalf("%v, %v", open, err)
		}
		second := actor.Actor{User: id.New[id.User](), Roles: []actor.Role{actor.Moderator}, Via: "web"}
		settle := func(who actor.Actor, others bool) error {
			return b.do(func(tx *db.Tx) error {
				_, err := chat.Answer(b.ctx, tx, who, open[0].ID, true, "you are right", others)
				return err
			})
		}
		wantKey(b.T, settle(b.mod, true), "chat.appeal_own")
		if err := settle(b.buyer, true); !fault.Is(err, fault.Denied) {
			b.Errorf("a buyer answers: %v", err)
		}
		if err := settle(second, true); err != nil {
			b.Fatal(err)
		}
		wantKey(b.T, settle(second, true), "chat.appeal_done")
		if _, err := b.say(b.buyer, "", "thank you", 0); err != nil {
			b.Errorf("still banned: %v", err)
		}
		wantKey(b.T, ask(b.buyer, chat.OfSanction, string(sid)), "chat.appeal_over")
		bans, err := chat.Bans(b.ctx, b.d, true)
		if err != nil || !slices.ContainsFunc(bans, func(s chat.Sanction) bool { return s.ID == sid && s.LiftedBy == second.User }) {
			b.Errorf("the list forgets: %v, %v", bans, err)
		}
		m, _ := chat.Tail(b.ctx, b.d, b.room, 1)
		if err := b.do(func(tx *db.Tx) error { _, err := chat.Hide(b.ctx, tx, b.mod, m[0].ID, ""); return err }); err != nil {
			b.Fatal(err)
		}
		if err := ask(b.buyer, chat.OfMessage, string(m[0].ID)); err != nil {
			b.Fatal(err)
		}
		open, _ = chat.Appeals(b.ctx, b.d, chat.Open)
		if err := settle(b.mod, false); err != nil { // nobody else is there
			b.Fatal(err)
		}
		if got := b.bodies(); !strings.HasSuffix(got, "thank you") {
			b.Errorf("not seen again: %q", got)
		}
	})
}
