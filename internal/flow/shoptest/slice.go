package shoptest

import (
	"context"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
)

// Allot gives the show a slice of a lot for an hour.
func (s *Shop) Allot(l id.Lot, units int64, change ...func(*lot.Grant)) id.Allotment {
	s.t.Helper()
	g := lot.Grant{Key: id.New[string](), Lot: l, Show: s.Show, Qty: units * Base, Expires: s.DB.Clock.Now().Add(time.Hour)}
	for _, c := range change {
		c(&g)
	}
	var a lot.Allotment
	s.Do(func(tx *db.Tx) (err error) {
		a, err = lot.Allot(context.Background(), tx, system, g)
		return err
	})
	return a.ID
}

// Flash sets up a flash sale of an item: ten seconds of countdown, two minutes.
func (s *Shop) Flash(i id.Item, price money.Fen, total int64, change ...func(*show.NewFlash)) show.Flash {
	s.t.Helper()
	n := show.NewFlash{Key: id.New[string](), Item: i, Price: price, Total: total, Countdown: 10 * time.Second, Run: 2 * time.Minute}
	for _, c := range change {
		c(&n)
	}
	var f show.Flash
	s.Do(func(tx *db.Tx) (err error) {
		f, err = show.StartFlash(context.Background(), tx, system, n)
		return err
	})
	return f
}
