package statement

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Earning is what a host earned, with an agency's part of it.
type Earning struct {
	ID        id.Earning
	Host      id.User
	Show      id.Show // "" for pay of no one show
	What      string
	Kind      string // promise.FromWages, promise.FromCommission
	Day       clock.Day
	HostFen   money.Fen
	Agency    id.Agency
	AgencyFen money.Fen
	Key       string
}

// AddEarning keeps it (finance) and tells whether it is new: the same key is
// kept once. The caller books it.
func AddEarning(ctx context.Context, tx *db.Tx, who actor.Actor, e Earning) (bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return false, err
	}
	var err error
	if e.What, err = clean("what", e.What, maxText*2); err != nil {
		return false, err
	}
	switch {
	case e.Host == "" || e.Key == "" || len(e.Key) > 64:
		return false, fault.New(fault.Invalid, "fault.form")
	case e.HostFen < 0 || e.AgencyFen < 0 || e.HostFen+e.AgencyFen <= 0 || e.HostFen > money.MaxFen:
		return false, fault.New(fault.Invalid, "fault.amount").At("amount")
	case e.Day == 0 || e.Day > clock.DayOf(tx.Now):
		return false, fault.New(fault.Invalid, "statement.day_ahead").At("day")
	}
	wrote, err := tx.InsertNew(ctx, "host_earning", []string{"id", "host_id", "show_id", "what", "kind", "day", "host_fen", "agency_id", "agency_fen", "idem_key", "by_id", "at_us"}, "idem_key",
		[][]any{{string(e.ID), string(e.Host), string(e.Show), e.What, e.Kind, int64(e.Day), int64(e.HostFen), string(e.Agency), int64(e.AgencyFen), e.Key, signer(who), tx.NowUs()}})
	if err != nil || !wrote[0] {
		return false, err
	}
	return true, audit.Write(ctx, tx, who, "host.earned", "user", e.Host, map[string]any{"earning": e.ID, "fen": e.HostFen, "agency": e.Agency, "agency_fen": e.AgencyFen})
}

// Earnings lists the newest first; at most 200.
func Earnings(ctx context.Context, q db.Querier) ([]Earning, error) {
	rows, err := q.Query(ctx, `
		SELECT id, host_id, show_id, what, kind, day, host_fen, agency_id, agency_fen, idem_key FROM host_earning ORDER BY id DESC LIMIT 200`)
	return db.Collect(rows, err, func(r *db.Rows, e *Earning) error {
		return r.Scan(&e.ID, &e.Host, &e.Show, &e.What, &e.Kind, &e.Day, &e.HostFen, &e.Agency, &e.AgencyFen, &e.Key)
	})
}

// EarningLines are the lines for the statement of a host or an agency: all
// that was earned up to a day and stands on no statement yet.
func EarningLines(ctx context.Context, q db.Querier, p Payee, upTo clock.Day) ([]Line, error) {
	who, fen := "host_id", "host_fen"
	if p.Kind == Agency {
		who, fen = "agency_id", "agency_fen"
	}
	rows, err := q.Query(ctx, fmt.Sprintf(`
		SELECT id, day, what, kind, %[2]s FROM host_earning e
		WHERE %[1]s = $1 AND day <= $2 AND %[2]s > 0
			AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = $3 || e.id)
		ORDER BY day, id LIMIT %[3]d`, who, fen, MaxLines+1), p.ID, int64(upTo), p.Kind+"/")
	return db.Collect(rows, err, func(r *db.Rows, l *Line) error {
		err := r.Scan(&l.Source, &l.Day, &l.What, &l.Reason, &l.Gross)
		l.Source, l.Kind, l.Net = p.Kind+"/"+l.Source, Earned, l.Gross
		return err
	})
}

// EarningPayees lists hosts and agencies with something that stands on no
// statement.
func EarningPayees(ctx context.Context, q db.Querier, upTo clock.Day) ([]Payee, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT 'host', host_id FROM host_earning e WHERE day <= $1 AND host_fen > 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = 'host/' || e.id)
		UNION SELECT DISTINCT 'agency', agency_id FROM host_earning e WHERE day <= $1 AND agency_fen > 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = 'agency/' || e.id)
		ORDER BY 1, 2`, int64(upTo))
	return db.Collect(rows, err, func(r *db.Rows, p *Payee) error { return r.Scan(&p.Kind, &p.ID) })
}

// AgencyOf is a company that hosts belong to.
type AgencyOf struct {
	ID        id.Agency
	Name      string
	LicenceNo string
}

// SaveAgency adds an agency (finance, admin). Faults: statement.agency_known.
func SaveAgency(ctx context.Context, tx *db.Tx, who actor.Actor, a AgencyOf) (id.Agency, error) {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return "", err
	}
	var err error
	if a.Name, err = clean("name", a.Name, maxText); err != nil {
		return "", err
	}
	if a.LicenceNo, err = clean("licence_no", a.LicenceNo, 30); err != nil {
		return "", err
	}
	a.ID = id.New[id.Agency]()
	wrote, err := tx.InsertNew(ctx, "agency", []string{"id", "name", "licence_no", "created_us", "by_id"}, "name",
		[][]any{{string(a.ID), a.Name, a.LicenceNo, tx.NowUs(), signer(who)}})
	if err == nil && !wrote[0] {
		err = fault.New(fault.Conflict, "statement.agency_known").At("name")
	}
	if err != nil {
		return "", err
	}
	return a.ID, audit.Write(ctx, tx, who, "agency.add", "agency", a.ID, map[string]any{"name": a.Name})
}

// Agencies lists all by their id; at most 500.
func Agencies(ctx context.Context, q db.Querier) ([]AgencyOf, error) {
	rows, err := q.Query(ctx, `SELECT id, name, licence_no FROM agency ORDER BY id LIMIT 500`)
	return db.Collect(rows, err, func(r *db.Rows, a *AgencyOf) error { return r.Scan(&a.ID, &a.Name, &a.LicenceNo) })
}
