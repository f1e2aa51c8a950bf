package farm

import (
	"errors"
	"net/http"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Limits of what the pages show; the workbook has all.
const (
	maxStatements = 60
	maxShown      = 200
)

// statementRoutes are a producer's own statements.
func (s *screens) statementRoutes(farmer edge.Access) []edge.Route {
	own := farmer.Own("statement")
	return []edge.Route{
		{Method: "GET", Path: "/farm/statements", Access: farmer, Handle: s.statements},
		{Method: "GET", Path: "/farm/statements/{id}", Access: own, Handle: s.statement},
		{Method: "GET", Path: "/farm/statements/{id}/{format}", Access: own, Handle: s.statementFile},
		{Method: "POST", Path: "/farm/statements/{id}/ask", Access: own, Handle: s.askStatement},
	}
}

type statementsView struct {
	frame
	List []said
}

// said is a statement in words a farmer reads.
type said struct {
	statement.Statement
	Words []string
}

// statements lists those of the producer.
func (s *screens) statements(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(w, r, "statements")
	if errors.Is(err, errNone) {
		return s.Render(w, r, noneScreen(f.Base))
	}
	if err != nil {
		return err
	}
	f.Styles = append(f.Styles, "farm/statements.css")
	p := statement.Payee{Kind: statement.Producer, ID: string(f.Who.ID)}
	list, err := statement.List(r.Context(), s.DB, statement.Filter{Payee: p, Limit: maxStatements})
	if err != nil {
		return err
	}
	_, tail, err := s.PayeeAccount(r.Context(), p)
	if err != nil {
		return err
	}
	v := statementsView{frame: f}
	for _, x := range list {
		v.List = append(v.List, said{x, inWords(f.Base, x, tail)})
	}
	return s.Render(w, r, statementsScreen(v))
}

// inWords says a statement as one says it at the kitchen table.
func inWords(b page.Base, x statement.Statement, tail string) []string {
	out := []string{b.T("statement.farm_said_sold", "From", b.Day(x.From), "To", b.Day(x.To), "Gross", site.Exact(x.Gross))}
	put := func(is bool, key string, args ...any) {
		if is {
			out = append(out, b.T(key, args...))
		}
	}
	put(x.Back != 0, "statement.farm_said_back", "Back", site.Exact(-x.Back))
	put(x.Commission == 0, "statement.farm_said_free")
	put(x.Commission != 0, "statement.farm_said_commission", "Commission", site.Exact(x.Commission))
	put(x.Elsewhere != 0, "statement.farm_said_elsewhere", "Fen", site.Exact(x.Elsewhere))
	put(x.Carry != 0, "statement.farm_said_carry", "Fen", site.Exact(-x.Carry))
	if x.Pay == 0 {
		return out
	}
	day := b.Day(clock.DayOf(x.PaidAt))
	switch {
	case x.State == statement.Paid && tail != "":
		put(true, "statement.farm_said_paid", "Day", day, "Tail", tail)
	case x.State == statement.Paid:
		put(true, "statement.farm_said_paid_plain", "Day", day)
	case tail == "":
		put(true, "statement.farm_said_no_account")
	case x.State == statement.Approved:
		put(true, "statement.farm_said_approved", "Tail", tail)
	default:
		put(true, "statement.farm_said_soon", "Tail", tail)
	}
	return out
}

type statementView struct {
	frame
	S       said
	Promise string
	Proof   site.Proof
	Lines   []site.StatementRow
	More    bool
	Totals  []site.Labelled
	Talk    []statement.Step
	Error   string
	Asked   string // what was typed
}

// statement is one of them, line by line.
func (s *screens) statement(w http.ResponseWriter, r *http.Request) error {
	v, err := s.statementView(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, statementScreen(v))
}

func (s *screens) statementView(w http.ResponseWriter, r *http.Request) (v statementView, err error) {
	x, err := s.own(r)
	if err != nil {
		return v, err
	}
	if v.frame, err = s.frame(w, r, "statements"); err != nil {
		return v, err
	}
	for _, p := range v.Mine { // of the one it is of, when there are several
		if string(p.ID) == x.Payee.ID {
			v.Who = p
		}
	}
	v.Styles = append(v.Styles, "farm/statements.css")
	_, tail, err := s.PayeeAccount(r.Context(), x.Payee)
	if err != nil {
		return v, err
	}
	v.S = said{x, inWords(v.Base, x, tail)}
	v.Totals = site.StatementTotals(v.Base, x)
	if v.Promise, err = s.StatementPromise(r.Context(), v.Base, x); err != nil {
		return v, err
	}
	if v.Proof, err = s.ProofOf(r.Context(), statement.LeafRef(x.ID)); err != nil {
		return v, err
	}
	lines, err := statement.Lines(r.Context(), s.DB, x.ID, 0, maxShown)
	if err != nil {
		return v, err
	}
	for _, l := range lines {
		v.Lines = append(v.Lines, site.RowOf(v.Base, l))
	}
	v.More = x.LineCount > maxShown
	steps, err := statement.Steps(r.Context(), s.DB, x.ID)
	for _, t := range steps {
		if t.Step == statement.StepAsked || t.Step == statement.StepAnswered {
			v.Talk = append(v.Talk, t)
		}
	}
	return v, err
}

// own reads the statement of the path if it is the person's.
func (s *screens) own(r *http.Request) (statement.Statement, error) {
	sid, err := site.PathID[id.Statement](r, "id")
	if err != nil {
		return statement.Statement{}, err
	}
	x, err := s.Flow.OwnStatement(r.Context(), edge.Who(r).Actor, sid)
	if err == nil && x.Payee.Kind != statement.Producer {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return x, err
}

func (s *screens) statementFile(w http.ResponseWriter, r *http.Request) error {
	x, err := s.own(r)
	if err != nil {
		return err
	}
	format := r.PathValue("format")
	if format != "pdf" && format != "xlsx" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return s.StatementFile(w, r, s.Base(w, r, "farm", ""), x, format)
}

// askStatement sends a question to the centre.
func (s *screens) askStatement(w http.ResponseWriter, r *http.Request) error {
	x, err := s.own(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	words := f.Need("words", 500)
	if err = f.Err(); err == nil {
		err = s.Flow.AskAboutStatement(r.Context(), edge.Who(r).Actor, x.ID, words)
	}
	if err == nil {
		return s.Redirect(w, r, "/farm/statements/"+string(x.ID), edge.Who(r).P.T("statement.farm_asked"))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := s.statementView(w, r)
	if verr != nil {
		return verr
	}
	v.Error, v.Asked = v.P.Err(fault.Of(err).All()[0]), words
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), statementScreen(v))
}
