package flow

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// Say posts a chat message: length, word list, mute, rate and repeats are
// checked, and the room is told. Whoever speaks for the centre (the host,
// staff) wears a badge, is free of the rate, and may not advertise beyond the
// law. Faults: chat.closed, chat.word with a proposal, and those of chat.Post.
func (f *Flow) Say(ctx context.Context, who actor.Actor, s id.Show, body string) (chat.Message, error) {
	if !who.SignedIn() {
		return chat.Message{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	sh, err := show.ByID(ctx, f.DB, s)
	if err != nil {
		return chat.Message{}, err
	}
	if sh.State != show.Live && sh.State != show.Announced {
		return chat.Message{}, fault.New(fault.Conflict, "chat.closed")
	}
	badge := badgeOf(who, sh)
	if body, err = chat.Clean(body); err != nil {
		return chat.Message{}, err
	}
	if err := f.checkWords(badge != "", body); err != nil {
		return chat.Message{}, err
	}
	var m chat.Message
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		m, err = chat.Post(ctx, tx, who, s, badge, body, time.Duration(sh.SlowMode)*time.Second)
		return err
	})
	if err != nil {
		return chat.Message{}, err
	}
	f.tell(s, room.KindChat, room.Messages(m)[0])
	return m, nil
}

// badgeOf says for whom somebody speaks in a room. A host is a guest in the
// rooms of others.
func badgeOf(who actor.Actor, sh show.Show) string {
	switch {
	case who.User == sh.Host:
		return chat.HostBadge
	case who.Has(actor.Operator, actor.Moderator, actor.Service):
		return chat.StaffBadge
	}
	return ""
}

func (f *Flow) checkWords(seller bool, body string) error {
	if f.Words == nil {
		return nil
	}
	hits := review.For(seller, f.Words.Find(body))
	if len(hits) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "chat.word", "Word", hits[0].Word, "Proposal", "@"+hits[0].Proposal()).At("body")
}
