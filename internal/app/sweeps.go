package app

import (
	"context"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/sheet"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/statement"
)

// sweeps is everything the centre does by itself, with its period. All of it
// may run twice, late or never in between: each looks at the records and does
// what is due.
func (a *App) sweeps() {
	counted := func(fn func(context.Context) (int, error)) func(context.Context) error {
		return func(ctx context.Context) error { _, err := fn(ctx); return err }
	}
	for _, s := range []struct {
		name  string
		every time.Duration
		fn    func(context.Context) error
	}{
		{"orders.expire", 5 * time.Second, counted(a.Flow.ExpireOrders)},
		{"gifts.expire", 30 * time.Second, counted(a.Flow.ExpireGifts)},
		{"lots.give_back", 15 * time.Second, counted(a.Flow.GiveBackAllotments)},
		{"orders.advance", 10 * time.Minute, counted(a.Flow.AdvanceOrders)},
		{"payments.query", 15 * time.Second, counted(a.Flow.QueryPayments)},
		{"payments.refund", 30 * time.Second, counted(a.Flow.SendRefunds)},
		{flow.SweepSplits, 30 * time.Second, counted(a.Flow.SendSplits)},
		{"payments.bills", 10 * time.Minute, counted(a.Flow.Reconcile)},
		{flow.SweepWaits, 20 * time.Second, counted(a.Flow.TellWaits)},
		{"shows.remind", time.Minute, counted(a.Flow.SendReminders)},
		{"books.check", time.Minute, a.checkBooks},
		{"books.check_all", 10 * time.Minute, a.checkAllBooks},
		{"books.days", 10 * time.Minute, func(ctx context.Context) error { return promise.KeepDays(ctx, a.DB) }},
		{flow.SweepClips, time.Minute, counted(a.Flow.MakeClips)},
		{"recordings.expire", 6 * time.Hour, counted(a.Flow.ExpireRecordings)},
		{"recordings.check", 24 * time.Hour, a.checkRecordings},
		{"shows.sheet", 30 * time.Second, counted(a.keepSheets)},
		{"orders.prune_keys", time.Hour, counted(a.Flow.PruneKeys)},
		{"account.prune", 24 * time.Hour, a.prune},
		{flow.SweepStatements, time.Hour, counted(a.issueStatements)},
	} {
		a.jobs.Handle(s.name, s.fn)
		a.jobs.Every(s.name, s.every)
	}
}

// issueStatements issues the statements of the period that is over.
func (a *App) issueStatements(ctx context.Context) (int, error) {
	return a.Flow.IssueStatements(ctx, actor.System("clock"), statement.Cut(a.cfg.Orders.StatementCut))
}

// keepSheets makes the after-show sheets of shows that ended.
func (a *App) keepSheets(ctx context.Context) (int, error) {
	if err := a.Flow.WriteClicks(ctx); err != nil {
		return 0, err
	}
	return sheet.Keep(ctx, a.DB)
}

// prune forgets sign-in codes and sessions that need not be kept any longer.
func (a *App) prune(ctx context.Context) error {
	return a.DB.Update(ctx, func(tx *db.Tx) error { _, err := account.Prune(ctx, tx); return err })
}

// checkBooks looks at what changed in the books and keeps the result for the
// status page and the metrics.
func (a *App) checkBooks(ctx context.Context) error {
	rep, err := fsck.Recent(ctx, a.DB, time.Since(a.started))
	a.tellFindings(rep)
	return err
}

// fullEvery is how old the last check of everything may be.
const fullEvery = 24 * time.Hour

// checkAllBooks recomputes everything once a day.
func (a *App) checkAllBooks(ctx context.Context) error {
	_, at, ok, err := fsck.Last(ctx, a.DB)
	if age := a.DB.Clock.Now().Sub(at); err != nil || ok && age >= 0 && age < fullEvery {
		return err
	}
	rep, err := fsck.Full(ctx, a.DB)
	if err == nil {
		vouchers := fsck.Check{Name: "fsck.vouchers"}
		vouchers.Rows, vouchers.Findings, err = a.Flow.CheckVouchers(ctx, fsck.MaxFindings)
		rep.Checks = append(rep.Checks, vouchers)
	}
	a.tellFindings(rep)
	return err
}

func (a *App) tellFindings(rep fsck.Report) {
	for _, c := range rep.Checks {
		for _, f := range c.Findings {
			a.log.Error("the books don't agree", "check", c.Name, "finding", f)
		}
	}
}

// writeVisits notes who is in the room of a live show, and how many.
func (a *App) writeVisits(ctx context.Context, s id.Show) {
	in := map[string]int64{}
	for _, v := range a.rt.Visitors(room.Channel(s), maxVisits) {
		in[v] = 0
	}
	online := a.rt.Online(room.Channel(s))
	err := a.DB.Update(ctx, func(tx *db.Tx) error {
		if err := show.Sample(ctx, tx, s, int64(online)); err != nil {
			return err
		}
		return show.Visit(ctx, tx, s, in)
	})
	if err != nil {
		a.log.Error("visits", "err", err)
	}
}
