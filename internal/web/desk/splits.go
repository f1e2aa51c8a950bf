package desk

import (
	"net/http"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// splitsView is split settlement: what is on its way to producers at the
// providers, and where their parts go.
type splitsView struct {
	page.Base
	Open      []payment.Splitting
	Nos       map[id.Order]string
	Receivers []payment.SplitReceiver
	Names     map[id.Producer]string
	Producers []ui.Option
	Gateways  []ui.Option // that can split
	Typed     map[string]string
	Errors    map[string]string
}

const splitsPath = "/desk/finance/splits"

func (h *screens) splitRoutes() []edge.Route {
	money, see := edge.Only(actor.Finance), edge.Only(actor.Finance, actor.Overseer)
	return []edge.Route{
		{Method: "GET", Path: splitsPath, Access: see, Handle: h.splits},
		{Method: "POST", Path: splitsPath + "/receivers", Access: money, Handle: h.setReceiver},
		{Method: "POST", Path: splitsPath + "/receivers/confirm", Access: money, Handle: h.confirmReceiver},
		{Method: "POST", Path: splitsPath + "/{id}/retry", Access: money, Handle: h.retrySplit},
		{Method: "POST", Path: splitsPath + "/{id}/give-up", Access: money, Handle: h.giveUpSplit},
	}
}

func (h *screens) splits(w http.ResponseWriter, r *http.Request) error {
	v, err := h.splitsView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, splitsScreen(v))
}

func (h *screens) splitsView(w http.ResponseWriter, r *http.Request) (splitsView, error) {
	ctx := r.Context()
	v := splitsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("split.title")), Names: map[id.Producer]string{}, Typed: map[string]string{}}
	v.Path, v.Styles = splitsPath, []string{"desk/desk.css"}
	var err error
	if v.Open, err = payment.OpenSplits(ctx, h.DB); err != nil {
		return v, err
	}
	if v.Receivers, err = payment.SplitReceivers(ctx, h.DB); err != nil {
		return v, err
	}
	var orders []id.Order
	for _, s := range v.Open {
		orders = append(orders, s.Order)
	}
	if v.Nos, err = order.Nos(ctx, h.DB, orders); err != nil {
		return v, err
	}
	producers, err := catalog.AllProducers(ctx, h.DB)
	for _, p := range producers {
		v.Names[p.ID] = p.Name
		v.Producers = append(v.Producers, ui.Option{Value: string(p.ID), Label: p.Name})
	}
	for name, g := range h.Flow.Gateways {
		if _, ok := g.(payment.Splitter); ok {
			v.Gateways = append(v.Gateways, ui.Option{Value: name, Label: v.T("me.gateway_name_" + name)})
		}
	}
	return v, err
}

// Mine tells whether the asker wrote a receiver: another must confirm it.
func (v splitsView) Mine(r payment.SplitReceiver) bool { return r.SetBy == v.Actor.User }

func (h *screens) setReceiver(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	p, gateway := id.Producer(f.Need("producer", 40)), f.Need("gateway", 20)
	to := payment.Receiver{Account: f.Need("account", 64), Person: f.One("kind", "merchant", "person") == "person"}
	if err = f.Err(); err == nil {
		if err = h.knownProducer(r, p); err == nil {
			err = h.Flow.SetReceiver(r.Context(), edge.Who(r).Actor, p, gateway, to)
		}
	}
	return h.splitsDone(w, r, err, "split.set_ok")
}

func (h *screens) knownProducer(r *http.Request, p id.Producer) error {
	known, err := catalog.Producers(r.Context(), h.DB, p)
	if err == nil && len(known) == 0 {
		return fault.New(fault.Invalid, "fault.choice").At("producer")
	}
	return err
}

func (h *screens) confirmReceiver(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	p, gateway, account := id.Producer(f.Need("producer", 40)), f.Need("gateway", 20), f.Need("account", 64)
	if err = f.Err(); err == nil {
		err = h.Flow.ConfirmReceiver(r.Context(), edge.Who(r).Actor, p, gateway, account)
	}
	return h.splitsDone(w, r, err, "split.confirmed_ok")
}

func (h *screens) retrySplit(w http.ResponseWriter, r *http.Request) error {
	s, err := site.PathID[id.Split](r, "id")
	if err != nil {
		return err
	}
	return h.splitsDone(w, r, h.Flow.RetrySplit(r.Context(), edge.Who(r).Actor, s), "split.retried_ok")
}

func (h *screens) giveUpSplit(w http.ResponseWriter, r *http.Request) error {
	s, err := site.PathID[id.Split](r, "id")
	if err != nil {
		return err
	}
	is, err := h.Flow.GiveUpSplit(r.Context(), edge.Who(r).Actor, s)
	said := "split.was_done_ok"
	if is {
		said = "split.given_up_ok"
	}
	return h.splitsDone(w, r, err, said)
}

// splitsDone goes back to the page, or shows it with what was typed and wrong.
func (h *screens) splitsDone(w http.ResponseWriter, r *http.Request, err error, said string) error {
	if err == nil {
		return h.Redirect(w, r, splitsPath, edge.Who(r).P.T(said))
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v, bad := h.splitsView(w, r)
	if bad != nil {
		return bad
	}
	v.Errors = ui.Errors(v.Base, err)
	for _, k := range []string{"producer", "gateway", "account", "kind"} {
		v.Typed[k] = clip(r.PostForm.Get(k), 64)
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), splitsScreen(v))
}
