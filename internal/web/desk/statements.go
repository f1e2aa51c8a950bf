package desk

import (
	"net/http"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// linesShown bounds the lines of the page; the workbook has all.
const linesShown = 300

// settleRoutes are statements, payouts, host pay, what the centre lives of.
func (h *screens) settleRoutes() []edge.Route {
	money := edge.Only(actor.Finance)
	sign := edge.Only(actor.Finance, actor.Admin)
	see := edge.Only(actor.Finance, actor.Overseer, actor.Admin)
	seeOne := edge.Only(actor.Finance, actor.Service, actor.Overseer, actor.Admin)
	return []edge.Route{
		{Method: "GET", Path: "/desk/statements", Access: seeOne, Handle: h.statements},
		{Method: "POST", Path: "/desk/statements", Access: money, Handle: h.issueStatements},
		{Method: "GET", Path: "/desk/statements/{id}", Access: seeOne, Handle: h.statement},
		{Method: "GET", Path: "/desk/statements/{id}/{format}", Access: seeOne, Handle: h.statementFile},
		{Method: "POST", Path: "/desk/statements/{id}/another", Access: money, Handle: h.issueAnother},
		{Method: "POST", Path: "/desk/statements/{id}/check", Access: money, Handle: h.checkStatement},
		{Method: "POST", Path: "/desk/statements/{id}/approve", Access: sign, Handle: h.approveStatement},
		{Method: "POST", Path: "/desk/statements/{id}/answer", Access: edge.Only(actor.Finance, actor.Service), Handle: h.answerStatement},
		{Method: "POST", Path: "/desk/statements/{id}/account", Access: money, Handle: h.setAccount},
		{Method: "POST", Path: "/desk/statements/{id}/account/{account}", Access: sign, Handle: h.confirmAccount},

		{Method: "GET", Path: "/desk/payouts", Access: see, Handle: h.payouts},
		{Method: "POST", Path: "/desk/payouts", Access: money, Handle: h.makePayouts},
		{Method: "GET", Path: "/desk/payouts/{id}", Access: see, Handle: h.payoutBatch},
		{Method: "POST", Path: "/desk/payouts/{id}/release", Access: sign, Handle: h.releaseBatch},
		{Method: "POST", Path: "/desk/payouts/{id}/drop", Access: money, Handle: h.dropBatch},
		{Method: "POST", Path: "/desk/payouts/{id}/export", Access: money, Handle: h.exportBatch},
		{Method: "POST", Path: "/desk/payouts/{id}/paid", Access: money, Handle: h.batchPaid},
		{Method: "POST", Path: "/desk/payouts/{id}/items/{item}/paid", Access: money, Handle: h.payoutPaid},
		{Method: "POST", Path: "/desk/payouts/{id}/items/{item}/back", Access: money, Handle: h.payoutBack},

		{Method: "GET", Path: "/desk/hostpay", Access: see, Handle: h.hostPay},
		{Method: "POST", Path: "/desk/hostpay", Access: money, Handle: h.addHostPay},
		{Method: "POST", Path: "/desk/hostpay/{id}/back", Access: money, Handle: h.takeBackPay},
		{Method: "POST", Path: "/desk/hostpay/agencies", Access: money, Handle: h.addAgency},

		{Method: "GET", Path: "/desk/breakeven", Access: see, Handle: h.breakeven},
		{Method: "POST", Path: "/desk/breakeven", Access: money, Handle: h.addCost},
		{Method: "POST", Path: "/desk/breakeven/{id}/back", Access: money, Handle: h.takeBackCost},
		{Method: "GET", Path: "/desk/breakeven/plan", Access: see, Handle: h.simulator},
	}
}

type statementsView struct {
	page.Base
	From, To clock.Day // what "make" makes
	Tabs     []ui.Tab
	List     []statement.Statement
}

// statements lists them by state.
func (h *screens) statements(w http.ResponseWriter, r *http.Request) error {
	v := statementsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("statement.desk_title"))}
	v.Styles = []string{"desk/desk.css", "desk/settle.css"}
	v.From, v.To = h.StatementCut.Over(clock.DayOf(h.DB.Clock.Now()))
	byState, asked, err := statement.Count(r.Context(), h.DB)
	if err != nil {
		return err
	}
	want := r.URL.Query().Get("state")
	f := statement.Filter{Limit: 300}
	switch {
	case want == "asked":
		f.Asked = true
	case slices.Contains(statement.States, statement.State(want)):
		f.State = statement.State(want)
	default:
		want = ""
	}
	tab := func(name, label string, n int64) {
		if n > 0 || name == "" || name == want {
			v.Tabs = append(v.Tabs, ui.Tab{Href: "/desk/statements?state=" + name, Label: label, Here: name == want})
		}
	}
	tab("", v.T("statement.tab_all"), 0)
	tab("asked", v.T("statement.tab_asked"), asked)
	for _, s := range statement.States {
		tab(string(s), v.T("statement.state_"+string(s)), byState[s])
	}
	if v.List, err = statement.List(r.Context(), h.DB, f); err != nil {
		return err
	}
	return h.Render(w, r, statementsScreen(v))
}

// issueStatements makes those of the period that is over.
func (h *screens) issueStatements(w http.ResponseWriter, r *http.Request) error {
	n, err := h.Flow.IssueStatements(r.Context(), edge.Who(r).Actor, h.StatementCut)
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/statements", edge.Who(r).P.T("statement.issued_n", "N", n))
}

type statementView struct {
	page.Base
	S          statement.Statement
	Promise    string
	Lines      []site.StatementRow
	Totals     []site.Labelled
	Proof      site.Proof
	Steps      []statement.Step
	Payouts    []statement.Payout
	Bank, Tail string // of the account that counts
	Waits      *statement.Account
	WaitsTail  string
	Mine       bool // the person checked it
	Errors     map[string]string
	In         statement.NewAccount
	Another    anotherForm
}

// anotherForm asks for a statement of the same payee, of days finance chooses.
type anotherForm struct {
	From, To clock.Day
	Errors   map[string]string
}

// issueAnother issues a statement of the payee for other days.
func (h *screens) issueAnother(w http.ResponseWriter, r *http.Request) error {
	v, err := h.statementView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	v.Another.From, v.Another.To = f.Day("from", false), f.Day("to", false)
	var made id.Statement
	if err = f.Err(); err == nil {
		made, err = h.Flow.IssueStatement(r.Context(), edge.Who(r).Actor, v.S.Payee, v.Another.From, v.Another.To)
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/statements/"+string(made), v.T("statement.issued_n", "N", 1))
	}
	if !site.Correctable(err) {
		return err
	}
	v.Another.Errors = ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), statementScreen(v))
}

func (h *screens) statement(w http.ResponseWriter, r *http.Request) error {
	v, err := h.statementView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, statementScreen(v))
}

func (h *screens) statementView(w http.ResponseWriter, r *http.Request) (statementView, error) {
	v := statementView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("statement.desk_title"))}
	v.Styles = []string{"desk/desk.css", "desk/settle.css"}
	sid, err := site.PathID[id.Statement](r, "id")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	if v.S, err = statement.ByID(ctx, h.DB, sid); err != nil {
		return v, err
	}
	if v.Promise, err = h.StatementPromise(ctx, v.Base, v.S); err != nil {
		return v, err
	}
	lines, err := statement.Lines(ctx, h.DB, sid, 0, linesShown)
	if err != nil {
		return v, err
	}
	for _, l := range lines {
		v.Lines = append(v.Lines, site.RowOf(v.Base, l))
	}
	v.Totals = site.StatementTotals(v.Base, v.S)
	if v.Proof, err = h.ProofOf(ctx, statement.LeafRef(sid)); err != nil {
		return v, err
	}
	if v.Steps, err = statement.Steps(ctx, h.DB, sid); err != nil {
		return v, err
	}
	if v.Payouts, err = statement.PayoutsOf(ctx, h.DB, sid); err != nil {
		return v, err
	}
	upto, err := statement.ClosedUntil(ctx, h.DB, v.S.Payee)
	if err != nil {
		return v, err
	}
	v.Another.From, v.Another.To = upto.Add(1), max(upto.Add(1), clock.DayOf(h.DB.Clock.Now()).Add(-1))
	v.Mine = v.S.CheckedBy == string(v.Actor.User)
	counts, waits, err := statement.Accounts(ctx, h.DB, v.S.Payee)
	if err == nil && counts != nil {
		v.Bank = counts.Bank
		v.Tail, err = counts.Tail(h.Vault)
	}
	if err == nil && waits != nil {
		v.Waits = waits
		v.WaitsTail, err = waits.Tail(h.Vault)
	}
	return v, err
}

// statementFile sends it as PDF or XLSX.
func (h *screens) statementFile(w http.ResponseWriter, r *http.Request) error {
	sid, err := site.PathID[id.Statement](r, "id")
	if err != nil {
		return err
	}
	format := r.PathValue("format")
	if format != "pdf" && format != "xlsx" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	x, err := statement.ByID(r.Context(), h.DB, sid)
	if err != nil {
		return err
	}
	return h.StatementFile(w, r, h.Base(w, r, "desk", ""), x, format)
}

// onStatement does something with the statement of the path and goes back to
// its page.
func (h *screens) onStatement(w http.ResponseWriter, r *http.Request, said string, do func(s id.Statement) error) error {
	sid, err := site.PathID[id.Statement](r, "id")
	if err == nil {
		err = do(sid)
	}
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/statements/"+string(sid), edge.Who(r).P.T(said))
}

func (h *screens) checkStatement(w http.ResponseWriter, r *http.Request) error {
	return h.onStatement(w, r, "statement.check_done", func(s id.Statement) error {
		return h.Flow.CheckStatement(r.Context(), edge.Who(r).Actor, s)
	})
}

func (h *screens) approveStatement(w http.ResponseWriter, r *http.Request) error {
	return h.onStatement(w, r, "statement.approve_done", func(s id.Statement) error {
		return h.Flow.ApproveStatement(r.Context(), edge.Who(r).Actor, s)
	})
}

func (h *screens) answerStatement(w http.ResponseWriter, r *http.Request) error {
	return h.onStatement(w, r, "statement.answer_done", func(s id.Statement) error {
		f, err := site.ReadForm(r)
		if err != nil {
			return err
		}
		words := f.Need("words", 500)
		if err := f.Err(); err != nil {
			return err
		}
		return h.DB.Update(r.Context(), func(tx *db.Tx) error { return statement.Answer(r.Context(), tx, edge.Who(r).Actor, s, words) })
	})
}

func (h *screens) confirmAccount(w http.ResponseWriter, r *http.Request) error {
	return h.onStatement(w, r, "statement.account_confirmed", func(id.Statement) error {
		a, err := site.PathID[id.Account](r, "account")
		if err != nil {
			return err
		}
		return h.DB.Update(r.Context(), func(tx *db.Tx) error { return statement.ConfirmAccount(r.Context(), tx, edge.Who(r).Actor, a) })
	})
}

// setAccount keeps a new account of the statement's payee.
func (h *screens) setAccount(w http.ResponseWriter, r *http.Request) error {
	v, err := h.statementView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	v.In = statement.NewAccount{Payee: v.S.Payee, Holder: f.Text("holder", 60), Bank: f.Text("bank", 60), Number: f.Text("number", 40), Consent: f.Text("consent", 200)}
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			_, err := statement.SetAccount(r.Context(), tx, h.Vault, edge.Who(r).Actor, v.In)
			return err
		})
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/statements/"+string(v.S.ID), v.T("statement.account_saved"))
	}
	if !site.Correctable(err) {
		return err
	}
	v.Errors = ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), statementScreen(v))
}
