package desk

import (
	"net/http"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

type peopleView struct {
	page.Base
	Role   actor.Role
	People []account.User
	Errors map[string]string
	Phone  string
	Name   string
}

// people lists who works here; a person is found by their whole phone number,
// which is the only way the sealed numbers can be searched.
func (h *screens) people(w http.ResponseWriter, r *http.Request) error {
	v, err := h.peopleView(w, r)
	if err != nil {
		return err
	}
	if p := r.URL.Query().Get("phone"); p != "" {
		u, ok, err := account.ByPhone(r.Context(), h.DB, h.Vault, p)
		if err != nil {
			return err
		}
		if ok {
			return h.Redirect(w, r, "/desk/people/"+string(u.ID), "")
		}
		v.Phone, v.Errors = p, map[string]string{"find": v.T("desk.person_unknown")}
	}
	return h.Render(w, r, peopleScreen(v))
}

func (h *screens) peopleView(w http.ResponseWriter, r *http.Request) (peopleView, error) {
	v := peopleView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.people_title")), Role: actor.Role(r.URL.Query().Get("role"))}
	v.Styles = []string{"desk/desk.css"}
	if !actor.ValidRole(v.Role) || v.Role == actor.Buyer {
		v.Role = ""
	}
	all, err := account.WithRole(r.Context(), h.DB, v.Role)
	for _, u := range all {
		if v.Role != "" || len(u.Roles) > 0 { // buyers are not staff
			v.People = append(v.People, u)
		}
	}
	return v, err
}

// addPerson makes an account for somebody who is to work here.
func (h *screens) addPerson(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	phone, name := f.Need("phone", 30), f.Need("name", 20)
	var u account.User
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
			u, err = account.Create(r.Context(), tx, h.Vault, edge.Who(r).Actor, phone, name)
			return err
		})
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/people/"+string(u.ID), "")
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v, verr := h.peopleView(w, r)
	if verr != nil {
		return verr
	}
	v.Phone, v.Name, v.Errors = phone, name, ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), peopleScreen(v))
}

type personView struct {
	page.Base
	User      account.User
	Mine      []id.Producer
	Producers []catalog.Producer
	Official  bool // holds public office, so earns nothing (P4)
	Errors    map[string]string
}

// person is one account: what they may do.
func (h *screens) person(w http.ResponseWriter, r *http.Request) error {
	v, err := h.personView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, personScreen(v))
}

func (h *screens) personView(w http.ResponseWriter, r *http.Request) (personView, error) {
	v := personView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.people_title"))}
	v.Styles = []string{"desk/desk.css"}
	uid, err := site.PathID[id.User](r, "id")
	if err != nil {
		return v, err
	}
	us, err := account.Users(r.Context(), h.DB, uid)
	if err != nil {
		return v, err
	}
	u, ok := us[uid]
	if !ok {
		return v, fault.New(fault.NotFound, "fault.not_found")
	}
	v.User = u
	if v.Mine, err = account.ProducersOf(r.Context(), h.DB, uid); err != nil {
		return v, err
	}
	if v.Official, err = promise.Official(r.Context(), h.DB, uid); err != nil {
		return v, err
	}
	v.Producers, err = catalog.AllProducers(r.Context(), h.DB)
	return v, err
}

// savePerson changes roles, producers, the local flag, office and the state at once,
// all or nothing.
func (h *screens) savePerson(w http.ResponseWriter, r *http.Request) error {
	v, err := h.personView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error { return h.applyPerson(r, tx, f, v) })
	if err == nil {
		return h.Redirect(w, r, "/desk/people", v.T("desk.saved"))
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v.Errors = ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), personScreen(v))
}

func (h *screens) applyPerson(r *http.Request, tx *db.Tx, f *site.Form, v personView) error {
	ctx, who, u := r.Context(), edge.Who(r).Actor, v.User
	var roles []actor.Role
	for _, x := range f.Many("role") {
		roles = append(roles, actor.Role(x))
	}
	if !same(roles, u.Roles) {
		if err := account.SetRoles(ctx, tx, who, u.ID, roles); err != nil {
			return err
		}
	}
	if f.Tick("local") != u.LocalHost {
		if err := account.SetLocalHost(ctx, tx, who, u.ID, f.Tick("local")); err != nil {
			return err
		}
	}
	if f.Tick("official") != v.Official {
		if err := promise.SetOfficial(ctx, tx, who, u.ID, f.Tick("official"), f.Text("note", promise.MaxNote)); err != nil {
			return err
		}
	}
	if err := h.applyProducers(r, tx, f, v); err != nil {
		return err
	}
	if state := f.One("state", "active", "disabled"); state != u.State {
		return account.SetState(ctx, tx, who, u.ID, state)
	}
	return f.Err()
}

func (h *screens) applyProducers(r *http.Request, tx *db.Tx, f *site.Form, v personView) error {
	want := f.Many("producer")
	for _, p := range v.Producers {
		has, wants := slices.Contains(v.Mine, p.ID), slices.Contains(want, string(p.ID))
		var err error
		switch {
		case wants && !has:
			err = account.LinkProducer(r.Context(), tx, edge.Who(r).Actor, v.User.ID, p.ID)
		case has && !wants:
			err = account.UnlinkProducer(r.Context(), tx, edge.Who(r).Actor, v.User.ID, p.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func same(a, b []actor.Role) bool {
	x, y := slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(x, y)
}

// grantable are the roles an admin may tick; everyone is a buyer.
func grantable() []actor.Role { return actor.Roles[1:] }
