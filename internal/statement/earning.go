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
	Back      Back // what was taken back of it; no ID: nothing
}

// Sum is what the host and the agency got together.
func (e Earning) Sum() money.Fen { return e.HostFen + e.AgencyFen }

// Back is what was taken back of an earning, once: a line below zero on the
// next sheet.
type Back struct {
	ID        id.Back
	Day       clock.Day
	HostFen   money.Fen
	AgencyFen money.Fen
	Reason    string
}

// Sum is what was taken back of host and agency together.
func (b Back) Sum() money.Fen { return b.HostFen + b.AgencyFen }

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

// Earnings lists the newest first, with what was taken back of each; at most 200.
func Earnings(ctx context.Context, q db.Querier) ([]Earning, error) {
	rows, err := q.Query(ctx, `SELECT `+earningColumns+earningFrom+` ORDER BY e.id DESC LIMIT 200`)
	return db.Collect(rows, err, scanEarning)
}

// EarningByID reads one; NotFound.
func EarningByID(ctx context.Context, q db.Querier, e id.Earning) (Earning, error) {
	rows, err := q.Query(ctx, `SELECT `+earningColumns+earningFrom+` WHERE e.id = $1`, e)
	list, err := db.Collect(rows, err, scanEarning)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Earning{}, err
	}
	return list[0], nil
}

const (
	earningColumns = `e.id, e.host_id, e.show_id, e.what, e.kind, e.day, e.host_fen, e.agency_id, e.agency_fen, e.idem_key,
		coalesce(b.id, ''), coalesce(b.day, 0), coalesce(b.host_fen, 0), coalesce(b.agency_fen, 0), coalesce(b.reason, '')`
	earningFrom = ` FROM host_earning e LEFT JOIN host_earning_back b ON b.earning_id = e.id`
)

func scanEarning(r *db.Rows, e *Earning) error {
	return r.Scan(&e.ID, &e.Host, &e.Show, &e.What, &e.Kind, &e.Day, &e.HostFen, &e.Agency, &e.AgencyFen, &e.Key,
		&e.Back.ID, &e.Back.Day, &e.Back.HostFen, &e.Back.AgencyFen, &e.Back.Reason)
}

// EarningLines are the lines for the statement of a host or an agency: all
// that was earned, and taken back, up to a day and stands on no statement yet.
func EarningLines(ctx context.Context, q db.Querier, p Payee, upTo clock.Day) ([]Line, error) {
	who, fen := "host_id", "host_fen"
	if p.Kind == Agency {
		who, fen = "agency_id", "agency_fen"
	}
	rows, err := q.Query(ctx, fmt.Sprintf(`
		SELECT id, day, what, why, fen FROM (
			SELECT CAST($3 AS TEXT) || '/' || e.id AS id, e.id AS seq, e.day, e.what, e.kind AS why, e.%[2]s AS fen FROM host_earning e WHERE e.%[1]s = $1
			UNION ALL SELECT CAST($3 AS TEXT) || '-back/' || b.id, b.id, b.day, e.what, b.reason, -b.%[2]s FROM host_earning e JOIN host_earning_back b ON b.earning_id = e.id
				WHERE e.%[1]s = $1) x
		WHERE day <= $2 AND fen <> 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = x.id)
		ORDER BY day, seq LIMIT %[3]d`, who, fen, MaxLines+1), p.ID, int64(upTo), p.Kind)
	return db.Collect(rows, err, func(r *db.Rows, l *Line) error {
		err := r.Scan(&l.Source, &l.Day, &l.What, &l.Reason, &l.Gross)
		l.Kind, l.Net = Earned, l.Gross
		if l.Gross < 0 {
			l.Kind = Refund
		}
		return err
	})
}

// EarningPayees lists hosts and agencies with something, earned or taken back,
// that stands on no statement.
func EarningPayees(ctx context.Context, q db.Querier, upTo clock.Day) ([]Payee, error) {
	const back = `host_earning_back b JOIN host_earning e ON e.id = b.earning_id WHERE b.day <= $1 AND b.`
	rows, err := q.Query(ctx, `
		SELECT DISTINCT 'host', host_id FROM host_earning e WHERE day <= $1 AND host_fen > 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = 'host/' || e.id)
		UNION SELECT DISTINCT 'agency', agency_id FROM host_earning e WHERE day <= $1 AND agency_fen > 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = 'agency/' || e.id)
		UNION SELECT DISTINCT 'host', e.host_id FROM `+back+`host_fen > 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = 'host-back/' || b.id)
		UNION SELECT DISTINCT 'agency', e.agency_id FROM `+back+`agency_fen > 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.source = 'agency-back/' || b.id)
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
