package shop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/webtest"
)

// film keeps some seconds of picture of the hall's show.
func (h *hall) film(kind string, at time.Time, turns int) []record.Packed {
	h.t.Helper()
	raw, err := os.ReadFile("../../media/testdata/tall.mp4")
	h.must(err)
	clip, err := loop.Parse(bytes.NewReader(raw), int64(len(raw)))
	h.must(err)
	sps, pps := clip.Video()
	f := &media.Format{Video: &media.VideoFormat{Codec: media.H264, SPS: sps, PPS: pps}}
	out, err := record.Pack(string(h.Show), kind, 2*clip.Length(), func(unit func(*media.Unit)) {
		for turn := range turns {
			for _, s := range clip.Samples() {
				if !s.Video {
					continue
				}
				nals, _, err := s.Read()
				h.must(err)
				d := time.Duration(turn)*clip.Length() + s.DTS
				if s.Key {
					nals = append([][]byte{sps, pps}, nals...)
				}
				unit(&media.Unit{Session: 1, Format: f, Video: true, Key: s.Key, DTS: d, PTS: d, At: at.Add(d), NALs: nals})
			}
		}
	})
	h.must(err)
	for _, p := range out {
		h.must(h.Flow.KeepChunk(context.Background(), p.Chunk, p.File))
	}
	return out
}

func (h *hall) replay(rest string) string { return "/replay/" + string(h.Show) + rest }

// aired is a hall whose show was on air for a while, with one chapter and one
// thing said, and has ended or not.
func aired(t *testing.T, over bool) (*hall, time.Time, []record.Packed) {
	h := open(t, show.Live)
	start := h.Clock.Now()
	h.must(h.Flow.PinItem(context.Background(), webtest.System, h.Show, h.Item.ID))
	h.Clock.Add(2 * time.Second)
	guest := h.Person("Li Na")
	h.must(h.DB.Update(context.Background(), func(tx *db.Tx) error {
		_, err := chat.Post(context.Background(), tx, guest.Actor(), chat.New{Show: h.Show, Body: "are they sweet"})
		return err
	}))
	h.Clock.Add(10 * time.Second)
	if over {
		h.must(h.DB.Update(context.Background(), func(tx *db.Tx) error {
			_, err := show.Move(context.Background(), tx, webtest.System, h.Show, show.Ended)
			return err
		}))
	}
	return h, start, h.film(recording.Live, start, 6)
}

func TestAShowCanBeWatchedAgain(t *testing.T) {
	t.Parallel()
	h, start, made := aired(t, true)
	p := h.Visitor().Get(h.replay(fmt.Sprintf("?at=%d", start.Add(3*time.Second).UnixMilli()))).Is(http.StatusOK)
	p.Has("Berries of this morning", "Blueberries")
	// Who sold, whose goods: as it was that evening, whatever is harvested since.
	h.Clock.Add(time.Hour)
	h.World.Lot(h.Berries, h.Producer("Zhao Newcomer"), 5)
	h.Visitor().Get(h.replay("")).HasNot("Zhao Newcomer").Must("button.seller-line[data-open=seller]").Has("Lindu", "Wang Guifen", "12315")
	var data struct {
		Start, Length float64
		Playlist      string
		Portrait      bool
		Spans         []struct{ At int64 }
		Chapters      []struct{ Pos float64 }
	}
	_, island, _ := strings.Cut(p.Body, `<script id="replay-data" type="application/json">`)
	island, _, _ = strings.Cut(island, "</script>")
	h.must(json.Unmarshal([]byte(island), &data))
	if data.Start < 2.9 || data.Start > 3.1 || data.Length < 5 || !data.Portrait || len(data.Spans) != 1 || len(data.Chapters) != 1 {
		t.Errorf("%+v", data)
	}
	if got := p.Must(".rp-item [data-buy]").Attr("data-buy"); got != string(h.Berries.ID) {
		t.Errorf("the buy button buys %q", got)
	}
	list := h.Visitor().Get(data.Playlist).Is(http.StatusOK)
	if got := list.Header.Get("Content-Type"); got != "application/vnd.apple.mpegurl" || !strings.Contains(list.Body, "#EXT-X-ENDLIST") {
		t.Errorf("%s\n%s", got, list.Body)
	}
	// Its files, whole and in part.
	file := "/media/show/" + string(h.Show) + "/" + made[0].ID + ".mp4"
	if !strings.Contains(list.Body, file) {
		t.Fatalf("no %s in\n%s", file, list.Body)
	}
	whole := h.Visitor().Get(file).Is(http.StatusOK)
	if whole.Body != string(made[0].File) || whole.Header.Get("Cache-Control") != "public, max-age=86400" {
		t.Errorf("%d bytes of %d, %s", len(whole.Body), len(made[0].File), whole.Header.Get("Cache-Control"))
	}
	v := h.Visitor()
	req := v.Request("GET", file, nil)
	req.Header.Set("Range", "bytes=100-199")
	part := v.Do(req).Is(http.StatusPartialContent)
	if part.Body != string(made[0].File[100:200]) {
		t.Errorf("the range gave %d bytes", len(part.Body))
	}
	// What was said, at its time.
	var said struct{ Lines []struct{ Body string } }
	h.Visitor().GetJSON(h.replay(fmt.Sprintf("/chat?from=%d", start.Add(-time.Second).UnixMilli()))).JSON(&said)
	if len(said.Lines) != 1 || said.Lines[0].Body != "are they sweet" {
		t.Errorf("%+v", said)
	}
	h.Visitor().Get(h.replay(fmt.Sprintf("/chat?from=%d", start.Add(10*time.Minute).UnixMilli()))).HasNot("sweet")
	// It is found from where people look.
	for _, at := range []string{"/", h.page("")} {
		h.Visitor().Get(at).Must(`a[href="` + h.replay("") + `"]`)
	}
}

// TestWhoMayWatch: the public only what it could have seen, staff and host more.
func TestWhoMayWatch(t *testing.T) {
	t.Parallel()
	h, start, made := aired(t, false)
	rehearsed := h.film(recording.Rehearsal, start.Add(-time.Hour), 2)
	file := func(p record.Packed) string { return "/media/show/" + string(h.Show) + "/" + p.ID + ".mp4" }
	operator := h.Person("Operator", actor.Operator)
	other := h.Person("Other", actor.Host)
	// While it runs the public watches the room.
	h.Visitor().Get(h.replay("")).GoesTo(h.room(""))
	for _, c := range []*webtest.Client{h.Visitor(), other} {
		for _, path := range []string{h.replay("/index.m3u8"), h.replay("/chat?from=0"), file(made[0]), file(rehearsed[0]), file(rehearsed[0]) + "?kind=rehearsal"} {
			c.Get(path).Is(http.StatusNotFound)
		}
	}
	for _, c := range []*webtest.Client{operator, h.Host} {
		c.Get(h.replay("")).Is(http.StatusOK)
		p := c.Get(file(made[0])).Is(http.StatusOK)
		if !strings.HasPrefix(p.Header.Get("Cache-Control"), "private") {
			t.Errorf("a cache may keep what is not public: %s", p.Header.Get("Cache-Control"))
		}
		c.Get(file(rehearsed[0]) + "?kind=rehearsal").Is(http.StatusOK)
	}
	h.must(h.DB.Update(context.Background(), func(tx *db.Tx) error {
		_, err := show.Move(context.Background(), tx, webtest.System, h.Show, show.Ended)
		return err
	}))
	h.Visitor().Get(file(made[0])).Is(http.StatusOK)
	for _, path := range []string{file(rehearsed[0]), file(rehearsed[0]) + "?kind=rehearsal", "/media/show/" + string(h.Show) + "/..%2f..%2flindu.db", "/media/show/" + string(h.Show) + "/" + made[0].ID,
		"/media/show/" + string(id.New[id.Show]()) + "/" + made[0].ID + ".mp4", h.replay("/chat?from=x")} {
		if s := h.Visitor().Get(path).Status; s != http.StatusNotFound && s != http.StatusUnprocessableEntity && s != http.StatusBadRequest {
			t.Errorf("%s: %d", path, s)
		}
	}
}

// TestWhatHadToStopIsNotShownAgain: a show that was ended by force is for the
// centre and its host to look at; nothing leads the public to it.
func TestWhatHadToStopIsNotShownAgain(t *testing.T) {
	t.Parallel()
	h, _, made := aired(t, false)
	_, err := h.Flow.CutShow(context.Background(), webtest.System, h.Show, "what must not be shown")
	h.must(err)
	file := "/media/show/" + string(h.Show) + "/" + made[0].ID + ".mp4"
	for _, path := range []string{h.replay(""), h.replay("/index.m3u8"), h.replay("/chat?from=0"), file} {
		h.Visitor().Get(path).Is(http.StatusNotFound)
	}
	h.Host.Get(h.replay("")).Is(http.StatusOK).Has("what must not be shown")
	h.Person("Operator", actor.Operator).Get(file).Is(http.StatusOK)
	for _, path := range []string{"/", h.page("")} {
		if strings.Contains(h.Visitor().Get(path).Is(http.StatusOK).Body, h.replay("")) {
			t.Errorf("%s leads to the replay", path)
		}
	}
	// The room still tells whose goods they were.
	h.Visitor().Get(h.room("")).Is(http.StatusOK).Must(".seller-line").Has("Wang Guifen")
}

// TestAReplayWithoutARecording says so, and what is deleted is gone.
func TestAReplayWithoutARecording(t *testing.T) {
	t.Parallel()
	h := open(t, show.Ended)
	h.Visitor().Get(h.replay("")).Is(http.StatusOK).None("video").Has("Blueberries")
	h.Visitor().Get(h.replay("/index.m3u8")).Is(http.StatusNotFound)
	h.Visitor().Get(h.page("")).None(`a[href="` + h.replay("") + `"]`)
	h.Visitor().Get("/replay/none").Is(http.StatusNotFound)
}
