package shop

import (
	"net/http"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// complaintKinds are what a complaint may be about, in the order of the form.
var complaintKinds = []string{"false_claim", "fake_goods", "abuse", "minor", "illegal", "other"}

// Limits of what people send here.
const (
	maxChatRaw   = 1000 // characters taken in; chat.Clean refuses more than chat.MaxRunes with words
	maxComplaint = 1000
	maxHearts    = 50 // in one request
)

// say posts a line of chat.
func (s *screens) say(w http.ResponseWriter, r *http.Request) error {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	body := f.Need("body", maxChatRaw)
	if err := f.Err(); err != nil {
		return err
	}
	m, err := s.Flow.Say(r.Context(), edge.Who(r).Actor, sid, body)
	if err != nil {
		return err
	}
	if !site.WantsJSON(r) {
		return s.Redirect(w, r, "/room/"+string(sid), "")
	}
	return site.JSON(w, r, room.Messages(m)[0])
}

// like takes hearts: a page gathers taps and sends them now and then. Only a
// live show takes them.
func (s *screens) like(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.publicShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n := f.Int("n", 1, maxHearts)
	if err := f.Err(); err != nil {
		return err
	}
	v := edge.Who(r)
	if err := allow(s.LikeLimit, asker(v)); err != nil {
		return err
	}
	if sh.State != show.Live {
		return site.JSON(w, r, map[string]int64{"n": 0})
	}
	if err := s.hearts.give(r.Context(), sh.ID, v.Name, n); err != nil {
		return err
	}
	return site.JSON(w, r, map[string]int64{"n": n})
}

// asker is who is counted against a limit: the account, else the address,
// because a visitor's cookie is easily thrown away.
func asker(v edge.Visitor) string {
	if v.Actor.SignedIn() {
		return v.Name
	}
	return "addr:" + v.Network()
}

func allow(l *edge.Limiter, who string) error {
	if l == nil {
		return nil
	}
	return l.Allow(who)
}

// follow follows the host of the show, or stops.
func (s *screens) follow(w http.ResponseWriter, r *http.Request) error {
	sh, on, err := s.showAndSwitch(r)
	if err != nil {
		return err
	}
	who := edge.Who(r).Actor
	err = s.DB.Update(r.Context(), func(tx *db.Tx) error { return account.Follow(r.Context(), tx, who, sh.Host, on) })
	if err != nil {
		return err
	}
	if !site.WantsJSON(r) {
		return s.Redirect(w, r, "/shows/"+string(sh.ID), "")
	}
	n, mine, err := account.Followers(r.Context(), s.DB, sh.Host, who.User)
	if err != nil {
		return err
	}
	return site.JSON(w, r, map[string]any{"on": mine, "count": n})
}

// remind asks for a text message before the show, or takes that back.
func (s *screens) remind(w http.ResponseWriter, r *http.Request) error {
	sh, on, err := s.showAndSwitch(r)
	if err != nil {
		return err
	}
	v := edge.Who(r)
	err = s.DB.Update(r.Context(), func(tx *db.Tx) error { return show.Remind(r.Context(), tx, v.Actor, sh.ID, on) })
	if err != nil {
		return err
	}
	if !site.WantsJSON(r) {
		text := "shop.reminder_on"
		if !on {
			text = "shop.reminder_off"
		}
		return s.Redirect(w, r, "/shows/"+string(sh.ID), v.P.T(text))
	}
	n, mine, err := show.Reminded(r.Context(), s.DB, sh.ID, v.Actor.User)
	if err != nil {
		return err
	}
	return site.JSON(w, r, map[string]any{"on": mine, "count": n})
}

// showAndSwitch reads the show in the path and the field "on" (1 or 0).
func (s *screens) showAndSwitch(r *http.Request) (show.Show, bool, error) {
	sh, err := s.publicShow(r)
	if err != nil {
		return show.Show{}, false, err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return show.Show{}, false, err
	}
	on := f.One("on", "1", "0") == "1"
	return sh, on, f.Err()
}

// report takes a complaint, from anyone, and tells its number.
func (s *screens) report(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.publicShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	c := review.Complaint{ObjectKind: "show", ObjectID: string(sh.ID), Kind: f.One("kind", complaintKinds...), Body: f.Need("body", maxComplaint)}
	if err := f.Err(); err != nil {
		return err
	}
	v := edge.Who(r)
	if err := allow(s.ComplaintLimit, asker(v)); err != nil {
		return err
	}
	err = s.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
		c, err = review.Complain(r.Context(), tx, v.Actor, c)
		return err
	})
	if err != nil {
		return err
	}
	text := v.P.T("room.report_done", "No", c.No)
	if !site.WantsJSON(r) {
		return s.Redirect(w, r, "/shows/"+string(sh.ID), text)
	}
	return site.JSON(w, r, map[string]string{"no": c.No, "text": text})
}
