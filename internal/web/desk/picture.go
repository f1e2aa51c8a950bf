package desk

import (
	"errors"
	"io"
	"net/http"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
)

var shanghai = clock.Shanghai

// slack is what a form may weigh beside its picture.
const slack = 64 << 10

// pictureDone tells upload.js where the new picture stands.
type pictureDone struct {
	URL string `json:"url"`
}

// takePicture reads the file "picture" of an upload as it comes, without a
// temporary file, and stores it.
func (h *screens) takePicture(w http.ResponseWriter, r *http.Request, kind, owner, alt string) (catalog.Picture, error) {
	if r.ContentLength > catalog.MaxUpload+slack { // said before the line is kept busy with it
		return catalog.Picture{}, fault.New(fault.TooLarge, "catalog.image_large", "Max", "10 MB").At("picture")
	}
	r.Body = http.MaxBytesReader(w, r.Body, catalog.MaxUpload+slack)
	parts, err := r.MultipartReader()
	if err != nil {
		return catalog.Picture{}, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return catalog.Picture{}, fault.New(fault.Invalid, "fault.required").At("picture")
		} else if err != nil {
			return catalog.Picture{}, fault.New(fault.Invalid, "fault.form").Because(err)
		}
		if part.FormName() != "picture" {
			continue
		}
		ready, err := catalog.PrepareImage(part)
		if err != nil {
			return catalog.Picture{}, err
		}
		return catalog.AddPicture(r.Context(), h.DB, h.Store, edge.Who(r).Actor, kind, owner, alt, ready)
	}
}
