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

// Say posts a chat message: length, word list, links, sanctions, rate and
// copies are checked, and the room is told, unless it holds messages back for
// moderators (State Held). Whoever speaks for the centre (the host, staff)
// wears a badge, is free of limits, may send links, and may not advertise
// beyond the law. Faults: chat.closed, chat.word with a proposal, chat.link,
// and those of chat.Post.
func (f *Flow) Say(ctx context.Context, who actor.Actor, s id.Show, body string) (chat.Message, error) {
	return f.Answer(ctx, who, s, body, "")
}

// Answer is Say in answer to a message, which stands above it; only who speaks
// for the centre can quote, from others the message stands alone.
func (f *Flow) Answer(ctx context.Context, who actor.Actor, s id.Show, body string, to id.Message) (chat.Message, error) {
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
	n := chat.New{Show: s, Badge: badgeOf(who, sh), Slow: time.Duration(sh.SlowMode) * time.Second, Reply: to}
	if n.Body, err = chat.Clean(body); err != nil {
		return chat.Message{}, err
	}
	n.Same = review.Same(n.Body)
	if err := f.checkWords(n.Badge != "", n.Body); err != nil {
		f.noteWords(ctx, who, s, n.Badge, n.Body)
		return chat.Message{}, err
	}
	var m chat.Message
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		m, err = chat.Post(ctx, tx, who, n)
		return err
	})
	if err != nil {
		return chat.Message{}, err
	}
	f.tellMessage(m)
	return m, nil
}

// tellMessage tells the room a line, or, without a word of it, that moderators
// have something to look at.
func (f *Flow) tellMessage(list ...chat.Message) {
	for _, m := range list {
		if m.State == chat.Held {
			f.tell(m.Show, room.KindQueue, struct{}{})
			continue
		}
		f.tell(m.Show, room.KindChat, room.Messages(m)[0])
	}
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

// checkWords refuses what must not be said; links are only staff's to send.
func (f *Flow) checkWords(staff bool, body string) error {
	if f.Words == nil {
		return nil
	}
	for _, h := range review.For(staff, f.Words.Find(body)) {
		switch {
		case h.Kind == review.Link && staff:
		case h.Kind == review.Link:
			return fault.New(fault.Invalid, "chat.link", "Link", h.Word).At("body")
		default:
			return fault.New(fault.Invalid, "chat.word", "Word", h.Word, "Proposal", h.Words()).At("body")
		}
	}
	return nil
}
