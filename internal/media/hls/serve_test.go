package hls

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/media"
)

// site is an origin with one stream "s", whose muxer the test drives by hand.
type site struct {
	*feed
	o   *Origin
	srv *httptest.Server
	t   *testing.T

	closed atomic.Int64 // connections the server has closed
}

func newSite(t *testing.T, change func(*Origin)) *site {
	t.Helper()
	o := &Origin{Hub: &media.Hub{Auth: anyone{}, Log: slog.New(slog.DiscardHandler)}, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(o)
	}
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	f := newFeed(t, nil)
	o.mu.Lock()
	o.streams["s"] = f.m.shelf
	o.mu.Unlock()
	mux := http.NewServeMux()
	mux.Handle("/live/", o)
	srv := httptest.NewUnstartedServer(mux)
	st := &site{feed: f, o: o, srv: srv, t: t}
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			st.closed.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(func() {
		o.Close()
		srv.Close()
	})
	return st
}

type anyone struct{}

func (anyone) Authorize(_ context.Context, key string) (string, error) { return key, nil }

// do asks for a file and gives the answer with its body read.
func (s *site) do(ctx context.Context, method, path string, header ...string) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.srv.URL+"/live/"+path, nil)
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.srv.Client().Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

func (s *site) get(path string, header ...string) (*http.Response, []byte) {
	s.t.Helper()
	resp, b, err := s.do(s.t.Context(), http.MethodGet, path, header...)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, b
}

// until waits for a condition that other goroutines bring about.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !cond(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestAnswersAndHeaders(t *testing.T) {
	s := newSite(t, nil)
	c := clip(t, "wide.mp4")
	s.play(c, formatOf(c, 160, 90), 1, nil)
	p := s.low()
	seg, part, in := p.segments[0].uri, p.open.parts[0].uri, p.segments[0].init
	for path, want := range map[string]struct {
		status      int
		kind, cache string
	}{
		"s/index.m3u8":             {200, typePlaylist, cachePlaylist},
		"s/low.m3u8":               {200, typePlaylist, cachePlaylist},
		"s/plain.m3u8":             {200, typePlaylist, cachePlaylist},
		"s/low.m3u8?_HLS_skip=YES": {200, typePlaylist, cachePlaylist},
		"s/" + seg:                 {200, typeMedia, cacheMedia},
		"s/" + part:                {200, typeMedia, cacheMedia},
		"s/" + in:                  {200, typeMedia, cacheMedia},
		"s/" + strings.Replace(seg, "-0", "-77", 1): {404, "", cacheNever},
		"s/" + strings.Replace(in, "i1", "i9", 1):   {404, "", cacheNever},
		"s/xxxxxxxx-0.m4s":                          {404, "", cacheNever},
		"s/":                                        {404, "", cacheNever},
		"s":                                         {404, "", cacheNever},
		"nobody/index.m3u8":                         {404, "", cacheNever},
		"s/low.m3u8?_HLS_msn=x":                     {400, "", cacheNever},
		"s/low.m3u8?_HLS_part=1":                    {400, "", cacheNever},
		"s/low.m3u8?_HLS_msn=-1":                    {400, "", cacheNever},
		fmt.Sprintf("s/low.m3u8?_HLS_msn=%d", p.msn+40): {400, "", cacheNever},
		fmt.Sprintf("s/low.m3u8?_HLS_msn=%d", p.msn):    {200, typePlaylist, cachePlaylist},
	} {
		resp, b := s.get(path)
		if resp.StatusCode != want.status || resp.Header.Get("Cache-Control") != want.cache ||
			(want.kind != "" && resp.Header.Get("Content-Type") != want.kind) || len(b) == 0 ||
			resp.Header.Get("Access-Control-Allow-Origin") != "*" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s %v (%d bytes)", path, resp.Status, resp.Header, len(b))
		}
	}
}

func TestMethodsRangesAndCompression(t *testing.T) {
	s := newSite(t, nil)
	c := clip(t, "wide.mp4")
	s.play(c, formatOf(c, 160, 90), 1, nil)
	seg := s.low().segments[0].uri
	whole := s.file(seg)
	resp, b, err := s.do(t.Context(), http.MethodHead, "s/"+seg)
	if err != nil || resp.ContentLength != int64(len(whole)) || len(b) != 0 {
		t.Errorf("HEAD: %v %v", resp, err)
	}
	if resp, b := s.get("s/"+seg, "Range", "bytes=10-19"); resp.StatusCode != 206 || string(b) != string(whole[10:20]) {
		t.Errorf("range: %s, %d bytes", resp.Status, len(b))
	}
	if resp, _, err := s.do(t.Context(), http.MethodHead, "s/low.m3u8"); err != nil || resp.ContentLength <= 0 {
		t.Errorf("HEAD of a playlist: %v %v", resp, err)
	}
	if resp, _, err := s.do(t.Context(), http.MethodOptions, "s/low.m3u8", "Origin", "https://example.org"); err != nil || resp.StatusCode != 204 ||
		resp.Header.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("OPTIONS: %v %v", resp, err)
	}
	if resp, _, err := s.do(t.Context(), http.MethodPost, "s/low.m3u8"); err != nil || resp.StatusCode != 405 || resp.Header.Get("Allow") == "" {
		t.Errorf("POST: %v %v", resp, err)
	}
	resp, b = s.get("s/low.m3u8", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil || string(raw) != string(s.view().low.raw) || resp.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("compressed playlist: %v %v", resp.Header, err)
	}
	if resp, b := s.get("s/low.m3u8", "Accept-Encoding", "identity"); resp.Header.Get("Content-Encoding") != "" || string(b) != string(raw) {
		t.Errorf("plain playlist: %v", resp.Header)
	}
	if st := s.o.Stats(); st.Requests < 7 || st.Bytes == 0 || st.Streams != 1 {
		t.Errorf("stats %+v", st)
	}
}

// TestBlockingReload: the answer waits for exactly the part that was asked for.
func TestBlockingReload(t *testing.T) {
	s := newSite(t, nil)
	c := clip(t, "wide.mp4")
	format := formatOf(c, 160, 90)
	s.stretch(c, format, 0, 2500*time.Millisecond, nil) // into the third segment
	p := s.low()
	msn, part := p.open.msn, len(p.open.parts)
	if len(p.segments) != 2 || part != 2 {
		t.Fatalf("%d segments and %d parts", len(p.segments), part)
	}
	type answer struct {
		resp *http.Response
		p    *mPlaylist
		err  error
	}
	ask := func(q string) chan answer {
		ch := make(chan answer, 1)
		go func() {
			resp, b, err := s.do(t.Context(), http.MethodGet, "s/low.m3u8?"+q)
			a := answer{resp: resp, err: err}
			if err == nil {
				a.p, a.err = parsePlaylist(string(b))
			}
			ch <- a
		}()
		return ch
	}
	next := ask(fmt.Sprintf("_HLS_msn=%d&_HLS_part=%d&_HLS_skip=YES", msn, part))
	beyond := ask(fmt.Sprintf("_HLS_msn=%d&_HLS_part=%d", msn, 50)) // never made: satisfied by the segment's end
	whole := ask(fmt.Sprintf("_HLS_msn=%d", msn))
	hinted := make(chan []byte, 1)
	go func() {
		_, b, _ := s.do(t.Context(), http.MethodGet, "s/"+p.hint)
		hinted <- b
	}()
	until(t, "four requests wait", func() bool { return s.o.waiting.Load() == 4 })
	s.stretch(c, format, 2500*time.Millisecond, 2700*time.Millisecond, nil) // the third part
	a := <-next
	if a.err != nil || a.p.hint == p.hint || len(a.p.open.parts) != 3 {
		t.Fatalf("next part: %+v", a)
	}
	if b := <-hinted; len(b) == 0 || string(b) != string(s.file(p.hint)) {
		t.Errorf("the hinted part: %d bytes", len(b))
	}
	if n := s.o.waiting.Load(); n != 2 {
		t.Errorf("%d wait for the whole segment, want 2", n)
	}
	s.stretch(c, format, 2700*time.Millisecond, 3500*time.Millisecond, nil)
	for _, ch := range []chan answer{beyond, whole} {
		if a := <-ch; a.err != nil || a.resp.StatusCode != 200 || a.p.msn+int64(len(a.p.segments)) <= msn {
			t.Errorf("%+v", a)
		}
	}
}

// TestWaitersLeaveWithTheirRequest: 200 players ask and hang up; nothing stays.
func TestWaitersLeaveWithTheirRequest(t *testing.T) {
	s := newSite(t, func(o *Origin) { o.wait = time.Hour })
	c := clip(t, "wide.mp4")
	s.play(c, formatOf(c, 160, 90), 1, nil)
	p := s.low()
	before := runtime.NumGoroutine()
	ctx, hangUp := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 200 {
		path := fmt.Sprintf("s/low.m3u8?_HLS_msn=%d&_HLS_part=%d", p.open.msn, len(p.open.parts))
		if i%2 == 1 {
			path = "s/" + p.hint
		}
		wg.Go(func() {
			if _, _, err := s.do(ctx, http.MethodGet, path); err == nil {
				t.Error("an answer to a request that was hung up")
			}
		})
	}
	until(t, "200 wait", func() bool { return s.o.waiting.Load() == 200 })
	hangUp()
	wg.Wait()
	until(t, "nobody waits", func() bool { return s.o.waiting.Load() == 0 })
	s.srv.Client().CloseIdleConnections()
	until(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before+5 })
}

func TestWaitersAreLimitedInTimeAndNumber(t *testing.T) {
	s := newSite(t, func(o *Origin) { o.wait, o.awayWait, o.MaxWaiters = 50*time.Millisecond, 20*time.Millisecond, 3 })
	resp, _ := s.get("s/index.m3u8") // nothing was ever cut
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "1" || resp.Header.Get("Cache-Control") != cacheNever {
		t.Errorf("before the first part: %s %v", resp.Status, resp.Header)
	}
	c := clip(t, "wide.mp4")
	s.play(c, formatOf(c, 160, 90), 1, nil)
	p := s.low()
	block := fmt.Sprintf("s/low.m3u8?_HLS_msn=%d&_HLS_part=%d", p.open.msn, len(p.open.parts))
	if resp, _ := s.get(block); resp.StatusCode != 503 {
		t.Errorf("no part came in time: %s", resp.Status)
	}
	if resp, _ := s.get("s/" + p.hint); resp.StatusCode != 503 {
		t.Errorf("the hinted part did not come in time: %s", resp.Status)
	}
	s.o.waiting.Add(3)
	if resp, _ := s.get(block); resp.StatusCode != 503 {
		t.Errorf("a fourth waiter: %s", resp.Status)
	}
	s.o.waiting.Add(-3)
}

// TestAwayKeepsThePlayerWaiting: hls.js takes errors for the end.
func TestAwayKeepsThePlayerWaiting(t *testing.T) {
	s := newSite(t, func(o *Origin) { o.awayWait = 20 * time.Millisecond })
	c := clip(t, "wide.mp4")
	s.play(c, formatOf(c, 160, 90), 1, nil)
	s.m.setState(media.Away)
	p := s.low()
	hint := s.m.shelf.partName(p.msn+int64(len(p.segments)), 0)
	resp, b := s.get(fmt.Sprintf("s/low.m3u8?_HLS_msn=%d&_HLS_part=0", p.msn+int64(len(p.segments))))
	if resp.StatusCode != 200 || resp.Header.Get("Cache-Control") != cacheNever || string(b) != string(s.view().low.raw) {
		t.Errorf("while away: %s %v", resp.Status, resp.Header)
	}
	if resp, _ := s.get("s/" + hint); resp.StatusCode != 404 {
		t.Errorf("a hint that will not come true: %s", resp.Status)
	}
	if resp, b := s.get("s/plain.m3u8"); resp.StatusCode != 200 || !strings.Contains(string(b), "#EXTINF") {
		t.Errorf("plain while away: %s", resp.Status)
	}
}

func TestEndLetsEveryoneGo(t *testing.T) {
	s := newSite(t, nil)
	c := clip(t, "wide.mp4")
	s.play(c, formatOf(c, 160, 90), 1, nil)
	p := s.low()
	got := make(chan string, 2)
	for _, path := range []string{fmt.Sprintf("s/low.m3u8?_HLS_msn=%d", p.open.msn+1), "s/" + p.hint} {
		go func() {
			resp, b, err := s.do(t.Context(), http.MethodGet, path)
			if err != nil {
				got <- err.Error()
				return
			}
			got <- fmt.Sprint(resp.StatusCode, " ", strings.HasSuffix(string(b), "#EXT-X-ENDLIST\n"))
		}()
	}
	until(t, "two wait", func() bool { return s.o.waiting.Load() == 2 })
	s.m.setState(media.Ended)
	for range 2 {
		// The hinted part may still have come out of what was pending.
		if g := <-got; g != "200 true" && g != "404 false" && g != "200 false" {
			t.Errorf("waiter got %s", g)
		}
	}
	for _, f := range []string{"low", "plain"} {
		if _, b := s.get("s/" + f + ".m3u8"); !strings.HasSuffix(string(b), "#EXT-X-ENDLIST\n") {
			t.Errorf("%s after the end:\n%s", f, b)
		}
	}
}

func TestPlainPlaylistBeginsWithThreeSegments(t *testing.T) {
	s := newSite(t, func(o *Origin) { o.wait = 30 * time.Millisecond })
	c := clip(t, "wide.mp4")
	format := formatOf(c, 160, 90)
	keys := 0
	s.play(c, format, 1, func(u *media.Unit) bool {
		if u.Video && u.Key {
			keys++
		}
		return keys <= 3 // two whole segments and one under way
	})
	if resp, _ := s.get("s/plain.m3u8"); resp.StatusCode != 503 {
		t.Errorf("with %d segments: %s", len(s.low().segments), resp.Status)
	}
	if resp, _ := s.get("s/index.m3u8"); resp.StatusCode != 200 {
		t.Errorf("index: %s", resp.Status)
	}
	s.play(c, format, 1, nil)
	if resp, _ := s.get("s/plain.m3u8"); resp.StatusCode != 200 {
		t.Errorf("with %d segments: %s", len(s.low().segments), resp.Status)
	}
}

// TestSlowReaderIsCut: a phone that asked for a segment and does not read it
// holds a goroutine for the time limit only, and others are served meanwhile.
func TestSlowReaderIsCut(t *testing.T) {
	s := newSite(t, func(o *Origin) { o.slow = 100 * time.Millisecond })
	big := part{data: make([]byte, 24<<20), dur: time.Second, start: true} // more than the sockets' buffers hold
	s.m.shelf.begin(1, []byte("init"), formatOf(clip(t, "wide.mp4"), 160, 90))
	s.m.shelf.addPart(big, noon)
	s.m.shelf.closeSegment()
	s.m.shelf.show()
	nc, err := net.Dial("tcp", s.srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(nc, "GET /live/s/%s HTTP/1.1\r\nHost: x\r\n\r\n", s.low().segments[0].uri); err != nil {
		t.Fatal(err)
	}
	if _, b := s.get("s/low.m3u8"); len(b) == 0 {
		t.Error("others are not served")
	}
	until(t, "the server cuts the connection", func() bool { return s.closed.Load() == 1 })
	if n := s.o.sentBytes.Load(); n < uint64(len(big.data)) {
		t.Errorf("the answer was not given up: %d bytes counted", n)
	}
}

// TestThroughTheHub: tap, state, slow sink and end, with the hub in front.
func TestThroughTheHub(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	hub := &media.Hub{Auth: anyone{}, Log: log}
	o := &Origin{Hub: hub, Log: log, Linger: time.Hour}
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := hub.Start(); err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	c := clip(t, "wide.mp4")
	sps, pps := c.Video()
	pub, err := hub.Publish(t.Context(), "show", media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.ConfigH264(sps, pps); err != nil {
		t.Fatal(err)
	}
	if err := pub.ConfigAAC(*c.Audio()); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Samples() {
		nals, frame, err := s.Read()
		if err == nil && s.Video {
			err = pub.WriteH264(s.PTS, s.DTS, nals)
		} else if err == nil {
			err = pub.WriteAudio(s.PTS, frame)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	shelf := o.find("show")
	until(t, "three segments", func() bool {
		v := shelf.now.Load()
		return v.ready && len(parse(t, v.low.raw).segments) == 3
	})
	hub.End("show")
	until(t, "the end", func() bool { return shelf.now.Load().state == media.Ended })
	if p := parse(t, shelf.now.Load().low.raw); !p.ended || len(p.segments) != 4 {
		t.Errorf("%d segments, ended %v", len(p.segments), p.ended)
	}
	if o.find("show") != shelf {
		t.Error("an ended stream is gone at once")
	}
	// The same stream begins anew: other names.
	if _, err := hub.Publish(t.Context(), "show", media.Source{Kind: "test"}); err != nil {
		t.Fatal(err)
	}
	if s := o.find("show"); s == shelf || s == nil || s.prefix == shelf.prefix {
		t.Error("the new stream has the old one's shelf")
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("abcdefgh-0.m4s", "_HLS_msn=1&_HLS_part=2&_HLS_skip=YES")
	f.Add("abcdefgh-0.99.m4s", "_HLS_msn=99999999999999999999")
	f.Add("abcdefgh-i1.mp4", "_HLS_part=-1")
	f.Add("../../etc/passwd", "%zz")
	fd := newFeed(f, nil)
	c := clip(f, "wide.mp4")
	fd.play(c, formatOf(c, 160, 90), 1, nil)
	s := fd.m.shelf
	f.Fuzz(func(t *testing.T, name, query string) {
		name = strings.Replace(name, "abcdefgh", s.prefix, 1)
		if b, _ := s.file(name); b != nil && !strings.HasPrefix(name, s.prefix) {
			t.Fatalf("%q is served", name)
		}
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		d, err := parseDirectives(q)
		if err == nil && (d.msn < -1 || d.part < -1 || d.part >= 0 && d.msn < 0) {
			t.Fatalf("%q gives %+v", query, d)
		}
		d.reached(s.now.Load())
	})
}
