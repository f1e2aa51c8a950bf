package shop

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/recording"
)

// replayPlaylist is the replay for players.
func (s *screens) replayPlaylist(w http.ResponseWriter, r *http.Request) error {
	f, err := s.wholeFilm(r)
	if err != nil {
		return err
	}
	if len(f.Chunks) == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	query := ""
	if f.Kind == recording.Rehearsal {
		query = "?kind=" + recording.Rehearsal
	}
	text := recording.Playlist(f.Chunks, func(c recording.Chunk) string {
		return "/media/show/" + string(c.Show) + "/" + string(c.ID) + ".mp4" + query
	})
	w.Header().Set("Content-Type", "application/vnd.apple.mpegurl")
	// While files of the last minutes still come it grows.
	w.Header().Set("Cache-Control", "private, max-age=10")
	if f.Public {
		w.Header().Set("Cache-Control", "public, max-age=10")
	}
	_, err = io.WriteString(w, text)
	return gone(r, err)
}

// replayChunk serves a file of a recording, whole or a range of it.
func (s *screens) replayChunk(w http.ResponseWriter, r *http.Request) error {
	f, err := s.film(r)
	if err != nil {
		return err
	}
	name, ok := strings.CutSuffix(r.PathValue("file"), ".mp4")
	if !ok || !id.Valid(name) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	c, ok, err := recording.ByID(r.Context(), s.DB, f.Show.ID, id.Chunk(name))
	switch {
	case err != nil:
		return err
	case !ok || c.Kind != f.Kind:
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return s.sendFilm(w, r, c.File, "video/mp4", name, f.Public)
}

// clipFile serves a clip or its still: whoever may see the show may see it.
func (s *screens) clipFile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.film(r)
	if err != nil {
		return err
	}
	file := r.PathValue("file")
	name, ext, _ := strings.Cut(file, ".")
	if !id.Valid(name) || ext != "mp4" && ext != "jpg" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	c, err := recording.ClipByID(r.Context(), s.DB, f.Show.ID, id.Clip(name))
	if err != nil {
		return err
	}
	if c.State != recording.Ready || ext == "jpg" && c.Poster == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if ext == "jpg" {
		return s.sendFilm(w, r, recording.PosterFile(c.Show, c.ID), "image/jpeg", name+"-"+c.Poster, f.Public)
	}
	if r.URL.Query().Get("save") != "" {
		w.Header().Set("Content-Disposition", `attachment; filename="clip-`+c.Starts.Format("20060102-1504")+`.mp4"`)
	}
	return s.sendFilm(w, r, recording.ClipFile(c.Show, c.ID), "video/mp4", name, f.Public)
}

// sendSlow is how long a reader may take for sendStep bytes: a phone on a bad
// network gets through, one that has stalled holds nothing for long.
const (
	sendSlow = 30 * time.Second
	sendStep = 256 << 10
)

// sendFilm serves a file that never changes, with ranges.
func (s *screens) sendFilm(w http.ResponseWriter, r *http.Request, key, kind, tag string, public bool) error {
	body, size, err := s.Flow.Films.Get(r.Context(), key)
	if err != nil {
		return err
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("ETag", `"`+tag+`"`)
	h.Set("Cache-Control", "private, max-age=3600")
	if public {
		// Not longer: a recording may be deleted, and a show found to be unlawful.
		h.Set("Cache-Control", "public, max-age=86400")
	}
	seek, ok := body.(io.ReadSeeker)
	if !ok {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
		_, err := io.Copy(newSteady(w), body)
		return gone(r, err)
	}
	http.ServeContent(newSteady(w), r, "", time.Time{}, seek)
	return nil
}

// steady gives a reader time as long as it takes something.
type steady struct {
	http.ResponseWriter
	rc   *http.ResponseController
	left int
}

func newSteady(w http.ResponseWriter) *steady {
	return &steady{ResponseWriter: w, rc: http.NewResponseController(w)}
}

// Write implements io.Writer.
func (w *steady) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left <= 0 {
		w.left = sendStep
		_ = w.rc.SetWriteDeadline(time.Now().Add(sendSlow)) // a test's recorder has none
	}
	return w.ResponseWriter.Write(p)
}

// replayRoutes are the replay and its files.
func (s *screens) replayRoutes() []edge.Route {
	anyone := edge.Anyone()
	return []edge.Route{
		{Method: "GET", Path: "/replay/{id}", Access: anyone, Handle: s.replay},
		{Method: "GET", Path: "/replay/{id}/index.m3u8", Access: anyone, Handle: s.replayPlaylist},
		{Method: "GET", Path: "/replay/{id}/chat", Access: anyone, Handle: s.replayChat},
		{Method: "GET", Path: "/media/show/{id}/{file}", Access: anyone, Handle: s.replayChunk},
		{Method: "GET", Path: "/media/clip/{id}/{file}", Access: anyone, Handle: s.clipFile},
	}
}

// hasReplay tells whether a show can be watched again by everybody.
func (s *screens) hasReplay(r *http.Request, sh id.Show) (bool, error) {
	has, err := s.Flow.Watchable(r.Context(), s.DB, sh)
	return has[sh], err
}
