package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
)

// noteWords keeps for the desk's alerts which listed words somebody who speaks
// for the centre (badge) wanted to say. What others try is refused and
// forgotten. Losing a note loses an alert, so it refuses nothing.
func (f *Flow) noteWords(ctx context.Context, who actor.Actor, s id.Show, badge, body string) {
	if badge == "" || f.Words == nil {
		return
	}
	var hits []review.Hit
	for _, h := range review.For(true, f.Words.Find(body)) {
		if h.Kind != review.Link { // staff may send links
			hits = append(hits, h)
		}
	}
	if len(hits) == 0 {
		return
	}
	err := f.DB.Update(ctx, func(tx *db.Tx) error { return review.Note(ctx, tx, s, who.User, badge, hits...) })
	if err != nil && ctx.Err() == nil && f.Log != nil {
		f.Log.Error("a word was not noted", "err", err)
	}
}
