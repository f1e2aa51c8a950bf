package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAPushedCopyPlaysAtASecondInstance: a show of one centre is sent on to
// another one's RTMP port, as to any platform, and plays there; switched off, it
// stops there and goes on here.
func TestAPushedCopyPlaysAtASecondInstance(t *testing.T) {
	a := startDemo(t, "--quiet-buyers", "--set", "live.send_private=true")
	b := startDemo(t, "--quiet-buyers", "--no-picture")
	path := "/desk/shows/" + a.Show.ID + "/send"
	a.ask(t, "operator", "POST", path, url.Values{"key": {"send-1"}, "name": {"the other centre"}, "server": {b.RTMP}, "stream_key": {b.Show.StreamKey}}, http.StatusSeeOther)

	links := func() (target, state string) {
		var l map[string]struct{ State string }
		if err := json.Unmarshal(a.ask(t, "operator", "GET", path+"/state", nil, http.StatusOK), &l); err != nil {
			t.Fatal(err)
		}
		for target, x := range l {
			return target, x.State
		}
		return "", ""
	}
	eventually(t, step, "it is sent", func() bool { _, s := links(); return s == "sending" })
	newest := func(hls string) string {
		status, list := get(t, strings.Replace(hls, "index.m3u8", "low.m3u8", 1))
		if status != http.StatusOK {
			return ""
		}
		lines := strings.Split(list, "#EXT-X-PART:")
		return lines[len(lines)-1]
	}
	eventually(t, step, "the copy has begun", func() bool { return newest(b.Show.HLS) != "" })
	for range 3 {
		was := newest(b.Show.HLS)
		eventually(t, step, "the copy goes on", func() bool { return newest(b.Show.HLS) != was })
	}
	if page := string(a.ask(t, "operator", "GET", path, nil, http.StatusOK)); strings.Contains(page, b.Show.StreamKey) || !strings.Contains(page, "the other centre") {
		t.Error("the page shows the key, or not the target")
	}
	if strings.Contains(a.log.String(), b.Show.StreamKey) {
		t.Error("the log holds the key")
	}

	target, _ := links()
	a.ask(t, "operator", "POST", path+"/"+target+"/switch", url.Values{"to": {"off"}}, http.StatusSeeOther)
	var there struct{ Stream string }
	eventually(t, step, "the copy has stopped", func() bool {
		_, state := get(t, b.HTTP+"/room/"+b.Show.ID+"/state")
		return json.Unmarshal([]byte(state), &there) == nil && there.Stream == "away"
	})
	was := newest(a.Show.HLS)
	eventually(t, step, "the show itself goes on", func() bool { return newest(a.Show.HLS) != was })
}
