package webtest

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/promise"
)

// Reword brings a new version of a promise into force, as people do it: drafted,
// signed by somebody else, and the notice waited for. Sessions end meanwhile.
func (w *World) Reword(no, zh, en string) {
	w.t.Helper()
	ctx := context.Background()
	old, err := promise.VersionOf(ctx, w.DB, no, 1)
	w.must(err)
	drafter, signer := w.Person("Drafter", actor.Finance).Actor(), w.Person("Signer", actor.Admin).Actor()
	w.Update(func(tx *db.Tx) error {
		v, err := promise.WriteDraft(ctx, tx, drafter, promise.NewVersion{No: no, Scope: old.Scope, WordsZH: zh, WordsEN: en, Script: old.Script, NoticeDays: 30, CommentDays: 10})
		if err == nil {
			_, err = promise.Sign(ctx, tx, signer, no, v.Version)
		}
		return err
	})
	w.Clock.Add(32 * 24 * time.Hour)
}
