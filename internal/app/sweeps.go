package app

import (
	"context"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
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
		{"orders.advance", 10 * time.Minute, counted(a.Flow.AdvanceOrders)},
		{"payments.query", 15 * time.Second, counted(a.Flow.QueryPayments)},
		{"payments.refund", 30 * time.Second, counted(a.Flow.SendRefunds)},
		{"shows.remind", time.Minute, counted(a.Flow.SendReminders)},
		{"books.check", 10 * time.Minute, a.checkBooks},
		{"account.prune", 24 * time.Hour, a.prune},
	} {
		a.jobs.Handle(s.name, s.fn)
		a.jobs.Every(s.name, s.every)
	}
}

// prune forgets sign-in codes and sessions that need not be kept any longer.
func (a *App) prune(ctx context.Context) error {
	return a.DB.Update(ctx, func(tx *db.Tx) error { _, err := account.Prune(ctx, tx); return err })
}

// checkBooks recomputes the books and keeps the result for the status page and
// the metrics.
func (a *App) checkBooks(ctx context.Context) error {
	rep, err := fsck.Run(ctx, a.DB)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range rep.Checks {
		n += len(c.Findings)
		for _, f := range c.Findings {
			a.log.Error("the books don't agree", "check", c.Name, "finding", f)
		}
	}
	a.fsckFindings.Store(int64(n))
	a.fsckAt.Store(time.Since(a.started).Seconds())
	return a.DB.Update(ctx, func(tx *db.Tx) error { return fsck.Save(ctx, tx, rep) })
}

// writeVisits notes who is in the room of a live show.
func (a *App) writeVisits(ctx context.Context, s id.Show) {
	in := map[string]int64{}
	for _, v := range a.rt.Visitors(room.Channel(s), maxVisits) {
		in[v] = 0
	}
	if len(in) == 0 {
		return
	}
	if err := a.DB.Update(ctx, func(tx *db.Tx) error { return show.Visit(ctx, tx, s, in) }); err != nil {
		a.log.Error("visits", "err", err)
	}
}
