package desk_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/watch"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/webtest"
)

type roomsPulseJSON struct {
	Rooms map[id.Show]struct {
		State   string `json:"state"`
		Figures *struct {
			GMV int64 `json:"gmv_fen"`
		} `json:"figures"`
	} `json:"rooms"`
	Alerts []struct {
		ID, Topic, Text, Do string
		Show                id.Show
	} `json:"alerts"`
	Help []struct {
		Show id.Show `json:"show"`
		By   string  `json:"by"`
		Here bool    `json:"here"`
	} `json:"help"`
	More []id.Show `json:"more"`
}

func (s scene) roomsPulse(c *webtest.Client, shows ...id.Show) (p roomsPulseJSON) {
	q := url.Values{}
	for _, x := range shows {
		q.Add("show", string(x))
	}
	body := c.GetJSON("/desk/rooms/pulse?" + q.Encode()).Is(http.StatusOK).Body
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		panic(err)
	}
	return p
}

// another show, announced for later.
func (s scene) another(t *testing.T, title string, starts time.Time) id.Show {
	t.Helper()
	x, err := s.Flow.SaveShow(t.Context(), webtest.System, show.Show{Title: title, Host: s.host.User.ID, Orientation: show.Portrait, Starts: starts})
	if err == nil {
		_, err = s.Flow.MoveShow(t.Context(), webtest.System, x, show.Announced)
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestManyRoomsShowWhatEachRoleMaySee(t *testing.T) {
	s := onAir(t)
	later := s.another(t, "Tomorrow's honey", webtest.Start.Add(20*time.Hour))
	s.Visitor().Get("/desk/rooms").Is(http.StatusUnauthorized)
	s.host.Get("/desk/rooms").Is(http.StatusForbidden)
	for _, l := range []i18n.Lang{i18n.Chinese, i18n.English} {
		page := s.operator.In(l).Get("/desk/rooms").Is(http.StatusOK)
		page.Must(`.tile[data-show="` + string(s.show) + `"]`)
		page.Must(`.empty-tile`)
		page.Has("honey")
		for _, do := range []string{"next", "price", "stock", "hide", "mute", "move", "help", "kill"} {
			page.Must(`[data-do="` + do + `"]`)
		}
	}
	mod := s.moderator.Get("/desk/rooms").Is(http.StatusOK)
	mod.Must(`[data-do="hide"]`)
	mod.Must(`[data-do="kill"]`)
	for _, hidden := range []string{`[data-at="paid"]`, `[data-do="price"]`, `[data-do="move"]`} {
		mod.None(hidden)
	}
	over := s.overseer.Get("/desk/rooms").Is(http.StatusOK)
	over.Must(`[data-at="paid"]`)
	over.None(`#bar`)
	if p := s.roomsPulse(s.moderator, s.show); p.Rooms[s.show].Figures != nil {
		t.Error("a moderator sees money")
	}
	p := s.roomsPulse(s.operator, later)
	if p.Rooms[later].State != "announced" || p.Rooms[later].Figures == nil || len(p.More) != 1 || p.More[0] != s.show {
		t.Errorf("%+v", p)
	}
	chosen := s.operator.Get("/desk/rooms?show=" + string(later))
	chosen.Must(`.tile[data-show="` + string(later) + `"]`)
	chosen.None(`.tile[data-show="` + string(s.show) + `"]`)
	many := "/desk/rooms/pulse?" + strings.Repeat("show="+string(s.show)+"&", 7)
	s.operator.GetJSON(many).Is(http.StatusUnprocessableEntity)
	s.operator.Get(strings.Replace(many, "/pulse", "", 1)).Is(http.StatusOK).Must("#too-many")
	chosen.None("#too-many")
	s.operator.GetJSON("/desk/rooms/pulse?show=x").Is(http.StatusNotFound)
}

func TestACallForHelpIsHeardInEveryRoomAndAnswered(t *testing.T) {
	s := onAir(t)
	if _, err := s.Flow.CallHelp(t.Context(), s.host.Actor(), s.show); err != nil {
		t.Fatal(err)
	}
	if p := s.roomsPulse(s.moderator); len(p.Help) != 1 || p.Help[0].Show != s.show || p.Help[0].Here || p.Help[0].By != "" {
		t.Errorf("%+v", p.Help)
	}
	to := s.path("/help")
	s.host.PostJSON(to, url.Values{"do": {"answer"}}).Is(http.StatusForbidden)
	s.operator.PostJSON(to, url.Values{"do": {"nothing"}}).Is(http.StatusUnprocessableEntity)
	s.operator.PostJSON(to, url.Values{"do": {"answer"}}).Is(http.StatusOK).Has("Op")
	s.moderator.PostJSON(to, url.Values{"do": {"answer"}}).Is(http.StatusOK).Has("Op") // who was first stays
	if p := s.roomsPulse(s.moderator, s.show); len(p.Help) != 1 || p.Help[0].By != "Op" || !p.Help[0].Here {
		t.Errorf("%+v", p.Help)
	}
	s.operator.PostJSON(to, url.Values{"do": {"over"}}).Is(http.StatusOK)
	if p := s.roomsPulse(s.moderator); len(p.Help) != 0 {
		t.Errorf("%+v", p.Help)
	}
	s.operator.PostJSON(to, url.Values{"do": {"answer"}}).Is(http.StatusGone)
}

func TestAlertsAreInWordsAndSilentForWhoHasSeenThem(t *testing.T) {
	s := onAir(t)
	s.Site.Watch = &watch.Watch{DB: s.DB, Rules: watch.DefaultRules(), See: func(id.Show) watch.Sight { return watch.Sight{Stream: "live"} }}
	s.Site.Watch.Rules.LowUnits = 10
	if err := s.Site.Watch.Look(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := s.roomsPulse(s.operator.In(i18n.English), s.show)
	if len(p.Alerts) != 1 || !strings.Contains(p.Alerts[0].Text, "10") || !strings.Contains(p.Alerts[0].Text, "Blueberries") || p.Alerts[0].Do == "" || strings.Contains(p.Alerts[0].Text, "rooms.") {
		t.Fatalf("%+v", p.Alerts)
	}
	if q := s.roomsPulse(s.moderator, s.show); len(q.Alerts) != 0 {
		t.Errorf("a moderator sees stock: %+v", q.Alerts)
	}
	quiet := url.Values{"show": {string(s.show)}, "alert": {p.Alerts[0].ID}, "for": {"seen"}}
	s.overseer.PostJSON("/desk/rooms/quiet", quiet).Is(http.StatusForbidden)
	s.operator.PostJSON("/desk/rooms/quiet", url.Values{"show": {string(s.show)}, "alert": {""}, "for": {"seen"}}).Is(http.StatusUnprocessableEntity)
	s.operator.PostJSON("/desk/rooms/quiet", quiet).Is(http.StatusOK)
	if q := s.roomsPulse(s.operator, s.show); len(q.Alerts) != 0 {
		t.Errorf("still told: %+v", q.Alerts)
	}
	if q := s.roomsPulse(s.overseer, s.show); len(q.Alerts) != 1 {
		t.Errorf("silent for everybody: %+v", q.Alerts)
	}
}

// TestWhatTheHostWantedToSayIsTold: the word and a proposal, and nothing of
// what buyers try.
func TestWhatTheHostWantedToSayIsTold(t *testing.T) {
	s := onAir(t)
	s.Site.Watch = &watch.Watch{DB: s.DB, Rules: watch.Rules{Drop: 40, Floor: 20}, See: func(id.Show) watch.Sight { return watch.Sight{Stream: "live"} }}
	s.Flow.Words = review.New()
	const sentence = "这是全国第一的蓝莓，快来买"
	for _, who := range []actor.Actor{s.host.Actor(), s.Person("Buyer").Actor()} {
		_, _ = s.Flow.Say(t.Context(), who, s.show, sentence) // the host's is refused, a buyer may praise
	}
	if _, err := s.Flow.Say(t.Context(), s.Person("Other").Actor(), s.show, "加微信 vx123456 便宜"); err == nil {
		t.Fatal("a way around the till was let through")
	}
	if err := s.Site.Watch.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := s.roomsPulse(s.moderator, s.show)
	if len(p.Alerts) != 1 || !strings.HasPrefix(p.Alerts[0].Topic, "words:") || strings.Contains(p.Alerts[0].Text+p.Alerts[0].Do, "review.") || strings.Contains(p.Alerts[0].Text, "快来买") {
		t.Errorf("%+v", p.Alerts)
	}
}

func TestOverlayIsOnlyForItsAddressAndShowsNobody(t *testing.T) {
	s := onAir(t)
	to := s.path("/overlay")
	s.moderator.Get(to).Is(http.StatusForbidden)
	s.operator.Get(to).Is(http.StatusOK)
	s.operator.Post(to, url.Values{}).Is(http.StatusSeeOther)
	token := func() string {
		t.Helper()
		x, err := show.Overlay(t.Context(), s.DB, s.Site.Vault, s.operator.Actor(), s.show)
		if err != nil || x == "" {
			t.Fatal(x, err)
		}
		return x
	}
	first := token()
	s.operator.Get(to).Is(http.StatusOK).Has("/overlay/" + first)
	if _, err := s.Flow.Say(t.Context(), s.host.Actor(), s.show, "hello from a person"); err != nil {
		t.Fatal(err)
	}
	if err := s.Flow.PinItem(t.Context(), webtest.System, s.show, s.item); err != nil {
		t.Fatal(err)
	}
	for _, rest := range []string{"", "/state", "/qr.png"} {
		s.Visitor().Get("/overlay/" + first + rest).Is(http.StatusOK)
	}
	body := s.Visitor().Get("/overlay/"+first).Body + s.Visitor().GetJSON("/overlay/"+first+"/state").Body
	if strings.Contains(body, "hello from a person") || strings.Contains(body, `"chat"`) || strings.Contains(body, string(s.host.User.ID)) {
		t.Error("the overlay knows people")
	}
	if !strings.Contains(body, `"price_fen":3990`) || !strings.Contains(body, `"pinned":"`+string(s.item)) {
		t.Error(body)
	}
	s.Visitor().Get("/overlay/" + strings.Repeat("A", len(first))).Is(http.StatusNotFound)
	s.Visitor().Get("/overlay/x").Is(http.StatusNotFound)
	s.operator.Post(to, url.Values{})
	second := token()
	s.Visitor().Get("/overlay/" + first).Is(http.StatusNotFound)
	s.Visitor().Get("/overlay/" + second).Is(http.StatusOK)
	s.moderator.Post(to+"/revoke", url.Values{}).Is(http.StatusForbidden)
	s.operator.Post(to+"/revoke", url.Values{}).Is(http.StatusSeeOther)
	s.Visitor().GetJSON("/overlay/" + second + "/state").Is(http.StatusNotFound)
	var clear int64
	err := s.DB.QueryRow(t.Context(), `SELECT count(*) FROM show_overlay WHERE token_enc LIKE '%' || $1 || '%' OR token_hash = $1`, second).Scan(&clear)
	if err != nil || clear != 0 {
		t.Error("the token stands in the table in the clear", err)
	}
	if err := s.DB.Update(t.Context(), func(tx *db.Tx) error {
		_, err := show.NewOverlay(t.Context(), tx, s.Site.Vault, actor.Actor{User: s.host.User.ID, Roles: []actor.Role{actor.Host}}, s.show)
		return err
	}); err == nil {
		t.Error("a host makes an overlay")
	}
}
