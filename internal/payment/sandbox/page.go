package sandbox

import (
	"bytes"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/i18n"
)

// payPage is what the buyer sees.
type payPage struct {
	P       *i18n.Printer
	E       entry
	Now     time.Time
	Expires string // clock time in Shanghai
	Left    int    // seconds
	Back    bool   // the buyer is on the way back to the shop
}

// state of the page: open, expired, paid, closed, cancelled.
func (p payPage) state() string {
	switch {
	case p.E.State == stateOpen && p.Back:
		return "cancelled"
	case p.E.State == stateOpen && p.Left <= 0:
		return "expired"
	}
	return p.E.State
}

func (s *Server) getPage(w http.ResponseWriter, r *http.Request) {
	s.book.mu.Lock()
	found := s.book.tokens[r.PathValue("token")]
	var e entry
	if found != nil {
		e = *found
	}
	s.book.mu.Unlock()
	p := payPage{P: i18n.For(i18n.FromRequest(r)), E: e, Now: s.o.Clock.Now(), Back: r.URL.Query().Has("cancelled")}
	w.Header().Set("Cache-Control", "no-store")
	if found == nil {
		render(w, r, http.StatusNotFound, missingPage(p))
		return
	}
	p.Expires = e.Expires.In(clock.Shanghai).Format("15:04:05")
	p.Left = int(e.Expires.Sub(p.Now).Seconds())
	if st := p.state(); st == statePaid || st == "cancelled" {
		w.Header().Set("Refresh", "3; url="+e.ReturnURL)
	}
	render(w, r, http.StatusOK, buyerPage(p))
}

// postPage is a button of the page. It ends on the page again, which says how
// things stand: so a reload pays nothing, and no form leads to another site.
func (s *Server) postPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	token := r.PathValue("token")
	s.book.mu.Lock()
	e := s.book.tokens[token]
	s.book.mu.Unlock()
	if e == nil {
		render(w, r, http.StatusNotFound, missingPage(payPage{P: i18n.For(i18n.FromRequest(r))}))
		return
	}
	var err error
	query := ""
	switch r.FormValue("do") {
	case "pay":
		_, err = s.pay(e.PaymentID, 1)
	case "lost": // paid, and the shop is not told
		_, err = s.pay(e.PaymentID, 0)
	case "twice": // paid, and the shop is told by two events
		_, err = s.pay(e.PaymentID, 2)
	case "cancel":
		query = "cancelled"
	default:
		http.Error(w, "do: pay, lost, twice, cancel", http.StatusUnprocessableEntity)
		return
	}
	if err != nil {
		s.o.Log.Error("sandbox: pay", "err", err)
		http.Error(w, "the provider can't just now", http.StatusServiceUnavailable)
		return
	}
	// Written by hand: http.Redirect would make the address absolute, and it
	// does not know the prefix of a proxy.
	if l := r.URL.Query().Get("lang"); l == string(i18n.Chinese) || l == string(i18n.English) {
		query += "&lang=" + l
	}
	w.Header().Set("Location", "./"+token+"?"+query)
	w.WriteHeader(http.StatusSeeOther)
}

func render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		http.Error(w, "page", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes()) //nolint:errcheck // the buyer has gone
}
