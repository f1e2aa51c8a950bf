package flow

import (
	"context"
	"errors"
	"hash/fnv"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/practice"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// StartPractice opens a practice show of the host's own: the running order of
// their next show, of their last one, or, for who never had one, of anybody's
// latest; the audience speaks the language. One that runs is given back.
// Faults: show.practice_empty, show.practice_often.
func (f *Flow) StartPractice(ctx context.Context, who actor.Actor, lang i18n.Lang) (id.Show, error) {
	if err := who.Need(actor.Host); err != nil {
		return "", err
	}
	from, items, err := f.practiceGoods(ctx, who.User)
	if err != nil {
		return "", err
	}
	var s id.Show
	err = f.DB.Update(ctx, func(tx *db.Tx) error {
		if s, err = show.NewPractice(ctx, tx, who, from, items, i18n.For(lang).T("practice.show_title", "Name", who.Name)); err != nil {
			return err
		}
		return practice.Open(ctx, tx, practice.Run{Show: s, From: from.ID, Seed: seedOf(s), Lang: string(lang)})
	})
	return s, err
}

// seedOf is another audience for another practice, and the same when it is
// played again.
func seedOf(s id.Show) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s)) // a hash never fails
	return h.Sum64() >> 1
}

// practiceGoods finds the running order to practise with.
func (f *Flow) practiceGoods(ctx context.Context, host id.User) (show.Show, []show.Item, error) {
	for _, filter := range []show.Filter{
		{Host: host, States: []show.State{show.Announced, show.Live, show.Draft}, Limit: 10},
		{Host: host, States: []show.State{show.Ended}, Limit: 10},
		{States: []show.State{show.Announced, show.Live, show.Ended}, Limit: 10},
	} {
		list, err := show.List(ctx, f.DB, filter)
		if err != nil {
			return show.Show{}, nil, err
		}
		for _, sh := range list {
			items, err := show.Items(ctx, f.DB, sh.ID)
			if err != nil || len(items) > 0 {
				return sh, items, err
			}
		}
	}
	return show.Show{}, nil, fault.New(fault.Conflict, "show.practice_empty")
}

// late is how old a step may be and still be played: what was due while the
// server was away is left out.
const late = 30 * time.Second

// stepsAtOnce bounds one transaction.
const stepsAtOnce = 200

// AdvancePractice lets the audiences of all practice shows do what is due, ends
// shows whose time is over, and tells how many shows it looked at. It may run
// on several servers.
func (f *Flow) AdvancePractice(ctx context.Context) (int, error) {
	overdue, err := show.OverduePractice(ctx, f.DB, f.DB.Clock.Now())
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, s := range overdue {
		errs = append(errs, f.endPractice(ctx, actor.System("clock"), s))
	}
	list, err := show.List(ctx, f.DB, show.Filter{States: []show.State{show.Live}, Practice: true, Limit: 200})
	if err != nil {
		return 0, err
	}
	for _, sh := range list {
		errs = append(errs, f.playPractice(ctx, sh.ID))
	}
	return len(overdue) + len(list), errors.Join(errs...)
}

// endPractice ends one; one that never began is cancelled.
func (f *Flow) endPractice(ctx context.Context, who actor.Actor, s id.Show) error {
	sh, err := show.ByID(ctx, f.DB, s)
	if err != nil || sh.Over() {
		return err
	}
	to := show.Ended
	if sh.State != show.Live {
		to = show.Cancelled
	}
	_, err = f.MoveShow(ctx, who, s, to)
	return err
}

// AnswerPractice notes that the host has answered a question of the audience.
func (f *Flow) AnswerPractice(ctx context.Context, who actor.Actor, s id.Show, message id.Message) error {
	sh, err := f.ownPractice(ctx, who, s)
	if err != nil {
		return err
	}
	if sh.State != show.Live {
		return nil
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error { return practice.Answer(ctx, tx, s, message, practice.ByHost) })
}

// HearPractice notes what the host's microphone heard since the last time.
func (f *Flow) HearPractice(ctx context.Context, who actor.Actor, s id.Show, x practice.Sound) error {
	sh, err := f.ownPractice(ctx, who, s)
	if err != nil {
		return err
	}
	if sh.State != show.Live {
		return nil
	}
	x.Minute = int(f.DB.Clock.Now().Sub(sh.LiveAt) / time.Minute)
	if x.Minute < 0 || x.Minute >= int(practice.Length/time.Minute) {
		return nil
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error { return practice.Hear(ctx, tx, s, x) })
}

// ownPractice reads a host's own practice show; another's is not there.
func (f *Flow) ownPractice(ctx context.Context, who actor.Actor, s id.Show) (show.Show, error) {
	sh, err := show.ByID(ctx, f.DB, s)
	if err == nil && (!sh.Practice || !who.SignedIn() || sh.Host != who.User) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, err
}
