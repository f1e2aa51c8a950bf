package open

import (
	"context"
	"errors"
	"net/http"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/proof"
	"lindu.example/lindu/internal/web/site"
)

// promisesView is the page of the promises.
type promisesView struct {
	page.Base
	Promises []promiseView
	Coming   []promise.Version // announced, not yet in force
	Period   period
	Periods  []period
	Since    time.Time // zero: nothing was booked yet
	Check    lastCheck
	Proof    proof.Check
	Paid     []fund.Disbursement // with vouchers, the newest first
	Site     string              // address of the site, for the card's snippet
}

// promiseView is one promise in force with what the books say about it.
type promiseView struct {
	promise.Version
	Figures []figure
}

// figure is a sum and how it is made.
type figure struct {
	promise.Figure
	Fen money.Fen
}

// paidShown bounds the disbursements on the page; the feed has more.
const paidShown = 20

func (s *screens) promises(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := promisesView{Base: s.Base(w, r, "open", edge.Who(r).P.T("open.promises_title")), Period: periodOf(r.URL.Query()), Site: s.BaseURL}
	v.Styles, v.Scripts, v.Description = []string{"open/open.css", "proof/proof.css"}, []string{"proof/check.js"}, v.T("open.promises_lead")
	var err error
	if v.Promises, err = s.inForce(ctx, v.Period); err != nil {
		return err
	}
	if site.WantsJSON(r) {
		return site.JSON(w, r, sumsOf(v.Promises, v.Period, v.Now))
	}
	if v.Since, err = promise.Since(ctx, s.DB); err != nil {
		return err
	}
	v.Periods = periods(v.Since, v.Now)
	if v.Coming, err = s.coming(ctx); err != nil {
		return err
	}
	if v.Check, err = s.lastCheck(ctx); err != nil {
		return err
	}
	if s.PublicLog != nil {
		v.Proof.Key = s.PublicLog.Key.VKey
	}
	from, to := v.Period.From.Time(), v.Period.To.Add(1).Time()
	if v.Period.Name == "" {
		from, to = time.UnixMicro(0), v.Now.Add(time.Hour)
	}
	if v.Paid, err = fund.PaidOut(ctx, s.DB, "", from, to, paidShown); err != nil {
		return err
	}
	return s.Render(w, r, promisesScreen(v))
}

// inForce are the promises that bind now, each with its sums of a period.
func (s *screens) inForce(ctx context.Context, p period) ([]promiseView, error) {
	rules, err := promise.Load(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var out []promiseView
	for i, x := range rules.InForce(s.DB.Clock.Now()) {
		at[x.No] = i
		out = append(out, promiseView{Version: x})
	}
	for _, f := range promise.Figures {
		i, ok := at[f.Promise]
		if !ok {
			continue
		}
		fen, err := f.Read(ctx, s.DB, p.From, p.To)
		if err != nil {
			return nil, err
		}
		out[i].Figures = append(out[i].Figures, figure{f, fen})
	}
	return out, nil
}

// coming are versions that were announced and do not bind yet.
func (s *screens) coming(ctx context.Context) (out []promise.Version, err error) {
	all, err := promise.Versions(ctx, s.DB, false)
	rules, lerr := promise.Load(ctx, s.DB)
	if err = errors.Join(err, lerr); err != nil {
		return nil, err
	}
	for _, x := range all {
		if rules.StateOf(x, s.DB.Clock.Now()) == promise.Announced {
			out = append(out, x)
		}
	}
	return out, nil
}

// sumsJSON are the sums for programs, in fen, with where each is explained.
type sumsJSON struct {
	From    string      `json:"from,omitempty"`
	To      string      `json:"to,omitempty"`
	At      time.Time   `json:"at"`
	Figures []figureOut `json:"figures"`
}

type figureOut struct {
	Name       string    `json:"name"`
	Promise    string    `json:"promise"`
	Fen        money.Fen `json:"fen"`
	Definition string    `json:"definition"` // path of the page with the query
}

func sumsOf(ps []promiseView, p period, now time.Time) sumsJSON {
	out := sumsJSON{At: now, Figures: []figureOut{}}
	if p.Name != "" {
		out.From, out.To = p.From.String(), p.To.String()
	}
	for _, x := range ps {
		for _, f := range x.Figures {
			out.Figures = append(out.Figures, figureOut{f.Name, f.Promise, f.Fen, "/promises/figures/" + f.Name})
		}
	}
	return out
}

// figureView is how one figure is made: in words, and the very query.
type figureView struct {
	page.Base
	Figure promise.Figure
	Fen    money.Fen
	Period period
	SQL    string
	First  clock.Day
	Last   clock.Day
}

func (s *screens) figure(w http.ResponseWriter, r *http.Request) error {
	f, ok := promise.FigureOf(r.PathValue("name"))
	if !ok {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	v := figureView{Base: s.Base(w, r, "open", edge.Who(r).P.T("open.sum_"+f.Name)), Figure: f, Period: periodOf(r.URL.Query()), SQL: f.SQL()}
	v.Styles = []string{"open/open.css"}
	v.First, v.Last = v.Period.From, v.Period.To
	if f.Balance {
		v.First = promise.FirstDay
	}
	var err error
	if v.Fen, err = f.Read(r.Context(), s.DB, v.Period.From, v.Period.To); err != nil {
		return err
	}
	return s.Render(w, r, figureScreen(v))
}
