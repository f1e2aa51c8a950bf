package app

import "context"

// practise lets the audiences of practice shows do what is due.
func (a *App) practise(ctx context.Context) {
	if _, err := a.Flow.AdvancePractice(ctx); err != nil && ctx.Err() == nil {
		a.log.Error("practice", "err", err)
	}
}
