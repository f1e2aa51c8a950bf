package farm

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/ui"
)

// frame is what every page here knows: whose it is.
type frame struct {
	page.Base
	Who   catalog.Producer
	Mine  []catalog.Producer // all that the person is linked to
	Place string             // which of the pages, for the tabs
}

// errNone means a person with the role but without a farm.
var errNone = fault.New(fault.NotFound, "farm.none")

// frame finds the producer asked for by ?p=, or the first. It answers errNone
// for a person who is linked to nobody.
func (s *screens) frame(w http.ResponseWriter, r *http.Request, place string) (frame, error) {
	v := edge.Who(r)
	f := frame{Base: s.Base(w, r, "farm", v.P.T("farm.title")), Place: place}
	f.Styles = []string{"farm/farm.css"}
	var err error
	if f.Mine, err = s.mine(r.Context(), v.Actor.User); err != nil {
		return f, err
	}
	if len(f.Mine) == 0 {
		return f, errNone
	}
	f.Who = f.Mine[0]
	if want := id.Producer(r.URL.Query().Get("p")); want != "" {
		i := slices.IndexFunc(f.Mine, func(p catalog.Producer) bool { return p.ID == want })
		if i < 0 {
			return f, fault.New(fault.NotFound, "fault.not_found")
		}
		f.Who = f.Mine[i]
	}
	return f, nil
}

// mine lists the producers a person is linked to, in the order they were.
func (s *screens) mine(ctx context.Context, u id.User) ([]catalog.Producer, error) {
	ids, err := account.ProducersOf(ctx, s.DB, u)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	byID, err := catalog.Producers(ctx, s.DB, ids...)
	var out []catalog.Producer
	for _, p := range ids {
		if x, ok := byID[p]; ok {
			out = append(out, x)
		}
	}
	return out, err
}

// link is an address here with the producer kept.
func (f frame) link(path string, pairs ...string) string {
	q := url.Values{}
	if len(f.Mine) > 1 {
		q.Set("p", string(f.Who.ID))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// others are links to the same page of the other producers.
func (f frame) others() []ui.Tab {
	var out []ui.Tab
	for _, p := range f.Mine {
		out = append(out, ui.Tab{Href: f.Path + "?p=" + string(p.ID), Label: p.Name, Here: p.ID == f.Who.ID})
	}
	return out
}

// places are the tabs between the pages.
func (f frame) places() []ui.Tab {
	return []ui.Tab{
		{Href: f.link("/farm"), Label: f.T("farm.tab_home"), Here: f.Place == "home"},
		{Href: f.link("/farm/orders"), Label: f.T("farm.tab_orders"), Here: f.Place == "orders"},
		{Href: f.link("/farm/statements"), Label: f.T("statement.farm_tab"), Here: f.Place == "statements"},
	}
}
