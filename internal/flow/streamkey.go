package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// NewStreamKey makes a fresh stream key; whoever streams on the old one is
// sent away with words that say why.
func (f *Flow) NewStreamKey(ctx context.Context, who actor.Actor, s id.Show) (key string, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		key, err = show.NewKey(ctx, tx, f.Vault, who, s)
		return err
	})
	if err != nil {
		return "", err
	}
	f.kickPublisher(s)
	return key, nil
}

// RevokeStreamKey makes the stream key worthless and sends its user away.
func (f *Flow) RevokeStreamKey(ctx context.Context, who actor.Actor, s id.Show) error {
	err := f.DB.Update(ctx, func(tx *db.Tx) error { return show.RevokeKey(ctx, tx, who, s) })
	if err != nil {
		return err
	}
	f.kickPublisher(s)
	return nil
}

func (f *Flow) kickPublisher(s id.Show) {
	if f.Media != nil {
		f.Media.Kick(string(s), fault.New(fault.Denied, "show.key_revoked"))
	}
}
