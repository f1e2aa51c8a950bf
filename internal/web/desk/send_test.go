package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/relay"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/webtest"
)

// sends says what a test wants.
type sends struct {
	status  push.Status
	retried []string
}

func (s *sends) Status(string, string) push.Status { return s.status }
func (s *sends) Retry(_, target string)            { s.retried = append(s.retried, target) }

// TestAShowIsSentOn: a platform is entered once, switched by show, its key never
// shown; how the link does is said in words.
func TestAShowIsSentOn(t *testing.T) {
	s := onAir(t)
	out := &sends{status: push.Status{State: push.Off}}
	s.Site.Sends = out
	path := s.path("/send")
	s.moderator.Get(path).Is(http.StatusForbidden)
	page := s.operator.Get(path)
	page.Must("#new-target")
	form := page.Form("#new-target").Values
	form.Set("name", "County TV")
	form.Set("server", "http://tv.example/live")
	form.Set("stream_key", "very-secret-stream-key-zz88")
	s.operator.Post(path, form).Is(http.StatusUnprocessableEntity).HasNot("very-secret").Must("#server-new-error")
	form.Set("server", "rtmp://push.tv.example/live")
	s.operator.Post(path, form).GoesTo(path)
	s.operator.Post(path, form) // tapped twice
	list, err := relay.List(t.Context(), s.DB)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	own := path + "/" + string(list[0].ID)
	want, err := s.Flow.Relays(t.Context())
	if err != nil || len(want[string(s.show)]) != 1 || want[string(s.show)][0].Key != "very-secret-stream-key-zz88" {
		t.Fatalf("what is sent: %+v, %v", want, err)
	}
	s.operator.Get(path).Has("County TV", "rtmp://push.tv.example/live", "zz88").HasNot("very-secret", "stream-key")
	s.overseer.Get(path).Has("County TV").HasNot("very-secret", "zz88").None("form[action$=switch]")

	for _, tc := range []struct {
		status push.Status
		want   []string
	}{
		{push.Status{State: push.Sending, Rate: 2.34e6, Since: s.DB.Clock.Now().Add(-5 * time.Minute), Lost: 2}, []string{"2.3 Mbit/s", "5"}},
		{push.Status{State: push.Refused, Why: "send.err_refused", Said: "<b>no such room", Tries: 3, Next: s.DB.Clock.Now().Add(9 * time.Second)}, []string{"9 秒", "推流码"}},
		{push.Status{State: push.Waiting, Why: "send.err_silent", Tries: 1}, []string{"没有回应"}},
		{push.Status{State: push.Idle}, []string{"画面"}},
	} {
		out.status = tc.status
		p := s.operator.Get(path)
		p.Has(tc.want...)
		if tc.status.Said != "" {
			p.Has("no such room").HasNot("<b>no such")
		}
		s.operator.GetJSON(path + "/state").Has(append(tc.want, `"state":"`+string(tc.status.State)+`"`)...)
	}

	s.operator.Post(own+"/retry", url.Values{})
	if len(out.retried) != 1 || out.retried[0] != string(list[0].ID) {
		t.Errorf("retried %v", out.retried)
	}
	s.moderator.Post(own+"/switch", webtest.Values("to", "off")).Is(http.StatusForbidden)
	s.operator.Post(own+"/switch", webtest.Values("to", "off"))
	if want, _ := s.Flow.Relays(t.Context()); len(want) != 0 {
		t.Errorf("after switching off: %+v", want)
	}
	// A change without a key keeps it; what is wrong is said at its field.
	s.operator.Post(own, webtest.Values("name", "", "server", "rtmp://x.example/live")).Is(http.StatusUnprocessableEntity)
	s.operator.Post(own, webtest.Values("name", "TV 2", "server", "rtmp://x.example/live"))
	s.operator.Post(own+"/switch", webtest.Values("to", "on"))
	want, _ = s.Flow.Relays(t.Context())
	if got := want[string(s.show)][0]; !strings.HasPrefix(got.Server, "rtmp://x.example") || got.Key != "very-secret-stream-key-zz88" {
		t.Errorf("after a change: %+v", got.Server)
	}
	if _, err := s.Flow.MoveShow(t.Context(), webtest.System, s.show, show.Ended); err != nil {
		t.Fatal(err)
	}
	if want, _ := s.Flow.Relays(t.Context()); len(want) != 0 {
		t.Errorf("after the show: %+v", want)
	}
	s.operator.Post(own+"/remove", url.Values{})
	s.operator.Get(path).HasNot("TV 2")
}
