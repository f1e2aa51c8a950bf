package flow_test

import (
	"context"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/order"
)

// The sweep has listed an order when its buyer is given more time, by a
// transaction that commits before the sweep's own.
func TestAnOrderGivenMoreTimeDoesNotExpire(t *testing.T) {
	eachTill(t, func(b *till) {
		_, o := b.order(1)
		b.now.Add(kept + time.Second)
		ctx := context.Background()
		held, free := make(chan struct{}), make(chan struct{})
		waited := make(chan error, 1)
		go func() {
			waited <- b.DB.Update(ctx, func(tx *db.Tx) error {
				if _, err := order.Wait(ctx, tx, o.ID, o.Placed.Add(24*time.Hour)); err != nil {
					return err
				}
				close(held)
				<-free
				return nil
			})
		}()
		<-held
		queued := b.writersWaiting()
		swept := make(chan error, 1)
		go func() { _, err := b.ExpireOrders(ctx); swept <- err }()
		b.until("the sweep waits for the buyer", func() bool { return b.writersWaiting() > queued })
		close(free)
		if err := <-waited; err != nil {
			b.Fatal(err)
		}
		if err := <-swept; err != nil {
			b.Fatal(err)
		}
		if x := b.read(o); x.State != order.Unpaid {
			b.Errorf("%s %s, and it may wait until %v", x.State, x.CloseReason, x.Expires)
		}
	})
}

// writersWaiting counts who had to wait for another's write.
func (b *till) writersWaiting() int64 {
	b.Helper()
	if w := b.DB.Writer(); w != nil {
		return w.Stats().WaitCount
	}
	return b.count(`SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE sale_order SET state%' AND pid <> pg_backend_pid()`)
}
