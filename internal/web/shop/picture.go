package shop

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/web/site"
)

// maxPictureWidth bounds the number in a picture's address.
const maxPictureWidth = 10_000

// picture serves a stored picture: /media/p/{id}/{width}.jpg. Its bytes never
// change, so a browser and a CDN may keep them for a year.
func (s *screens) picture(w http.ResponseWriter, r *http.Request) error {
	pid, err := site.PathID[id.Picture](r, "id")
	if err != nil {
		return err
	}
	name, jpg := strings.CutSuffix(r.PathValue("file"), ".jpg")
	width, err := strconv.Atoi(name)
	if !jpg || err != nil || width <= 0 || width > maxPictureWidth {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	etag := `"` + string(pid) + "-" + name + `"`
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	body, size, err := catalog.OpenPicture(r.Context(), s.Store, pid, width)
	if err != nil {
		return err
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", etag)
	if size > 0 {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	_, err = io.Copy(w, body)
	return gone(r, err)
}

// gone forgets an error of writing to someone who has left.
func gone(r *http.Request, err error) error {
	if r.Context().Err() != nil {
		return nil
	}
	return err
}
