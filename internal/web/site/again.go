package site

import (
	"net/http"

	"github.com/a-h/templ"

	"lindu.example/lindu/internal/fault"
)

// Correctable tells whether a form that failed with err is worth showing
// again: the person can change something, or try once more. What is denied,
// missing or broken gets the error page.
func Correctable(err error) bool {
	switch fault.Of(err).Kind {
	case fault.Invalid, fault.Conflict, fault.Gone, fault.TooLarge, fault.TooMany, fault.Unavailable:
		return true
	}
	return false
}

// RenderStatus is Render with a status: a form shown again with what was wrong.
func (s *Site) RenderStatus(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	return s.render(w, r, status, c)
}
