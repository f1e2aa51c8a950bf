package orderdesk_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
)

// A group that lost its lot is read again with its rows held. Meanwhile another
// process gives goods back, items first and then lots, as everybody does: the
// two must not wait for each other.
func TestAGroupTriedAgainLocksInEverybodysOrder(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		if b.DB.Dialect != db.Postgres {
			return // one writer: nobody waits inside a transaction
		}
		ctx := context.Background()
		p := b.Product(1000)
		first := b.Lot(p, b.Farm, 5, func(n *lot.New) { n.BestBefore = n.BestBefore.Add(-1) })
		second := b.Lot(p, b.Farm, 5)
		item := b.Item(p, 900)
		holdItem := func(tx *db.Tx) (pid int64) {
			if _, err := tx.Exec(ctx, `UPDATE show_item SET sold = sold WHERE id = $1`, item); err != nil {
				b.Error(err)
			}
			if err := tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
				b.Error(err)
			}
			return pid
		}
		blockedBy := func(pid int64) int64 {
			return b.count(`SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))`, int32(pid))
		}

		placed, gaveBack := make(chan error, 1), make(chan error, 1)
		var done atomic.Bool
		otherPID := make(chan int64, 1)
		b.Do(func(tx *db.Tx) error { // takes the first lot off sale while the desk waits for the item
			pid := holdItem(tx)
			go func() {
				_, err := b.place(request("li", "key-lock", order.Line{Item: item, Units: 2, Price: 900}))
				done.Store(true)
				placed <- err
			}()
			b.waitFor("the desk waits for the item", func() bool { return blockedBy(pid) == 1 })
			go func() {
				gaveBack <- b.DB.Update(ctx, func(tx *db.Tx) error {
					var own int64
					if err := tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&own); err != nil {
						return err
					}
					otherPID <- own
					holdItem(tx)
					// Until the desk tries again and waits for the item, or was faster and is done.
					for end := time.Now().Add(20 * time.Second); blockedBy(own) == 0 && !done.Load(); time.Sleep(time.Millisecond) {
						if time.Now().After(end) {
							return errors.New("the desk never tried again")
						}
					}
					_, err := tx.Exec(ctx, `SELECT id FROM lot WHERE id = $1 FOR UPDATE NOWAIT`, second) // waiting would be the deadlock
					return err
				})
			}()
			other := <-otherPID
			b.waitFor("the other process waits for the item", func() bool {
				return b.count(`SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'`, int32(other)) == 1
			})
			_, err := tx.Exec(ctx, `UPDATE lot SET state = 'graded' WHERE id = $1`, first)
			return err
		})
		if err := <-placed; err != nil {
			b.Error(err)
		}
		if err := <-gaveBack; err != nil {
			b.Error("the desk holds a lot and waits for an item:", err)
		}
	})
}
