package me

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// maxName is the longest shown name; account checks it again.
const maxName = 20

// profileView is "me": who the centre takes me for, and where I am signed in.
type profileView struct {
	page.Base
	Name, Lang string
	LargeType  bool
	Phone      string // masked
	Roles      []roleView
	Sessions   []sessionView
	Addresses  int
	Wrong      map[string]string // by field, see ui.Errors
}

// roleView is a role I hold and where its work is.
type roleView struct {
	Role actor.Role
	Href string
}

// sessionView is one sign-in of mine.
type sessionView struct {
	ID      id.Session
	Device  string // "Android", "" if unknown
	Browser string
	Program bool // a bearer token
	Addr    string
	Seen    time.Time
	Current bool
}

func (s *screens) profile(w http.ResponseWriter, r *http.Request) error {
	view, err := s.profileView(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, profileScreen(view))
}

func (s *screens) profileView(w http.ResponseWriter, r *http.Request) (profileView, error) {
	ctx, v := r.Context(), edge.Who(r)
	view := profileView{Base: s.Base(w, r, "me", v.P.T("me.title"))}
	view.Path = "/me"
	view.Styles = []string{"me/me.css"}
	users, err := account.Users(ctx, s.DB, v.Actor.User)
	if err != nil {
		return view, err
	}
	u := users[v.Actor.User]
	phone, err := u.Phone(s.Vault)
	if err != nil {
		return view, err
	}
	view.Name, view.Lang, view.LargeType, view.Phone = u.Name, u.Lang, u.LargeType, vault.Phone(phone)
	view.Roles = rolesOf(v.Actor)
	addresses, err := account.Addresses(ctx, s.DB, s.Vault, u.ID)
	if err != nil {
		return view, err
	}
	view.Addresses = len(addresses)
	sessions, err := account.Sessions(ctx, s.DB, s.DB.Clock.Now(), u.ID)
	for _, x := range sessions {
		view.Sessions = append(view.Sessions, viewSession(x, v.Session))
	}
	slices.SortStableFunc(view.Sessions, func(a, b sessionView) int { // this device first, then the newest
		switch {
		case a.Current == b.Current:
			return 0
		case a.Current:
			return -1
		}
		return 1
	})
	return view, err
}

// places of work by role, where it is not the desk. A teacher has no screens yet.
var places = map[actor.Role]string{actor.Host: "/studio", actor.Producer: "/farm", actor.Teacher: ""}

func rolesOf(a actor.Actor) []roleView {
	var out []roleView
	for _, role := range actor.Roles {
		if role == actor.Buyer || !slices.Contains(a.Roles, role) {
			continue
		}
		href, named := places[role]
		if !named {
			href = "/desk"
		}
		if href != "" {
			out = append(out, roleView{role, href})
		}
	}
	return out
}

func viewSession(x account.Session, current id.Session) sessionView {
	v := sessionView{ID: x.ID, Program: x.Kind == "api", Addr: x.Addr, Seen: x.Seen, Current: x.ID == current}
	// The first match wins: every Edge says Chrome, every Chrome says Safari.
	v.Device = firstIn(x.Agent, "iPhone", "iPad", "HarmonyOS", "Android", "Windows", "Macintosh:Mac", "Linux")
	v.Browser = firstIn(x.Agent, "MicroMessenger:WeChat", "EdgA:Edge", "Edg:Edge", "HuaweiBrowser:Huawei", "MiuiBrowser:Xiaomi", "Firefox", "Chrome", "Safari")
	return v
}

// firstIn is the name of the first mark ("mark" or "mark:name") in a text.
func firstIn(text string, marks ...string) string {
	for _, m := range marks {
		mark, name, _ := strings.Cut(m, ":")
		if strings.Contains(text, mark) {
			return cmp.Or(name, mark)
		}
	}
	return ""
}

// saveProfile changes the shown name, the language and the type size.
func (s *screens) saveProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	name, lang, large := f.Need("name", maxName), f.One("lang", string(i18n.Chinese), string(i18n.English)), f.Tick("large")
	if err = f.Err(); err == nil { // a name is seen by the whole room, like a line of chat
		err = s.Flow.Words.Check(false, "name", name)
	}
	if err == nil {
		err = s.DB.Update(r.Context(), func(tx *db.Tx) error {
			return account.SetProfile(r.Context(), tx, edge.Who(r).Actor, name, lang, large)
		})
	}
	if err != nil {
		return s.profileAgain(w, r, err, r.PostFormValue("name"), lang, large)
	}
	http.SetCookie(w, &http.Cookie{Name: i18n.LangCookie, Value: lang, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), Secure: s.Identity.Secure, SameSite: http.SameSiteLaxMode})
	return s.Redirect(w, r, "/me", i18n.For(i18n.Lang(lang)).T("me.saved"))
}

func (s *screens) profileAgain(w http.ResponseWriter, r *http.Request, err error, name, lang string, large bool) error {
	if !site.Correctable(err) || site.WantsJSON(r) {
		return err
	}
	view, e := s.profileView(w, r)
	if e != nil {
		return e
	}
	view.Name, view.Lang, view.LargeType, view.Wrong = name, lang, large, ui.Errors(view.Base, err)
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), profileScreen(view))
}

// endSession signs another device of mine out.
func (s *screens) endSession(w http.ResponseWriter, r *http.Request) error {
	x, err := site.PathID[id.Session](r, "id")
	if err != nil {
		return err
	}
	v := edge.Who(r)
	if err := s.DB.Update(r.Context(), func(tx *db.Tx) error { return account.Revoke(r.Context(), tx, v.Actor, x) }); err != nil {
		return err
	}
	if x == v.Session {
		s.Identity.ClearSession(w)
		return s.Redirect(w, r, "/", v.P.T("me.bye"))
	}
	return s.Redirect(w, r, "/me#sessions", v.P.T("me.session_ended"))
}

// endOtherSessions signs every other device out.
func (s *screens) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	v := edge.Who(r)
	err := s.DB.Update(r.Context(), func(tx *db.Tx) error {
		return account.RevokeAll(r.Context(), tx, v.Actor, v.Actor.User, v.Session)
	})
	if err != nil {
		return err
	}
	return s.Redirect(w, r, "/me#sessions", v.P.T("me.others_ended"))
}
