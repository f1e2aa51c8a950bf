package flow

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/waitlist"
)

// SweepWaits tells who waits for more; app gives it a period.
const SweepWaits = "waits.tell"

// JoinWait puts a buyer in line for a sold-out item of a show that is not over.
// Faults: those of waitlist.Join, NotFound, show.over, wait.there (it is there:
// order it).
func (f *Flow) JoinWait(ctx context.Context, who actor.Actor, it id.Item, units int64, sms bool) (waitlist.Entry, error) {
	items, err := room.Items(ctx, f.DB, it)
	if err != nil {
		return waitlist.Entry{}, err
	}
	if len(items) == 0 {
		return waitlist.Entry{}, fault.New(fault.NotFound, "fault.not_found")
	}
	if items[0].State != room.SoldOut {
		return waitlist.Entry{}, fault.New(fault.Conflict, "wait.there")
	}
	var e waitlist.Entry
	err = f.DB.Update(ctx, func(tx *db.Tx) error {
		byID, err := show.ItemsByID(ctx, tx, it)
		if err != nil {
			return err
		}
		sh, err := show.ByID(ctx, tx, byID[it].Show)
		switch {
		case err != nil:
			return err
		case sh.Over():
			return fault.New(fault.Conflict, "show.over")
		}
		e, err = waitlist.Join(ctx, tx, who, sh.ID, it, units, sms)
		return err
	})
	return e, err
}

// LeaveWait takes a buyer out of the line.
func (f *Flow) LeaveWait(ctx context.Context, who actor.Actor, it id.Item) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return waitlist.Leave(ctx, tx, who, it) })
}

// tellWaiting tells the first in line of items whose stock was just read.
func (f *Flow) tellWaiting(ctx context.Context, in map[id.Item]id.Show, list []room.Item) error {
	var stocked []id.Item
	stock := map[id.Item]int64{}
	for _, it := range list {
		if it.State == string(show.OnSale) && it.Stock > 0 {
			stocked = append(stocked, it.ID)
			stock[it.ID] = it.Stock
		}
	}
	if len(stocked) == 0 {
		return nil
	}
	open, err := waitlist.Open(ctx, f.DB, stocked...)
	if err != nil {
		return err
	}
	var failed []error
	for _, it := range open {
		failed = append(failed, f.tellLine(ctx, in[it], it, stock[it]))
	}
	return errors.Join(failed...)
}

func (f *Flow) tellLine(ctx context.Context, s id.Show, it id.Item, stock int64) error {
	var told []waitlist.Entry
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if told, err = waitlist.Next(ctx, tx, it, stock); err != nil || f.Jobs == nil {
			return err
		}
		for _, e := range told {
			if e.SMS {
				return f.Jobs.Kick(ctx, tx, SweepWaits)
			}
		}
		return nil
	})
	if err != nil || len(told) == 0 {
		return err
	}
	more := room.MoreEvent{Item: it}
	for _, e := range told {
		more.Entries = append(more.Entries, e.ID)
	}
	f.tell(s, room.KindMore, more)
	return nil
}

// TellWaits looks at every line: the next are told when those before let it go,
// and what came back by the clock or another server is found. Then the texts
// leave. It tells how many texts were sent.
func (f *Flow) TellWaits(ctx context.Context) (int, error) {
	open, err := waitlist.Open(ctx, f.DB)
	if err != nil {
		return 0, err
	}
	if len(open) > 0 {
		byID, err := show.ItemsByID(ctx, f.DB, open...)
		if err != nil {
			return 0, err
		}
		in := map[id.Item]id.Show{}
		for _, it := range byID {
			in[it.ID] = it.Show
		}
		list, err := room.Items(ctx, f.DB, open...)
		if err == nil {
			err = f.tellWaiting(ctx, in, list)
		}
		if err != nil {
			return 0, err
		}
	}
	return f.sendWaitTexts(ctx)
}

func (f *Flow) sendWaitTexts(ctx context.Context) (int, error) {
	if f.SMS == nil {
		return 0, nil
	}
	var due []waitlist.Entry
	if err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		due, err = waitlist.DueTexts(ctx, tx)
		return err
	}); err != nil || len(due) == 0 {
		return 0, err
	}
	sent := 0
	var failed []error
	for _, e := range due {
		err := f.sendWaitText(ctx, e)
		if err == nil {
			sent++
			continue
		}
		failed = append(failed, err, f.DB.Update(context.WithoutCancel(ctx), func(tx *db.Tx) error { return waitlist.TextFailed(ctx, tx, e.ID) }))
	}
	return sent, errors.Join(failed...)
}

func (f *Flow) sendWaitText(ctx context.Context, e waitlist.Entry) error {
	users, err := account.Users(ctx, f.DB, e.User)
	if err != nil {
		return err
	}
	u, ok := users[e.User]
	if !ok || u.State != account.Active {
		return nil // gone or disabled: nobody to tell
	}
	phone, err := u.Phone(f.Vault)
	if err != nil {
		return err
	}
	items, err := room.Items(ctx, f.DB, e.Item)
	if err != nil || len(items) == 0 {
		return err
	}
	return f.SMS.Send(ctx, phone, i18n.For(i18n.Lang(u.Lang)).T("wait.text", "What", items[0].Name, "URL", f.BaseURL+"/room/"+string(e.Show)))
}
