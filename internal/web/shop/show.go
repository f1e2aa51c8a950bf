package shop

import (
	"net/http"
	"strings"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// noticeView is the page of a show before and after it: what, when, who, which
// goods, and how not to miss it.
type noticeView struct {
	page.Base
	State    roomState
	Reminded int64
	Link     string
	Replay   bool // it can be watched again
}

func (s *screens) notice(w http.ResponseWriter, r *http.Request) error {
	st, err := s.readRoom(r)
	if err != nil {
		return err
	}
	n, _, err := show.Reminded(r.Context(), s.DB, st.ID, "")
	if err != nil {
		return err
	}
	v := noticeView{Base: s.Base(w, r, "shop", st.Title), State: st, Reminded: n, Link: s.BaseURL + "/shows/" + string(st.ID)}
	if v.Replay, err = s.hasReplay(r, st.ID); err != nil {
		return err
	}
	v.Styles, v.Scripts = []string{"shop/shop.css"}, []string{"shop/shop.js"}
	v.Description, v.Picture = st.Summary, s.absolute(st.Cover)
	return s.Render(w, r, noticeScreen(v))
}

// publicShow reads the show in the path; a draft is there for staff only.
func (s *screens) publicShow(r *http.Request) (show.Show, error) {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return show.Show{}, err
	}
	sh, err := show.ByID(r.Context(), s.DB, sid)
	who := edge.Who(r).Actor
	if err == nil && !sh.Public() && sh.Host != who.User && !who.Has(actor.Operator, actor.Moderator, actor.Overseer) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, err
}

// qrPixels is the size of the QR picture: sharp on a printed A5 notice.
const qrPixels = 600

// qr is the show's address as a picture, to print or to send around.
func (s *screens) qr(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.publicShow(r)
	if err != nil {
		return err
	}
	png, err := qrcode.Encode(s.BaseURL+"/shows/"+string(sh.ID), qrcode.Medium, qrPixels)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, err = w.Write(png)
	return gone(r, err)
}

// showLength is what a calendar blocks: a show has no planned end.
const showLength = 2 * time.Hour

// calendar is the show as an iCalendar file (RFC 5545).
func (s *screens) calendar(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.publicShow(r)
	if err != nil {
		return err
	}
	link := s.BaseURL + "/shows/" + string(sh.ID)
	status := "CONFIRMED"
	if sh.State == show.Cancelled {
		status = "CANCELLED"
	}
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lindu//show//EN", "METHOD:PUBLISH",
		"BEGIN:VEVENT", "UID:" + string(sh.ID) + "@lindu", "DTSTAMP:" + icsTime(s.DB.Clock.Now()),
		"DTSTART:" + icsTime(sh.Starts), "DTEND:" + icsTime(sh.Starts.Add(showLength)),
		"SUMMARY:" + icsText(sh.Title), "DESCRIPTION:" + icsText(strings.TrimSpace(sh.Summary+"\n"+link)), "URL:" + link, "STATUS:" + status,
		"BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:" + icsText(sh.Title), "TRIGGER:-PT10M", "END:VALARM",
		"END:VEVENT", "END:VCALENDAR",
	}
	var b strings.Builder
	for _, l := range lines {
		icsFold(&b, l)
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="show.ics"`)
	_, err = w.Write([]byte(b.String()))
	return gone(r, err)
}

func icsTime(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

var icsEscape = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r", "", "\n", `\n`)

func icsText(s string) string { return icsEscape.Replace(s) }

// icsFold writes a line in pieces of at most 75 octets, never within a character.
func icsFold(b *strings.Builder, line string) {
	n := 0
	for _, r := range line {
		size := len(string(r))
		if n+size > 74 {
			b.WriteString("\r\n ")
			n = 1
		}
		b.WriteRune(r)
		n += size
	}
	b.WriteString("\r\n")
}
