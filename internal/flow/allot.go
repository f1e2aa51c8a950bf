package flow

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
)

// Allot gives a show or a host a slice of a lot and tells the rooms, whose
// stock it changes. Faults: show.over for a show that is over, fault.choice for
// somebody who is no host, and those of lot.Allot.
func (f *Flow) Allot(ctx context.Context, who actor.Actor, g lot.Grant) (lot.Allotment, error) {
	var a lot.Allotment
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if a, err = lot.Allot(ctx, tx, who, g); err != nil {
			return err
		}
		return mayHave(ctx, tx, g)
	})
	if err != nil {
		return lot.Allotment{}, err
	}
	return a, f.lotsChanged(ctx, a.Lot)
}

// mayHave looks whether there is somebody to sell the slice.
func mayHave(ctx context.Context, q db.Querier, g lot.Grant) error {
	if g.Show != "" {
		sh, err := show.ByID(ctx, q, g.Show)
		if err == nil && sh.Practice { // its goods are only looked at
			err = fault.New(fault.Conflict, "show.practice")
		}
		if err == nil && sh.Over() {
			err = fault.New(fault.Gone, "show.over", "State", "@show.state_"+string(sh.State))
		}
		return err
	}
	hosts, err := account.WithRole(ctx, q, actor.Host)
	if err == nil && !slices.ContainsFunc(hosts, func(u account.User) bool { return u.ID == g.Host }) {
		err = fault.New(fault.Invalid, "fault.choice").At("for")
	}
	return err
}

// ResizeAllotment makes an allotment larger or smaller and tells the rooms.
func (f *Flow) ResizeAllotment(ctx context.Context, who actor.Actor, a id.Allotment, qty int64) error {
	return f.onAllotment(ctx, a, func(tx *db.Tx) error { return lot.ResizeAllotment(ctx, tx, who, a, qty) })
}

// TakeBackAllotment gives what an allotment has left back to all and tells the
// rooms.
func (f *Flow) TakeBackAllotment(ctx context.Context, who actor.Actor, a id.Allotment) error {
	return f.onAllotment(ctx, a, func(tx *db.Tx) error { return lot.TakeBack(ctx, tx, who, a) })
}

func (f *Flow) onAllotment(ctx context.Context, a id.Allotment, do func(tx *db.Tx) error) error {
	if err := f.DB.Update(ctx, do); err != nil {
		return err
	}
	x, err := lot.AllotmentByID(ctx, f.DB, a)
	if err != nil {
		return err
	}
	return f.lotsChanged(ctx, x.Lot)
}

// backBatch is how many lots' overdue allotments end in one transaction.
const backBatch = 20

// GiveBackAllotments ends allotments whose time is over, and tells of how many
// lots. Nothing depends on it being in time: what is overdue counts as given
// back when stock is read, and the order desk ends it itself.
func (f *Flow) GiveBackAllotments(ctx context.Context) (int, error) {
	total := 0
	for ctx.Err() == nil {
		lots, err := lot.DueAllotments(ctx, f.DB, backBatch)
		if err != nil || len(lots) == 0 {
			return total, err
		}
		if err := f.DB.Update(ctx, func(tx *db.Tx) error { return lot.GiveBackDue(ctx, tx, lots...) }); err != nil {
			return total, err
		}
		if err := f.lotsChanged(ctx, lots...); err != nil {
			return total, err
		}
		total += len(lots)
	}
	return total, nil
}

// lotsChanged tells the rooms about the products of lots.
func (f *Flow) lotsChanged(ctx context.Context, lots ...id.Lot) error {
	m, err := lot.ByID(ctx, f.DB, lots...)
	if err != nil {
		return err
	}
	var products []id.Product
	for _, l := range m {
		products = append(products, l.Product)
	}
	f.StockChanged(ctx, products...)
	return nil
}
