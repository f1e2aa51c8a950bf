package flow

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/recon"
)

// Bounds of reconciliation.
const (
	billTimeout = 2 * time.Minute
	billAgain   = 30 * time.Minute // a provider that has no bill yet is asked again
	billDays    = 7                // how far back the sweep looks for days that are not done
	billOldest  = 90               // how far back finance may ask
	billLook    = 30               // how far back open differences are looked at again
)

// Reconcile downloads the providers' bills of the days that are over and
// compares them with our payments and refunds. A provider that has no bill yet
// is asked again. It tells how many days were done.
func (f *Flow) Reconcile(ctx context.Context) (int, error) {
	done := 0
	var failed []error
	for _, name := range slices.Sorted(maps.Keys(f.Gateways)) {
		days, err := f.billsDue(ctx, name)
		if err != nil {
			return done, err
		}
		for _, day := range days {
			problem, err := f.takeBill(ctx, f.Gateways[name], day)
			if err != nil {
				failed = append(failed, err)
			} else if problem == "" {
				done++
			}
		}
	}
	return done, errors.Join(failed...)
}

// billsDue lists the days of a gateway that are over, not done, and may be
// asked for now; none before its first payment.
func (f *Flow) billsDue(ctx context.Context, gateway string) ([]clock.Day, error) {
	now := f.DB.Clock.Now()
	first, ok, err := payment.First(ctx, f.DB, gateway)
	if err != nil || !ok {
		return nil, err
	}
	today := clock.DayOf(now)
	bills, err := recon.Bills(ctx, f.DB, today.Add(-billDays), today)
	if err != nil {
		return nil, err
	}
	var out []clock.Day
	for day := max(today.Add(-billDays), clock.DayOf(first)); day < today; day = day.Add(1) {
		if !slices.ContainsFunc(bills, func(b recon.Bill) bool {
			return b.Gateway == gateway && b.Day == day && (b.State == recon.Done || b.Next.After(now))
		}) {
			out = append(out, day)
		}
	}
	return out, nil
}

// ReconcileDay asks for the bill of a day again (finance): a button. Faults:
// payment.unknown_gateway, recon.day, recon.no_bill, payment.gateway_down.
func (f *Flow) ReconcileDay(ctx context.Context, who actor.Actor, gateway string, day clock.Day) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	g := f.Gateways[gateway]
	if g == nil {
		return fault.New(fault.Invalid, "payment.unknown_gateway").At("gateway")
	}
	if err := f.checkBillDay(day); err != nil {
		return err
	}
	problem, err := f.takeBill(ctx, g, day)
	if err == nil && problem != "" {
		err = fault.New(fault.Unavailable, problem)
	}
	if err != nil {
		return err
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		return audit.Write(ctx, tx, who, "recon.ask", "gateway", gateway, map[string]any{"day": day})
	})
}

func (f *Flow) checkBillDay(day clock.Day) error {
	today := clock.DayOf(f.DB.Clock.Now())
	if day >= today || day < today.Add(-billOldest) {
		return fault.New(fault.Invalid, "recon.day", "Days", billOldest).At("day")
	}
	return nil
}

// takeBill downloads a bill, keeps it and compares. problem is the message key
// of why it could not be had.
func (f *Flow) takeBill(ctx context.Context, g payment.Gateway, day clock.Day) (problem string, err error) {
	call, cancel := context.WithTimeout(ctx, billTimeout)
	defer cancel()
	bill, err := g.Bill(call, day)
	if err != nil {
		problem = "payment.gateway_down"
		if errors.Is(err, payment.ErrNoBill) {
			problem = "recon.no_bill"
		} else {
			f.Log.WarnContext(ctx, "bill not had", "gateway", g.Name(), "day", day, "err", err)
		}
		return problem, f.DB.Update(ctx, func(tx *db.Tx) error {
			return recon.Later(ctx, tx, g.Name(), day, problem, tx.Now.Add(billAgain))
		})
	}
	rows := make([]recon.Row, len(bill))
	for i, b := range bill {
		rows[i] = recon.Row{Kind: b.Kind, Ours: b.Ours, Ref: b.Ref, Amount: b.Amount, Fee: b.Fee, At: b.At}
	}
	return "", f.keepBill(ctx, g.Name(), day, rows)
}

// keepBill keeps a bill's rows and looks at its day, the day before (what moves
// at midnight may stand on either), and at older days with open differences.
func (f *Flow) keepBill(ctx context.Context, gateway string, day clock.Day, rows []recon.Row) error {
	if err := f.DB.Update(ctx, func(tx *db.Tx) error { return recon.Keep(ctx, tx, gateway, day, rows) }); err != nil {
		return err
	}
	days, err := recon.OpenDays(ctx, f.DB, gateway, day.Add(-billLook))
	if err != nil {
		return err
	}
	days = append(days, day.Add(-1), day)
	slices.Sort(days)
	for _, d := range slices.Compact(days) {
		if err := f.DB.Update(ctx, func(tx *db.Tx) error { return f.compareDay(ctx, tx, gateway, d) }); err != nil {
			return err
		}
	}
	return nil
}

// compareDay compares a day whose bill is in with what we have.
func (f *Flow) compareDay(ctx context.Context, tx *db.Tx, gateway string, day clock.Day) error {
	b, ok, err := recon.BillOf(ctx, tx, gateway, day)
	if err != nil || !ok || b.State != recon.Done {
		return err
	}
	next, _, err := recon.BillOf(ctx, tx, gateway, day.Add(1))
	if err != nil {
		return err
	}
	d := recon.Day{Day: day, Over: next.State == recon.Done}
	if d.Rows, err = recon.RowsOf(ctx, tx, gateway, day); err != nil {
		return err
	}
	if d.Ours, err = movements(ctx, tx, gateway, day, d.Rows); err != nil {
		return err
	}
	named, err := recon.Named(ctx, tx, gateway, d.Ours)
	if err != nil {
		return err
	}
	d.There = func(m recon.Movement) bool {
		if m.Held {
			return named[m.Kind+"/"+m.ID+"/"+m.Ref]
		}
		return named[m.Kind+"/"+m.ID]
	}
	found := d.Compare()
	if len(found) > recon.MaxDifferences {
		f.Log.ErrorContext(ctx, "a bill does not fit at all", "gateway", gateway, "day", day, "differences", len(found))
		found = found[:recon.MaxDifferences]
	}
	fees, err := recon.Fees(ctx, tx, gateway, day)
	if err != nil {
		return err
	}
	_, err = recon.Replace(ctx, tx, gateway, day, append(found, fees...))
	return err
}

// movements are our payments and refunds of a day, and those that a bill names.
func movements(ctx context.Context, q db.Querier, gateway string, day clock.Day, rows []recon.Row) ([]recon.Movement, error) {
	list, err := payment.MovedBetween(ctx, q, gateway, day.Time(), day.Add(1).Time())
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Ours)
	}
	slices.Sort(ids)
	more, err := payment.MovedOf(ctx, q, gateway, slices.Compact(ids))
	var out []recon.Movement
	seen := map[string]bool{}
	for _, m := range append(list, more...) {
		x := recon.Movement{Kind: recon.Pay, ID: m.ID, Ref: m.Ref, Order: m.Order, Amount: m.Amount, At: m.At, Held: m.Held}
		key := m.ID
		if m.Held {
			key += "/" + m.Ref
		}
		if m.Refund {
			x.Kind = recon.Refund
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, x)
		}
	}
	return out, err
}

// SettleDifference settles a difference with a reason (finance): explained, a
// day's fees booked as a cost of the centre, or money that is there taken into
// quarantine, where two of finance settle it. Faults: recon.settled, recon.how.
func (f *Flow) SettleDifference(ctx context.Context, who actor.Actor, difference, how, note string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		d, err := recon.Settle(ctx, tx, who, difference, how, note)
		if err != nil {
			return err
		}
		switch {
		case how == recon.FeeBooked && d.Theirs != 0:
			return promise.ProviderFee(ctx, tx, "bill/"+d.ID, d.Theirs, d.Gateway)
		case how == recon.Quarantine:
			return quarantineOf(ctx, tx, d)
		}
		return nil
	})
}

// quarantineOf takes money that only the bill knows into quarantine.
func quarantineOf(ctx context.Context, tx *db.Tx, d recon.Difference) error {
	n := payment.Notice{EventID: "bill/" + d.Ref, Payment: asPayment(d.Ours), Amount: d.Theirs, Ref: d.Ref, Paid: true, At: tx.Now}
	reason := payment.ReasonUnknown
	if d.Kind == recon.Double {
		reason = payment.ReasonSecond
	}
	c, first, err := payment.Record(ctx, tx, d.Gateway, n, payment.InQuarantine, reason)
	if err != nil {
		return err
	}
	if !first {
		return fault.New(fault.Conflict, "recon.settled")
	}
	return bookHeld(ctx, tx, d.Gateway, c, n, reason)
}
