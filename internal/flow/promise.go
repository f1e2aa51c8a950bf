package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/review"
)

// DraftPromise writes the draft of a promise's next version.
func (f *Flow) DraftPromise(ctx context.Context, who actor.Actor, n promise.NewVersion) (v promise.Version, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		v, err = promise.WriteDraft(ctx, tx, who, n)
		return err
	})
	return v, err
}

// SignPromise announces a draft that another person wrote.
func (f *Flow) SignPromise(ctx context.Context, who actor.Actor, no string, version int64) (v promise.Version, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		v, err = promise.Sign(ctx, tx, who, no, version)
		return err
	})
	return v, err
}

// CountersignPromise adds the overseer's name.
func (f *Flow) CountersignPromise(ctx context.Context, who actor.Actor, no string, version int64) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return promise.Countersign(ctx, tx, who, no, version) })
}

// WithdrawPromise takes an announced version back before it binds.
func (f *Flow) WithdrawPromise(ctx context.Context, who actor.Actor, no string, version int64) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return promise.Withdraw(ctx, tx, who, no, version) })
}

// DropPromiseDraft forgets a draft.
func (f *Flow) DropPromiseDraft(ctx context.Context, who actor.Actor, no string, version int64) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return promise.DropDraft(ctx, tx, who, no, version) })
}

// CommentPromise says something to an announced version. The word list of
// rooms holds here too. Faults: promise.word and those of promise.Say.
func (f *Flow) CommentPromise(ctx context.Context, who actor.Actor, no string, version int64, body string) (c promise.Comment, err error) {
	if f.Words != nil {
		if hits := review.For(false, f.Words.Find(body)); len(hits) > 0 {
			return c, fault.New(fault.Invalid, "promise.word", "Word", hits[0].Word, "Proposal", "@"+hits[0].Proposal()).At("body")
		}
	}
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		c, err = promise.Say(ctx, tx, who, no, version, body)
		return err
	})
	return c, err
}

// HidePromiseComment hides an unlawful comment with the reason.
func (f *Flow) HidePromiseComment(ctx context.Context, who actor.Actor, c id.Comment, why string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return promise.HideComment(ctx, tx, who, c, why) })
}
