package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// SaveShow creates or changes a show's notice with its words looked through.
// Faults: those of show.Save, review.word on title or summary.
func (f *Flow) SaveShow(ctx context.Context, who actor.Actor, sh show.Show) (id.Show, error) {
	if err := f.checkNotice(sh); err != nil {
		return "", err
	}
	var out id.Show
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		out, err = show.Save(ctx, tx, who, sh)
		return err
	})
	return out, err
}

func (f *Flow) checkNotice(sh show.Show) error {
	if err := f.Words.Check(true, "title", sh.Title); err != nil {
		return err
	}
	return f.Words.Check(true, "summary", sh.Summary)
}
