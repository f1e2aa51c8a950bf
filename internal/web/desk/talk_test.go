package desk_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/sheet"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/webtest"
)

type talkJSON struct {
	Held     []struct{ ID, Body string }
	Hidden   []struct{ ID, Body, Reason string }
	Silenced []struct {
		ID, Kind, Name, Reason string
		All                    bool
	}
	Slow, Hold int
	Appeals    int
}

func (s scene) talk() (out talkJSON) {
	s.moderator.GetJSON(s.path("/talk")).Is(http.StatusOK).JSON(&out)
	return out
}

func (s scene) hears(t *testing.T, buyer *webtest.Client, body string) id.Message {
	t.Helper()
	s.Clock.Add(5 * time.Second)
	m, err := s.Flow.Say(context.Background(), buyer.Actor(), s.show, body)
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func TestTheChatDesk(t *testing.T) {
	s := onAir(t)
	buyer, other := s.Person("Buyer"), s.Person("Second", actor.Moderator)
	q := s.hears(t, buyer, "how long do they keep?")
	post := func(rest string, pairs ...string) *webtest.Page {
		return s.moderator.PostJSON(s.path(rest), webtest.Values(pairs...))
	}
	var said struct {
		Badge string
		Reply struct{ ID, Body string }
	}
	post("/say", "body", "five days", "reply", string(q)).Is(http.StatusOK).JSON(&said)
	if said.Badge != "staff" || said.Reply.ID != string(q) {
		t.Errorf("the answer %+v", said)
	}
	post("/comment", "message", string(q)).Is(http.StatusOK).Has("how long do they keep?")
	post("/comment", "message", "nonsense").Is(http.StatusNotFound)
	post("/hide", "message", string(q), "reason", "spam").Is(http.StatusOK)
	if x := s.talk(); len(x.Hidden) != 1 || x.Hidden[0].Reason != "spam" {
		t.Errorf("hidden %+v", x.Hidden)
	}
	post("/unhide", "message", string(q)).Is(http.StatusOK)

	post("/chat", "slow", "10", "hold", "-1").Is(http.StatusOK)
	post("/chat", "slow", "10", "hold", "9999").Is(http.StatusUnprocessableEntity)
	s.Clock.Add(time.Minute)
	one, two := s.hears(t, buyer, "please hold me"), id.Message("")
	s.Clock.Add(time.Minute)
	two = s.hears(t, buyer, "and me")
	if x := s.talk(); len(x.Held) != 2 || x.Hold != -1 || x.Slow != 10 {
		t.Errorf("held %+v", x)
	}
	post("/held", "message", string(two), "do", "refuse").Is(http.StatusOK)
	post("/held", "message", string(one), "do", "release").Is(http.StatusOK).Has("please hold me")
	post("/held", "message", string(one), "do", "refuse").Is(http.StatusConflict)
	post("/chat", "slow", "0", "hold", "0").Is(http.StatusOK)

	post("/mute", "user", string(buyer.User.ID), "for", "ban7").Is(http.StatusUnprocessableEntity) // no reason
	post("/mute", "user", string(buyer.User.ID), "for", "ban7", "why", "ads").Is(http.StatusOK)
	post("/mute", "user", string(other.User.ID), "for", "short", "why", "ads").Is(http.StatusConflict)
	x := s.talk()
	if len(x.Silenced) != 1 || !x.Silenced[0].All || x.Silenced[0].Kind != "ban" {
		t.Fatalf("silenced %+v", x.Silenced)
	}
	s.moderator.In(i18n.English).Get("/desk/bans").Is(http.StatusOK).Has("Buyer", "advertising or trade elsewhere")
	for _, c := range []*webtest.Client{buyer, s.host} {
		c.PostJSON(s.path("/mute"), webtest.Values("user", string(buyer.User.ID), "for", "lift")).Is(http.StatusForbidden)
	}
	s.overseer.PostJSON("/desk/bans/"+x.Silenced[0].ID+"/lift", nil).Is(http.StatusForbidden)
	other.Post("/desk/bans/"+x.Silenced[0].ID+"/lift", nil).GoesTo("/desk/bans")
	s.moderator.Get("/desk/bans?list=over").Is(http.StatusOK).Has("Buyer")
	if left := s.talk().Silenced; len(left) != 0 {
		t.Errorf("still silenced: %+v", left)
	}
	s.overseer.Get("/desk/appeals").Is(http.StatusOK).None("textarea")
}

func TestTheCentresOwnWords(t *testing.T) {
	s := onAir(t)
	s.Flow.Words = review.New() // the world's is everybody's
	en := s.moderator.In(i18n.English)
	en.Get("/desk/words?try=zui+hao+de").Is(http.StatusOK).Has("最好的", "Advertising Law")
	en.Get("/desk/words?try=fresh+berries").Is(http.StatusOK).Has("Nothing wrong")
	en.Post("/desk/words", webtest.Values("word", "sweetest ever", "kind", "absolute", "wording", "14 degrees of sugar")).GoesTo("/desk/words").Has("sweetest ever")
	en.Get("/desk/words?try=the+Sweetest,+ever").Is(http.StatusOK).Has("14 degrees of sugar")
	_, err := s.Flow.Say(context.Background(), s.host.Actor(), s.show, "the sweetest ever")
	if err == nil || !strings.Contains(i18n.For(i18n.English).Err(fault.Of(err)), "14 degrees of sugar") {
		t.Errorf("the host is told %v", err)
	}
	en.Post("/desk/words", webtest.Values("word", "x", "kind", "absolute")).Is(http.StatusUnprocessableEntity).Has("Two letters")
	s.overseer.Get("/desk/words").Is(http.StatusOK).None("form[method=post]")
	s.overseer.Post("/desk/words", webtest.Values("word", "other words", "kind", "abuse")).Is(http.StatusForbidden)

	send := func(text string) *webtest.Page {
		t.Helper()
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		f, err := m.CreateFormFile("file", "words.txt")
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(text))
		m.WriteField("kind", "abuse")
		m.Close()
		r := en.Request("POST", "/desk/words/import", nil)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b.Bytes())), int64(b.Len())
		r.Header.Set("Content-Type", m.FormDataContentType())
		return en.Do(r)
	}
	send("nasty thing\nq\nother thing").Is(http.StatusUnprocessableEntity).Has("Line 2")
	en.Get("/desk/words?try=nasty+thing").Has("Nothing wrong")
	send("nasty thing\nbest before,allow\n").GoesTo("/desk/words")
	en.Get("/desk/words?try=nasty+thing").Is(http.StatusOK).Has("nasty thing", "Abuse")
	en.Post("/desk/words/drop", webtest.Values("word", "nasty thing")).GoesTo("/desk/words")
	en.Get("/desk/words?try=nasty+thing").Has("Nothing wrong")
}

func TestTheSheetShowsWhatEachMaySee(t *testing.T) {
	s := onAir(t)
	buyer := s.Person("Buyer")
	s.hears(t, buyer, "hello from Harbin")
	s.Update(func(tx *db.Tx) error {
		return show.Sample(context.Background(), tx, s.show, 7)
	})
	s.Clock.Add(30 * time.Minute)
	path := s.path("/report")
	s.operator.In(i18n.English).Get(path).Is(http.StatusOK).Has("Live since", "Paid GMV", "Gift income", "30 min")
	s.moderator.In(i18n.English).Get(path).Is(http.StatusOK).Has("Entered", "Comments").HasNot("Paid GMV", "Orders placed", "Gift income", "¥")
	buyer.Get(path).Is(http.StatusForbidden)
	if _, err := s.Flow.MoveShow(context.Background(), webtest.System, s.show, show.Ended); err != nil {
		t.Fatal(err)
	}
	s.operator.In(i18n.English).Get(path).Is(http.StatusOK).Has("is being kept")
	if n, err := sheet.Keep(context.Background(), s.DB); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	p := s.operator.In(i18n.English).Get(path).Is(http.StatusOK).HasNot("is being kept")
	p.Must(".evening-wide svg")
	for format, kind := range map[string]string{"csv": "text/csv", "xlsx": "spreadsheetml"} {
		f := s.operator.Get(path + "?format=" + format).Is(http.StatusOK)
		if ct := f.Header.Get("Content-Type"); !strings.Contains(ct, kind) {
			t.Errorf("%s is %s", format, ct)
		}
	}
	s.operator.Get(path + "?format=exe").Is(http.StatusUnprocessableEntity)
	if over := s.operator.Get("/desk/shows?list=over").Is(http.StatusOK); !strings.Contains(over.Body, `href="`+path+`"`) {
		t.Error("the list of shows does not lead to the sheet")
	}
}
