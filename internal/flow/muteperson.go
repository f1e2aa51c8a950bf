package flow

import (
	"context"
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
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		users, err := account.Users(ctx, tx, u)
		if err != nil {
			return err
		}
		person, ok := users[u]
		if !ok {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		var sh show.Show
		if s != "" {
			if sh, err = show.ByID(ctx, tx, s); err != nil {
				return err
			}
		}
		if badgeOf(person.Actor("web"), sh) != "" {
			return fault.New(fault.Conflict, "chat.mute_staff")
		}
		return chat.Mute(ctx, tx, who, s, u, d, reason)
	})
}
