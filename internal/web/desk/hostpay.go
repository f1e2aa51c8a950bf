package desk

import (
	"net/http"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// recentShows bounds the shows that pay or a cost can be entered for.
const recentShows = 60

type hostPayView struct {
	page.Base
	Hosts    []account.User
	Official map[id.User]bool
	Words    promise.Wording
	Shows    []show.Show
	Agencies []statement.AgencyOf
	List     []statement.Earning
	Names    map[string]string // of hosts and agencies
	Errors   map[string]string
	In       statement.Earning
	Amount   string
	Agency   statement.AgencyOf
	Key      string
	Back     backForm
}

// backForm is what was typed to take a line back, and what was wrong with it.
type backForm struct {
	ID, Amount, Reason string
	Errors             map[string]string
}

// readBack reads the form that takes a line back.
func readBack(r *http.Request) (money.Fen, string, backForm, error) {
	f, err := site.ReadForm(r)
	if err != nil {
		return 0, "", backForm{}, err
	}
	fen, reason := f.Yuan("amount", false), f.Need("reason", 200)
	return fen, reason, backForm{ID: r.PathValue("id"), Amount: r.PostFormValue("amount"), Reason: r.PostFormValue("reason")}, f.Err()
}

// takeBackPay takes what a host earned back.
func (h *screens) takeBackPay(w http.ResponseWriter, r *http.Request) error {
	of, err := site.PathID[id.Earning](r, "id")
	if err != nil {
		return err
	}
	fen, reason, typed, err := readBack(r)
	if err == nil {
		err = h.Flow.TakeBackPay(r.Context(), edge.Who(r).Actor, of, fen, reason)
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/hostpay", edge.Who(r).P.T("statement.back_ok"))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := h.hostPayView(w, r)
	if verr != nil {
		return verr
	}
	v.Back = typed
	v.Back.Errors = ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), hostPayScreen(v))
}

// hostPay lists what hosts earned and takes new entries.
func (h *screens) hostPay(w http.ResponseWriter, r *http.Request) error {
	v, err := h.hostPayView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, hostPayScreen(v))
}

func (h *screens) hostPayView(w http.ResponseWriter, r *http.Request) (v hostPayView, err error) {
	ctx := r.Context()
	v = hostPayView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("statement.host_title")), Key: id.New[string](), Names: map[string]string{}, Official: map[id.User]bool{}}
	v.Styles = []string{"desk/desk.css", "desk/settle.css"}
	if v.Hosts, err = account.WithRole(ctx, h.DB, actor.Host); err != nil {
		return v, err
	}
	for _, u := range v.Hosts {
		v.Names[string(u.ID)] = u.Name
		if v.Official[u.ID], err = promise.Official(ctx, h.DB, u.ID); err != nil {
			return v, err
		}
	}
	if v.Words, err = promise.Worded(ctx, h.DB, v.Now); err != nil {
		return v, err
	}
	if v.Shows, err = h.endedShows(r); err != nil {
		return v, err
	}
	if v.Agencies, err = statement.Agencies(ctx, h.DB); err != nil {
		return v, err
	}
	for _, a := range v.Agencies {
		v.Names[string(a.ID)] = a.Name
	}
	v.List, err = statement.Earnings(ctx, h.DB)
	return v, err
}

// endedShows are the shows that money can be entered for, the newest first.
func (h *screens) endedShows(r *http.Request) ([]show.Show, error) {
	return show.List(r.Context(), h.DB, show.Filter{States: []show.State{show.Live, show.Ended}, Limit: recentShows})
}

func (h *screens) addHostPay(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	e := statement.Earning{Host: id.User(f.Need("host", 32)), Show: id.Show(f.Text("show", 32)), What: f.Text("what", 100),
		Kind: f.One("kind", promise.FromCommission, promise.FromWages), Day: f.Day("day", false), HostFen: f.Yuan("amount", false),
		Agency: id.Agency(f.Text("agency", 32)), Key: f.Need("key", 64)}
	if e.Show != "" {
		x, err := show.ByID(r.Context(), h.DB, e.Show)
		if err != nil {
			return err
		}
		if e.What == "" {
			e.What = x.Title
		}
	}
	if err = f.Err(); err == nil {
		err = h.Flow.HostPay(r.Context(), edge.Who(r).Actor, e)
	}
	return h.afterHostPay(w, r, err, "statement.host_added", func(v *hostPayView) {
		v.In, v.Amount, v.Key = e, r.PostFormValue("amount"), e.Key
	})
}

func (h *screens) addAgency(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	a := statement.AgencyOf{Name: f.Text("name", 60), LicenceNo: f.Text("licence_no", 30)}
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			_, err := statement.SaveAgency(r.Context(), tx, edge.Who(r).Actor, a)
			return err
		})
	}
	return h.afterHostPay(w, r, err, "statement.agency_added", func(v *hostPayView) { v.Agency = a })
}

// afterHostPay goes back to the page, or shows it again with what was wrong.
func (h *screens) afterHostPay(w http.ResponseWriter, r *http.Request, err error, said string, keep func(*hostPayView)) error {
	if err == nil {
		return h.Redirect(w, r, "/desk/hostpay", edge.Who(r).P.T(said))
	}
	if k := fault.Of(err).Kind; !site.Correctable(err) && k != fault.Denied || fault.HasKey(err, "fault.denied") {
		return err
	}
	v, verr := h.hostPayView(w, r)
	if verr != nil {
		return verr
	}
	keep(&v)
	v.Errors = ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), hostPayScreen(v))
}

// showOptions are shows to choose from, after a first choice of none.
func showOptions(b page.Base, shows []show.Show, none string) []ui.Option {
	out := []ui.Option{{Label: none}}
	for _, s := range shows {
		out = append(out, ui.Option{Value: string(s.ID), Label: b.When(s.Starts) + " " + s.Title})
	}
	return out
}

func (v hostPayView) hostOptions() []ui.Option {
	var out []ui.Option
	for _, u := range v.Hosts {
		if !v.Official[u.ID] {
			out = append(out, ui.Option{Value: string(u.ID), Label: u.Name})
		}
	}
	return out
}

func (v hostPayView) agencyOptions() []ui.Option {
	out := []ui.Option{{Label: v.T("statement.host_no_agency")}}
	for _, a := range v.Agencies {
		out = append(out, ui.Option{Value: string(a.ID), Label: a.Name})
	}
	return out
}
