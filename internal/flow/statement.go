package flow

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// SweepStatements is the job that issues statements of the period that is
// over.
const SweepStatements = "statements.issue"

// errNothing means that nothing is due: no statement is made.
var errNothing = fault.New(fault.Conflict, "statement.nothing_due")

// IssueStatements issues the statements of the last period that is over to
// everyone who has something due, each in a transaction of its own, and tells
// how many. It may run twice or late: who has one is passed over.
func (f *Flow) IssueStatements(ctx context.Context, who actor.Actor, cut statement.Cut) (int, error) {
	from, to := cut.Over(clock.DayOf(f.DB.Clock.Now()))
	producers, err := producersDue(ctx, f.DB, to.Add(1).Time())
	if err != nil {
		return 0, err
	}
	payees, err := statement.EarningPayees(ctx, f.DB, to)
	if err != nil {
		return 0, err
	}
	for _, p := range producers {
		payees = append(payees, statement.Payee{Kind: statement.Producer, ID: string(p)})
	}
	n := 0
	var failed []error
	for _, p := range payees {
		_, err := f.IssueStatement(ctx, who, p, from, to)
		switch {
		case err == nil:
			n++
		case fault.HasKey(err, "statement.period_closed"), errors.Is(err, errNothing):
		default: // one payee's trouble does not keep the others waiting
			failed = append(failed, err)
		}
	}
	return n, errors.Join(failed...)
}

// IssueStatement issues one statement of a period (finance). Faults:
// statement.not_over, statement.period_closed, statement.nothing_due.
func (f *Flow) IssueStatement(ctx context.Context, who actor.Actor, p statement.Payee, from, to clock.Day) (id.Statement, error) {
	if err := who.Need(actor.Finance); err != nil {
		return "", err
	}
	var sid id.Statement
	return sid, f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		sid, err = issue(ctx, tx, who, p, from, to)
		return err
	})
}

func issue(ctx context.Context, tx *db.Tx, who actor.Actor, p statement.Payee, from, to clock.Day) (id.Statement, error) {
	h, err := headOf(ctx, tx, p)
	if err != nil {
		return "", err
	}
	h.ID, h.From, h.To = id.New[id.Statement](), from, to
	h.No = statement.NewNo(to, h.ID)
	if err := statement.TakePeriod(ctx, tx, p, from, to); err != nil {
		return "", err
	}
	// Read after the period was taken: of two issuers the second sees the
	// lines of the first.
	var lines []statement.Line
	if p.Kind == statement.Producer {
		lines, err = producerLines(ctx, tx, id.Producer(p.ID), h.Local, to)
	} else {
		lines, err = statement.EarningLines(ctx, tx, p, to)
	}
	if err != nil {
		return "", err
	}
	if len(lines) == 0 {
		return "", errNothing
	}
	lines = lines[:min(len(lines), statement.MaxLines)] // the rest stands on the next
	carried, err := statement.CarriedFrom(ctx, tx, p)
	if err != nil {
		return "", err
	}
	year, err := statement.YearOf(ctx, tx, p.ID, to)
	if err != nil {
		return "", err
	}
	s, err := statement.Build(h, lines, carried, year)
	if err != nil {
		return "", err
	}
	return s.ID, statement.Write(ctx, tx, who, s, lines)
}

// headOf reads who a payee is. Fault promise.official_host for a host who holds
// public office: there is nothing to state.
func headOf(ctx context.Context, q db.Querier, p statement.Payee) (statement.Head, error) {
	h := statement.Head{Payee: p, PromiseNo: "P5"}
	none := fault.New(fault.NotFound, "fault.not_found")
	switch p.Kind {
	case statement.Producer:
		all, err := catalog.Producers(ctx, q, id.Producer(p.ID))
		if err != nil {
			return h, err
		}
		x, ok := all[id.Producer(p.ID)]
		if !ok {
			return h, none
		}
		if h.Name, h.Place, h.Local = x.Name, x.District+" "+x.Village, x.Local; h.Local {
			h.PromiseNo = "P1"
		}
		return h, nil
	case statement.Host:
		h.PromiseNo = "P4"
		official, err := promise.Official(ctx, q, id.User(p.ID))
		if err != nil {
			return h, err
		}
		if official {
			return h, promise.Broken(ctx, q, "promise.official_host", "P4", "statement")
		}
		all, err := account.Users(ctx, q, id.User(p.ID))
		if h.Name = all[id.User(p.ID)].Name; err == nil && h.Name == "" {
			err = none
		}
		return h, err
	case statement.Agency:
		all, err := statement.Agencies(ctx, q)
		for _, a := range all {
			if string(a.ID) == p.ID {
				h.Name = a.Name
				return h, err
			}
		}
		return h, errors.Join(none, err)
	}
	return h, none
}

// CheckStatement signs that a statement was looked through.
func (f *Flow) CheckStatement(ctx context.Context, who actor.Actor, s id.Statement) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return statement.Check(ctx, tx, who, s) })
}

// ApproveStatement signs that it may be paid; another person than the checker.
func (f *Flow) ApproveStatement(ctx context.Context, who actor.Actor, s id.Statement) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return statement.Approve(ctx, tx, who, s) })
}

// AskAboutStatement keeps a producer's question about their own statement.
func (f *Flow) AskAboutStatement(ctx context.Context, who actor.Actor, s id.Statement, words string) error {
	if _, err := f.OwnStatement(ctx, who, s); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error { return statement.Ask(ctx, tx, who, s, words) })
}

// OwnStatement reads a statement of a producer that the person is linked to, or
// of the person as a host; another's is not found.
func (f *Flow) OwnStatement(ctx context.Context, who actor.Actor, s id.Statement) (statement.Statement, error) {
	x, err := statement.ByID(ctx, f.DB, s)
	if err != nil {
		return x, err
	}
	none := fault.New(fault.NotFound, "fault.not_found")
	switch x.Payee.Kind {
	case statement.Host:
		if who.SignedIn() && string(who.User) == x.Payee.ID {
			return x, nil
		}
	case statement.Producer:
		mine, err := account.ProducersOf(ctx, f.DB, who.User)
		if err != nil {
			return statement.Statement{}, err
		}
		for _, p := range mine {
			if string(p) == x.Payee.ID {
				return x, nil
			}
		}
	}
	return statement.Statement{}, none
}
