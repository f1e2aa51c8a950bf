package paysim

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/i18n"
)

// cashier is what the buyer sees.
type cashier struct {
	P       *i18n.Printer
	T       trade
	Expires string // clock time in Shanghai
	Left    int    // seconds
	Back    string // where the buyer goes on
}

// state of the page: open, expired, paid, closed, missing.
func (c cashier) state() string {
	switch {
	case c.T.ID == "":
		return "missing"
	case c.T.State == open && c.Left <= 0:
		return "expired"
	}
	return c.T.State
}

func (s *Server) cashier(r *http.Request) cashier {
	c := cashier{P: i18n.For(i18n.FromRequest(r))}
	s.book.look(func() {
		if t := s.book.byToken(r.PathValue("token")); t != nil {
			c.T = *t
		}
	})
	c.Back = c.T.Return
	if back := r.URL.Query().Get("redirect_url"); back != "" && webAddress(back) { // WeChat's H5 has it in the address
		c.Back = back
	}
	c.Expires = c.T.Expires.In(clock.Shanghai).Format("15:04:05")
	c.Left = int(c.T.Expires.Sub(s.o.Clock.Now()).Seconds())
	return c
}

func webAddress(s string) bool {
	return len(s) < 500 && (len(s) > 8 && (s[:7] == "http://" || s[:8] == "https://"))
}

func (s *Server) getPage(w http.ResponseWriter, r *http.Request) {
	c := s.cashier(r)
	w.Header().Set("Cache-Control", "no-store")
	status := http.StatusOK
	if c.state() == "missing" {
		status = http.StatusNotFound
	}
	if c.state() == paid && c.Back != "" {
		w.Header().Set("Refresh", "3; url="+c.Back)
	}
	render(w, r, status, page(c))
}

// postPage is a button of the page. It ends on the page again, which says how
// things stand: so a reload pays nothing.
func (s *Server) postPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	times, ok := map[string]int{"pay": 1, "lost": 0, "twice": 2}[r.FormValue("do")]
	if !ok {
		http.Error(w, "do: pay, lost, twice", http.StatusUnprocessableEntity)
		return
	}
	if _, err := s.Pay(s.cashier(r).T.ID, times); err != nil {
		s.o.Log.Error("paysim: pay", "err", err)
		http.Error(w, "the provider can't just now", http.StatusServiceUnavailable)
		return
	}
	// By hand: http.Redirect would make it absolute, without a proxy's prefix.
	to := "./" + r.PathValue("token")
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
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
