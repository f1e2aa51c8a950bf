package studio_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/waitlist"
	"lindu.example/lindu/internal/web/studio"
	"lindu.example/lindu/internal/web/webtest"
)

func TestHostModeIsOneScreenWithoutTyping(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	host := w.Person("Host", actor.Host)
	path, _ := planned(t, w, host)
	home := host.Get("/studio").Is(http.StatusOK)
	home.Must(`a[href="` + path + `/live"]`)
	home.Must(`form[action="/studio/practice"]`)
	host.Get(path).Is(http.StatusOK).Must(`a[href="` + path + `/live"]`)
	for _, lang := range i18n.Langs {
		page := host.In(lang).Get(path + "/live").Is(http.StatusOK).None("#host input").None("#host textarea").None(".practice-band")
		for _, sel := range []string{"#go", "#help", "#picture"} {
			page.Must(sel)
		}
	}
	w.Person("Other", actor.Host).Get(path + "/live").Is(http.StatusNotFound)
	w.Person("Buyer").Get(path + "/live").Is(http.StatusForbidden)
}

func TestACallForHelpIsAnsweredOnTheHostsScreen(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	host := w.Person("Host", actor.Host)
	path, _ := planned(t, w, host)
	var st struct{ Help *struct{ Name string } }
	host.PostJSON(path+"/help", webtest.Values("on", "1")).Is(http.StatusOK)
	host.PostJSON(path+"/help", webtest.Values("on", "1")).Is(http.StatusOK)
	host.GetJSON(path + "/live/state").Is(http.StatusOK).JSON(&st)
	if st.Help == nil || st.Help.Name != "" {
		t.Fatalf("called: %+v", st)
	}
	op := w.Person("Lin", actor.Operator)
	if _, err := w.Flow.AnswerHelp(context.Background(), op.User.Actor("web"), showOf(path)); err != nil {
		t.Fatal(err)
	}
	host.GetJSON(path + "/live/state").Is(http.StatusOK).JSON(&st)
	if st.Help == nil || st.Help.Name != "Lin" {
		t.Errorf("answered: %+v", st.Help)
	}
	host.PostJSON(path+"/help", webtest.Values("on", "0")).Is(http.StatusOK)
	st.Help = nil
	if host.GetJSON(path + "/live/state").Is(http.StatusOK).JSON(&st); st.Help != nil {
		t.Errorf("over: %+v", st.Help)
	}
	host.PostJSON(path+"/help", webtest.Values("on", "2")).Is(http.StatusUnprocessableEntity)
	w.Person("Other", actor.Host).PostJSON(path+"/help", webtest.Values("on", "1")).Is(http.StatusNotFound)
}

// Who waits for more of a sold-out item is told to the host, who can say so.
func TestTheHostSeesWhoWaits(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	host := w.Person("Host", actor.Host)
	path, _ := planned(t, w, host)
	item := id.New[id.Item]()
	for i, units := range []int64{2, 3} {
		b := w.Person("Buyer " + string(rune('a'+i)))
		w.Update(func(tx *db.Tx) error {
			_, err := waitlist.Join(t.Context(), tx, b.User.Actor("web"), showOf(path), item, units, false)
			return err
		})
	}
	var st struct{ Waits map[id.Item]waitlist.Demand }
	host.GetJSON(path + "/live/state").Is(http.StatusOK).JSON(&st)
	if got := st.Waits[item]; got != (waitlist.Demand{People: 2, Units: 5}) {
		t.Errorf("%+v", st.Waits)
	}
}

func TestAPracticeFromStartToSheet(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	host := w.Person("Host", actor.Host)
	host.PostJSON("/studio/practice", nil).Is(http.StatusConflict) // nothing to practise with
	real, item := planned(t, w, host)
	path := strings.TrimSuffix(host.In(i18n.English).Post("/studio/practice", nil).Is(http.StatusSeeOther).Header.Get("Location"), "/live")
	if u, err := url.Parse(path); err != nil || path == real || !strings.HasPrefix(u.Path, "/studio/shows/") {
		t.Fatalf("led to %q", path)
	}
	host.Get("/studio").Is(http.StatusOK).Must(`a[href="` + path + `/live"]`)
	host.Get(path + "/live").Is(http.StatusOK).Must(".practice-band")

	var st struct {
		State string
		Items []struct{ ID string }
		Play  struct {
			Orders, Asked, Answered int
			Open                    []struct{ Message, Topic string }
			Coach                   map[string]string
		}
	}
	read := func() { t.Helper(); st.Play.Open = nil; host.GetJSON(path + "/live/state").Is(http.StatusOK).JSON(&st) }
	host.PostJSON(path+"/move", webtest.Values("to", "live")).Is(http.StatusOK)
	read()
	if len(st.Items) != 1 || st.Items[0].ID == string(item) {
		t.Fatalf("the practice has %+v", st.Items)
	}
	host.PostJSON(path+"/pin", webtest.Values("item", st.Items[0].ID)).Is(http.StatusOK)
	for range 20 { // a hundred seconds of audience
		w.Clock.Add(5 * time.Second)
		if _, err := w.Flow.AdvancePractice(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if len(st.Play.Open) == 0 || st.Play.Coach[st.Play.Open[0].Topic] == "" {
		t.Fatalf("nobody asks, or the coach is silent: %+v", st.Play)
	}
	host.PostJSON(path+"/answered", webtest.Values("message", st.Play.Open[0].Message)).Is(http.StatusOK)
	host.PostJSON(path+"/sound", webtest.Values("heard", "10000", "talk", "6000", "pause", "2000")).Is(http.StatusOK)
	host.PostJSON(path+"/sound", webtest.Values("heard", "-1", "talk", "0", "pause", "0")).Is(http.StatusUnprocessableEntity)
	host.PostJSON(real+"/sound", webtest.Values("heard", "1", "talk", "1", "pause", "1")).Is(http.StatusNotFound)
	if read(); st.Play.Answered != 1 {
		t.Errorf("answered: %+v", st.Play)
	}
	sheet := "/studio/practice/" + string(showOf(path))
	host.PostJSON(path+"/move", webtest.Values("to", string(show.Ended))).Is(http.StatusOK)
	host.Get(path + "/live").GoesTo(sheet)
	told := host.Get(sheet).Is(http.StatusOK).Has("60%").Has("Rice")
	told.Must(".evening")
	told.Must(".practice-band")
	host.In(i18n.Chinese).Get(sheet).Is(http.StatusOK)
	w.Person("Op", actor.Operator).Get(sheet).Is(http.StatusOK)
	w.Person("Other", actor.Host).Get(sheet).Is(http.StatusNotFound)
	w.Person("Buyer").Get(sheet).Is(http.StatusForbidden)
	host.Get("/studio/practice/" + string(showOf(real))).Is(http.StatusNotFound)
}

// showOf is the show of a path /studio/shows/{id}.
func showOf(path string) id.Show { return id.Show(strings.TrimPrefix(path, "/studio/shows/")) }
