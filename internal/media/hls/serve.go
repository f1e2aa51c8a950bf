package hls

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lindu.example/lindu/internal/media"
)

const (
	typePlaylist = "application/vnd.apple.mpegurl"
	typeMedia    = "video/mp4"

	cachePlaylist = "public, max-age=1"
	cacheMedia    = "public, max-age=3600, immutable" // names are never used twice
	cacheNever    = "no-store"
)

// ServeHTTP answers for /live/{stream}/{file}. Errors are one plain word: they
// are read by players, not by people.
func (o *Origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.requests.Add(1)
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // the picture is public; pages on other hosts and edges play it
	h.Set("X-Content-Type-Options", "nosniff")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD")
		h.Set("Access-Control-Allow-Headers", "Range")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		fail(w, http.StatusMethodNotAllowed)
		return
	}
	id, file, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, o.Prefix), "/")
	if o.cut(id) {
		fail(w, http.StatusGone)
		return
	}
	s := o.find(id)
	if !ok || s == nil {
		fail(w, http.StatusNotFound)
		return
	}
	switch file {
	case "index.m3u8":
		o.playlist(w, r, s, func(v *view) bool { return v.ready }, func(v *view) doc { return v.index })
	case "plain.m3u8":
		o.playlist(w, r, s, func(v *view) bool { return v.whole }, func(v *view) doc { return v.plain })
	case "low.m3u8":
		o.low(w, r, s)
	default:
		o.media(w, r, s, file)
	}
}

// low serves the low-latency playlist with its delivery directives.
func (o *Origin) low(w http.ResponseWriter, r *http.Request, s *shelf) {
	q, err := parseDirectives(r.URL.Query())
	if err != nil || q.msn > s.now.Load().msn+2 {
		fail(w, http.StatusBadRequest)
		return
	}
	o.playlist(w, r, s, q.reached, func(v *view) doc {
		if q.skip {
			return v.skip
		}
		return v.low
	})
}

// directives are what a player asks of the low-latency playlist
// (RFC 8216bis, 6.2.5).
type directives struct {
	msn  int64 // -1: the playlist as it is
	part int64 // -1: the whole segment
	skip bool
}

var errDirectives = errors.New("hls: bad delivery directives")

func parseDirectives(q url.Values) (directives, error) {
	d := directives{msn: -1, part: -1}
	skip := q.Get("_HLS_skip")
	d.skip = skip == "YES" || skip == "v2"
	ok := true
	if v := q.Get("_HLS_msn"); v != "" {
		d.msn, ok = number(v)
	}
	if v := q.Get("_HLS_part"); v != "" && ok {
		d.part, ok = number(v)
		ok = ok && d.msn >= 0
	}
	if !ok {
		return directives{}, errDirectives
	}
	return d, nil
}

// reached tells whether the playlist holds what was asked for.
func (d directives) reached(v *view) bool {
	switch {
	case !v.ready:
		return false
	case d.msn < v.msn:
		return true
	case d.msn > v.msn || d.part < 0:
		return false
	}
	return d.part < int64(v.nextPart)
}

// playlist waits until the playlist is as asked and sends it.
func (o *Origin) playlist(w http.ResponseWriter, r *http.Request, s *shelf, done func(*view) bool, pick func(*view) doc) {
	v, ok := o.await(r, s, done)
	switch {
	case v != nil && o.cut(s.stream):
		fail(w, http.StatusGone)
		return
	case ok:
		w.Header().Set("Cache-Control", cachePlaylist)
	case v == nil:
		return // the client has gone
	case v.state == media.Away && v.ready && len(pick(v).raw) > 0:
		// The unchanged playlist keeps the viewer waiting behind the slate. No
		// cache may keep it, because the address asks for what comes next.
		w.Header().Set("Cache-Control", cacheNever)
	case v.state == media.Ended && len(pick(v).raw) == 0:
		fail(w, http.StatusNotFound)
		return
	case v.state == media.Ended:
		w.Header().Set("Cache-Control", cachePlaylist)
	default:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable)
		return
	}
	o.sendPlaylist(w, r, pick(v))
}

// await waits for a view that is done, for the stream's end, for the client to
// go (a nil view) or for the time to pass. ok is whether it is done.
func (o *Origin) await(r *http.Request, s *shelf, done func(*view) bool) (v *view, ok bool) {
	v = s.now.Load()
	if done(v) || v.state == media.Ended {
		return v, done(v)
	}
	if o.waiting.Add(1) > int64(o.MaxWaiters) {
		o.waiting.Add(-1)
		return &view{}, false // as if nothing were ready: try again later
	}
	defer o.waiting.Add(-1)
	began := time.Now()
	t := time.NewTimer(o.patience(v))
	defer t.Stop()
	for {
		select {
		case <-v.wake:
			v = s.now.Load()
			if done(v) || v.state == media.Ended {
				return v, done(v)
			}
			t.Reset(o.patience(v) - time.Since(began))
		case <-t.C:
			return v, false
		case <-r.Context().Done():
			return nil, false
		case <-o.ctx.Done():
			return &view{}, false
		}
	}
}

func (o *Origin) patience(v *view) time.Duration {
	if v.state == media.Away {
		return o.awayWait
	}
	return o.wait
}

// sendPlaylist writes a rendered playlist, compressed if the client can.
func (o *Origin) sendPlaylist(w http.ResponseWriter, r *http.Request, d doc) {
	h := w.Header()
	h.Set("Content-Type", typePlaylist)
	h.Set("Vary", "Accept-Encoding")
	body := d.raw
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = d.gz
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	o.sent(w, func() int {
		n, _ := w.Write(body) // an error is the client's leaving
		return n
	})
}

// media serves a piece of media; one that is about to be made is waited for.
func (o *Origin) media(w http.ResponseWriter, r *http.Request, s *shelf, name string) {
	data, soon := s.file(name)
	if data == nil && soon {
		v, _ := o.await(r, s, func(*view) bool {
			data, soon = s.file(name)
			return data != nil || !soon
		})
		if v == nil {
			return
		}
	}
	switch {
	case o.cut(s.stream):
		fail(w, http.StatusGone)
		return
	case data != nil:
	case soon:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable)
		return
	default:
		fail(w, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", typeMedia)
	w.Header().Set("Cache-Control", cacheMedia)
	o.sent(w, func() int {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data)) // answers Range and HEAD too
		return len(data)
	})
}

// sent writes within the time a client may take for one answer, so that a
// stalled phone holds nothing for long.
func (o *Origin) sent(w http.ResponseWriter, write func() int) {
	rc := http.NewResponseController(w)
	// A writer without deadlines (a test's recorder) just has none.
	limited := rc.SetWriteDeadline(time.Now().Add(o.slow)) == nil
	o.sentBytes.Add(uint64(write()))
	if limited && rc.Flush() == nil {
		_ = rc.SetWriteDeadline(time.Time{}) // the next answer on the connection has its own
	}
}

// fail answers with a status; no cache may keep it.
func fail(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", cacheNever)
	http.Error(w, strings.ToLower(http.StatusText(status)), status)
}
