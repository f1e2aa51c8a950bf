package page

import (
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/money"
)

// Centre is who runs the site: shown on every page, as the law asks
// (E-Commerce Law art. 15; Order 117 arts. 25, 26).
type Centre struct {
	Name           string // short, beside the logo
	LegalName      string
	LicenceNo      string
	FoodLicenceNo  string
	ICP            string
	ComplaintPhone string
	Address        string
	Demo           bool // the demo world: labelled on every page
}

// Base is what every page knows.
type Base struct {
	P      *i18n.Printer
	Actor  actor.Actor
	Title  string
	Path   string // of the request, for "you are here" and the language switch
	Query  string
	Large  bool
	Centre Centre
	Now    time.Time
	Flash  Flash
	// Styles and Scripts of the screen, by file name ("shop/room.css",
	// "shop/room.js"); base.css and base.js always come first.
	Styles  []string
	Scripts []string
	// Section names the audience: shop, me, studio, desk, farm, open; it picks
	// the navigation.
	Section string
	// Full drops header and footer: the live room.
	Full bool
	// Description and Picture are for cards that other apps make of a link.
	Description string
	Picture     string
}

// Flash is a short message after a redirect.
type Flash struct {
	Kind string // ok, error
	Text string
}

// T is the text of a key in the page's language.
func (b Base) T(key string, args ...any) string { return b.P.T(key, args...) }

// N is the text of a key for a count.
func (b Base) N(key string, n int64, args ...any) string { return b.P.N(key, n, args...) }

// Lang is the page's language.
func (b Base) Lang() string { return string(b.P.Lang()) }

// Yuan is an amount with the yuan sign, without a zero fraction, and from
// 10,000 on in groups of three: ¥39, ¥39.90, ¥117,000.
func (b Base) Yuan(f money.Fen) string {
	if f < 0 {
		return "-¥" + grouped((-f).Short())
	}
	return "¥" + grouped(f.Short())
}

// grouped parts the thousands of an amount of five digits or more.
func grouped(amount string) string {
	whole, frac, dot := strings.Cut(amount, ".")
	if len(whole) < 5 {
		return amount
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if dot {
		return whole + "." + frac
	}
	return whole
}

// Day is a calendar day: 2026-01-31.
func (b Base) Day(d clock.Day) string { return d.String() }

// When is a time near now as people say it: today 20:00, else the date.
func (b Base) When(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(clock.Shanghai)
	switch clock.DayOf(t) {
	case clock.DayOf(b.Now):
		return b.T("page.today", "Time", t.Format("15:04"))
	case clock.DayOf(b.Now).Add(1):
		return b.T("page.tomorrow", "Time", t.Format("15:04"))
	}
	if t.Year() == b.Now.In(clock.Shanghai).Year() {
		return t.Format("01-02 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// Stamp is an exact time: 2026-01-31 20:00:05.
func (b Base) Stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format("2006-01-02 15:04:05")
}

// Has tells whether the person may see what is for the roles.
func (b Base) Has(roles ...actor.Role) bool { return b.Actor.Has(roles...) }
