package shop_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/webtest"
)

// state is what a page reads of /state.
type state struct {
	State  string
	Stream string
	HLS    string `json:"hls"`
	Items  []struct {
		ID    string
		No    int
		State string
		Stock int64
		Price int64 `json:"price_fen"`
	}
	Chat []struct{ Body, Name, Badge string }
	Me   struct {
		SignedIn  bool `json:"signed_in"`
		Following bool
		Reminded  bool
	}
}

func (h *hall) state(c *webtest.Client) (s state) {
	h.t.Helper()
	c.GetJSON(h.room("/state")).Is(200).JSON(&s)
	return s
}

func TestRoomPageStandsInBothLanguages(t *testing.T) {
	h := open(t, show.Live)
	for _, c := range []*webtest.Client{h.Visitor(), h.Person("Li Lei"), h.Visitor().In(i18n.English)} {
		p := c.Get(h.room("")).Is(200)
		p.Must("h1").Has("Berries of this morning")
		p.Must("#seller").Has("Lindu Test County Centre", "91230000TEST", "Xiao Zhou", "Wang Guifen", "Li Changshan", "12315")
		p.Must(".room-top button.seller-line[data-open=seller]").Has("Lindu", "Wang Guifen", "12315")
		p.Must("#chat[role=log]")
		p.Must("dialog#tray[aria-labelledby=tray-title]")
		if link := `<a href="` + h.sheet("") + `">Blueberries`; !strings.Contains(p.Body, link) {
			t.Errorf("a browser without script finds no %s", link)
		}
	}
}

func TestRoomStateIsTheTruth(t *testing.T) {
	h := open(t, show.Live)
	s := h.state(h.Visitor())
	if s.State != "live" || len(s.Items) != 1 || s.Items[0].Stock != 15 || s.Items[0].Price != 3000 || s.Items[0].State != "on_sale" {
		t.Fatalf("state = %+v", s)
	}
	if s.HLS != "/live/"+string(h.Show)+"/index.m3u8" || s.Me.SignedIn {
		t.Errorf("state = %+v", s)
	}
	h.set(show.OnSale, 2500)
	if s = h.state(h.Visitor()); s.Items[0].Price != 2500 {
		t.Errorf("price = %d after a change to 2500", s.Items[0].Price)
	}
}

func TestPictureIsToldOnlyWhileLive(t *testing.T) {
	for _, st := range []show.State{show.Announced, show.Ended} {
		h := open(t, st)
		if s := h.state(h.Visitor()); s.HLS != "" {
			t.Errorf("%s: the address of the picture is told: %s", st, s.HLS)
		}
		h.Visitor().Get(h.room("")).Is(200)
	}
}

func TestDraftIsSeenByStaffOnly(t *testing.T) {
	h := open(t, show.Draft)
	for _, path := range []string{h.room(""), h.room("/state"), h.page(""), h.page("/qr.png"), h.page("/show.ics")} {
		for who, c := range map[string]*webtest.Client{"visitor": h.Visitor(), "buyer": h.Person("Li Lei"), "other host": h.Person("Zhao", actor.Host)} {
			if p := c.GetJSON(path); p.Status != http.StatusNotFound {
				t.Errorf("%s reads %s: %d", who, path, p.Status)
			}
		}
		h.Host.GetJSON(path).Is(200)
		h.Person("Op", actor.Operator).GetJSON(path).Is(200)
	}
	for _, path := range []string{"/room/nonsense", "/room/" + strings.Repeat("0", 32)} {
		h.Visitor().Get(path).Is(http.StatusNotFound)
	}
}

func TestChat(t *testing.T) {
	h := open(t, show.Live)
	buyer := h.Person("Li Lei")
	say := func(c *webtest.Client, body string) *webtest.Page {
		return c.PostJSON(h.room("/chat"), webtest.Values("body", body))
	}
	var m struct{ Body, Name, Badge string }
	say(buyer, "  is it <b>sweet</b>?  ").Is(200).JSON(&m)
	if m.Body != "is it <b>sweet</b>?" || m.Name != "Li Lei" || m.Badge != "" {
		t.Errorf("message = %+v", m)
	}
	say(h.Host, "very").Is(200).JSON(&m)
	if m.Badge != "host" {
		t.Errorf("the host's badge is %q", m.Badge)
	}
	page := h.Visitor().Get(h.room(""))
	if strings.Contains(page.Body, "<b>sweet") {
		t.Error("markup of a message reached the page")
	}
	if s := h.state(h.Visitor()); len(s.Chat) != 2 {
		t.Errorf("%d messages in the history, want 2", len(s.Chat))
	}
	var p site.Problem
	say(h.Visitor(), "hello").Is(http.StatusUnauthorized).JSON(&p)
	if !strings.HasPrefix(p.SignIn, "/signin?next=") {
		t.Errorf("problem = %+v", p)
	}
	h.Clock.Add(time.Minute)
	say(buyer, strings.Repeat("x", 10_000)).Is(http.StatusUnprocessableEntity)
	say(buyer, strings.Repeat("x", chat.MaxRunes+1)).Is(http.StatusUnprocessableEntity)
	say(buyer, " \n ").Is(http.StatusUnprocessableEntity)
	if n := onDB(h, func(q db.Querier) (int64, error) {
		n, _, err := chat.Count(context.Background(), q, h.Show)
		return n, err
	}); n != 2 {
		t.Errorf("%d messages are stored, want 2", n)
	}
}

func TestFollowAndRemind(t *testing.T) {
	h := open(t, show.Announced)
	c := h.Person("Li Lei")
	var a struct {
		On    bool
		Count int64
	}
	c.PostJSON(h.room("/follow"), webtest.Values("on", "1")).Is(200).JSON(&a)
	if !a.On || a.Count != 1 {
		t.Errorf("follow = %+v", a)
	}
	c.PostJSON(h.page("/remind"), webtest.Values("on", "1")).Is(200).JSON(&a)
	if s := h.state(c); !s.Me.Following || !s.Me.Reminded {
		t.Errorf("me = %+v", s.Me)
	}
	c.PostJSON(h.room("/follow"), webtest.Values("on", "0")).Is(200).JSON(&a)
	if a.On || a.Count != 0 {
		t.Errorf("unfollow = %+v", a)
	}
	if n := onDB(h, func(q db.Querier) (int64, error) {
		n, _, err := account.Followers(context.Background(), q, h.Host.User.ID, "")
		return n, err
	}); n != 0 {
		t.Errorf("%d followers are stored", n)
	}
	c.Post(h.page("/remind"), webtest.Values("on", "0")).GoesTo(h.page(""))
	c.PostJSON(h.room("/follow"), webtest.Values("on", "maybe")).Is(http.StatusUnprocessableEntity)
	h.Visitor().PostJSON(h.room("/follow"), webtest.Values("on", "1")).Is(http.StatusUnauthorized)
}

func TestReport(t *testing.T) {
	h := open(t, show.Live)
	var a struct{ No, Text string }
	h.Visitor().PostJSON(h.room("/report"), webtest.Values("kind", "false_claim", "body", "not wild berries")).Is(200).JSON(&a)
	if a.No == "" || !strings.Contains(a.Text, a.No) {
		t.Errorf("answer = %+v", a)
	}
	list := onDB(h, func(q db.Querier) ([]review.Complaint, error) { return review.Open(context.Background(), q, "open") })
	if len(list) != 1 || list[0].ObjectID != string(h.Show) || list[0].Kind != "false_claim" {
		t.Errorf("complaints = %+v", list)
	}
	var p site.Problem
	h.Visitor().PostJSON(h.room("/report"), webtest.Values("kind", "nonsense")).Is(http.StatusUnprocessableEntity).JSON(&p)
	if p.Fields["kind"] == "" || p.Fields["body"] == "" {
		t.Errorf("fields = %v: all that is wrong must be told at once", p.Fields)
	}
}

func TestLikes(t *testing.T) {
	h := open(t, show.Live)
	c := h.Visitor()
	c.Get(h.room("")) // takes the visitor's cookie
	c.PostJSON(h.room("/like"), webtest.Values("n", "7")).Is(200)
	c.PostJSON(h.room("/like"), webtest.Values("n", "3")).Is(200)
	for _, n := range []string{"0", "-5", "51", "many"} {
		c.PostJSON(h.room("/like"), webtest.Values("n", n)).Is(http.StatusUnprocessableEntity)
	}
	_, likes := h.audience()
	if likes != 10 {
		t.Errorf("%d likes, want 10", likes)
	}
	over := open(t, show.Ended)
	over.Visitor().PostJSON(over.room("/like"), webtest.Values("n", "5")).Is(200)
	if _, likes := over.audience(); likes != 0 {
		t.Errorf("a show that is over got %d likes", likes)
	}
}

func (h *hall) audience() (entered, likes int64) {
	h.t.Helper()
	entered, likes, err := show.Audience(context.Background(), h.DB, h.Show)
	h.must(err)
	return entered, likes
}
