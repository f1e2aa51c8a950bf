package me

import (
	"net/http"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/web/site"
)

// enter takes a session from a link: the demo world's doors, one for each
// role. It is mounted in the demo only, where a session is worth nothing.
func (s *screens) enter(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	_, _, ok, err := account.ByToken(r.Context(), s.DB, s.DB.Clock.Now(), token)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Gone, "me.enter_over")
	}
	s.Identity.SetSession(w, token)
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the token
	return s.Redirect(w, r, site.Next(r), "")
}
