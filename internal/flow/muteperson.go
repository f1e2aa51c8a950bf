package flow

import (
	"context"
	"slices"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// MutePerson silences a person in a room (everywhere for show ""), or lifts
// that (0). Fault chat.mute_staff for those whom no mute binds: the room's host
// and staff; NotFound for nobody.
func (f *Flow) MutePerson(ctx context.Context, who actor.Actor, s id.Show, u id.User, d time.Duration, reason string) error {
	if d == 0 {
		return f.DB.Update(ctx, func(tx *db.Tx) error { return chat.LiftMute(ctx, tx, who, s, u) })
	}
	if reason == "" {
		reason = chat.Reasons[0]
	}
	_, err := f.SilencePerson(ctx, who, chat.NewSanction{Kind: chat.Mute, Show: s, User: u, For: d, Reason: reason})
	return err
}

// SilencePerson mutes a person in a room, or bans them from writing in every
// one. Faults as of MutePerson and chat.Silent.
func (f *Flow) SilencePerson(ctx context.Context, who actor.Actor, n chat.NewSanction) (sid id.Sanction, err error) {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return "", err
	}
	err = f.DB.Update(ctx, func(tx *db.Tx) error {
		users, err := account.Users(ctx, tx, n.User)
		if err != nil {
			return err
		}
		person, ok := users[n.User]
		if !ok {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		var sh show.Show
		if n.Show != "" {
			if sh, err = show.ByID(ctx, tx, n.Show); err != nil {
				return err
			}
		}
		if badgeOf(person.Actor("web"), sh) != "" || n.Kind == chat.Ban && person.Actor("web").Staff() {
			return fault.New(fault.Conflict, "chat.mute_staff")
		}
		sid, err = chat.Silent(ctx, tx, who, n)
		return err
	})
	return sid, err
}

// answerers may settle an appeal.
var answerers = []actor.Role{actor.Moderator, actor.Operator, actor.Admin}

// AnswerAppeal settles an appeal; granting it undoes what was done, and the
// room sees the message again. Whoever did it may not answer (chat.appeal_own)
// while somebody else of the centre can.
func (f *Flow) AnswerAppeal(ctx context.Context, who actor.Actor, a id.Appeal, grant bool, words string) error {
	var done chat.Answered
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		others, err := othersThan(ctx, tx, who)
		if err != nil {
			return err
		}
		done, err = chat.Answer(ctx, tx, who, a, grant, words, others)
		return err
	})
	if err == nil && done.Message != nil {
		f.tellMessage(*done.Message)
	}
	return err
}

// othersThan tells whether another active person could answer an appeal.
func othersThan(ctx context.Context, q db.Querier, who actor.Actor) (bool, error) {
	for _, r := range answerers {
		list, err := account.WithRole(ctx, q, r)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(list, func(u account.User) bool { return u.State == account.Active && u.ID != who.User }) {
			return true, nil
		}
	}
	return false, nil
}
