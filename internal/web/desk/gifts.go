package desk

import (
	"net/http"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// giftRoutes are the centre's side of gifts: price list, hosts that may take
// none, children's cases.
func (h *screens) giftRoutes() []edge.Route {
	see := edge.Only(actor.Admin, actor.Moderator, actor.Service, actor.Overseer)
	return []edge.Route{
		{Method: "GET", Path: "/desk/gifts", Access: see, Handle: h.gifts},
		{Method: "POST", Path: "/desk/gifts/kinds", Access: edge.Only(actor.Admin), Handle: h.saveKind},
		{Method: "POST", Path: "/desk/gifts/bans", Access: edge.Only(actor.Moderator, actor.Admin), Handle: h.banHost},
		{Method: "POST", Path: "/desk/gifts/cases/{id}", Access: edge.Only(actor.Service), Handle: h.decideCase},
	}
}

type giftsView struct {
	page.Base
	Licence string
	Kinds   []gift.Kind
	Bans    []gift.Ban
	Hosts   []account.User
	Cases   []caseView
	Names   map[id.User]string
	Form    string
	Wrong   map[string]string
}

// caseView is a guardian's case with the number to call.
type caseView struct {
	gift.Case
	Phone string
	Count int64 // of gifts that would be given back
	Sum   money.Fen
}

func (v giftsView) wrong(form, field string) string {
	if v.Form != form {
		return ""
	}
	return v.Wrong[field]
}

func (h *screens) gifts(w http.ResponseWriter, r *http.Request) error {
	v, err := h.giftsView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, giftsScreen(v))
}

func (h *screens) giftsView(w http.ResponseWriter, r *http.Request) (v giftsView, err error) {
	v.Base = h.Base(w, r, "desk", edge.Who(r).P.T("desk.gifts_title"))
	v.Path, v.Styles = "/desk/gifts", []string{"desk/desk.css"}
	v.Licence = h.Flow.Gifts.Licence
	ctx := r.Context()
	if v.Kinds, err = gift.Kinds(ctx, h.DB, true); err != nil {
		return v, err
	}
	if v.Bans, err = gift.Bans(ctx, h.DB); err != nil {
		return v, err
	}
	if v.Hosts, err = account.WithRole(ctx, h.DB, actor.Host); err != nil {
		return v, err
	}
	v.Names = map[id.User]string{}
	for _, x := range v.Hosts {
		v.Names[x.ID] = x.Name
	}
	if v.Has(actor.Service, actor.Overseer) {
		v.Cases, err = h.giftCases(r)
	}
	return v, err
}

func (h *screens) giftCases(r *http.Request) (out []caseView, err error) {
	list, err := gift.Cases(r.Context(), h.DB, "")
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		x := caseView{Case: c}
		if c.State == gift.Open && edge.Who(r).Actor.Has(actor.Service) { // only who calls needs the number
			if x.Phone, err = h.Vault.Open(gift.ContactColumn, c.ContactEnc); err != nil {
				return nil, err
			}
			if x.Count, x.Sum, err = gift.CountBetween(r.Context(), h.DB, c.User, c.From, c.To); err != nil {
				return nil, err
			}
		}
		out = append(out, x)
	}
	return out, nil
}

func (h *screens) giftsDone(w http.ResponseWriter, r *http.Request, form string, err error) error {
	if err == nil {
		return h.Redirect(w, r, "/desk/gifts", edge.Who(r).P.T("desk.gifts_ok"))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := h.giftsView(w, r)
	if verr != nil {
		return verr
	}
	v.Form, v.Wrong = form, ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), giftsScreen(v))
}

func (h *screens) saveKind(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	k := gift.Kind{ID: id.GiftKind(f.Text("id", 40)), NameZh: f.Need("name_zh", 20), NameEn: f.Need("name_en", 20), Icon: f.One("icon", gift.Icons...), Fen: f.Yuan("fen", false), OnSale: f.Tick("on")}
	form := "kind-" + string(k.ID)
	if err = f.Err(); err == nil {
		err = h.update(r, func(tx *db.Tx) error {
			_, err := gift.SaveKind(r.Context(), tx, edge.Who(r).Actor, h.Flow.Gifts, k)
			return err
		})
	}
	return h.giftsDone(w, r, form, err)
}

func (h *screens) banHost(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	host, days, reason := id.User(f.Need("host", 40)), f.Int("days", 0, 3650), f.Need("reason", 200)
	if err = f.Err(); err == nil {
		err = h.update(r, func(tx *db.Tx) error {
			return gift.BanHost(r.Context(), tx, edge.Who(r).Actor, host, days, reason)
		})
	}
	return h.giftsDone(w, r, "ban", err)
}

func (h *screens) decideCase(w http.ResponseWriter, r *http.Request) error {
	cid, err := site.PathID[string](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	verdict, answer := f.One("verdict", "grant", "refuse"), f.Need("answer", 1000)
	if err = f.Err(); err == nil {
		if verdict == "grant" {
			_, err = h.Flow.GrantGiftCase(r.Context(), edge.Who(r).Actor, cid, answer)
		} else {
			err = h.Flow.RefuseGiftCase(r.Context(), edge.Who(r).Actor, cid, answer)
		}
	}
	return h.giftsDone(w, r, cid, err)
}
