package orderdesk

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

// maxTries bounds how often a group is read and allocated again because
// another process was faster. From the second on it locks the lots first.
const maxTries = 4

// serve answers every job of a group.
func (k *Desk) serve(group []*job) {
	group = slices.DeleteFunc(group, func(j *job) bool { return j.ctx.Err() != nil }) // nobody waits any more: takes no stock
	if len(group) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), groupTime)
	defer cancel()
	err := k.try(ctx, group)
	if err == nil {
		return
	}
	if len(group) == 1 {
		k.fail(group[0], err)
		return
	}
	if db.IsStorage(err) || k.db.Ping(ctx) != nil {
		for _, j := range group {
			k.fail(j, err)
		}
		return
	}
	// One of them may be poisoned: each by itself, so that it fails alone.
	k.log.WarnContext(ctx, "order desk: group failed, orders one by one", "orders", len(group), "err", err)
	for _, j := range group {
		k.alone(j)
	}
}

func (k *Desk) alone(j *job) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTime)
	defer cancel()
	if err := k.try(ctx, []*job{j}); err != nil {
		k.fail(j, err)
	}
}

func (k *Desk) fail(j *job, err error) {
	k.n.failed.Add(1)
	j.reply <- outcome{err: k.explain(err)}
}

// explain makes an answer of what kept an order from being written.
func (k *Desk) explain(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && !contended(err) {
		return err
	}
	if contended(err) {
		return fault.New(fault.TooMany, "order.busy").After(retryAfter).Because(err)
	}
	k.log.Error("order desk: orders not written", "err", err)
	return fault.New(fault.Unavailable, "order.unavailable").After(retryAfter).Because(err)
}

// contended tells whether another process took what this group was to get, so
// that reading and allocating again helps.
func contended(err error) bool {
	return errors.Is(err, lot.ErrShort) || errors.Is(err, show.ErrFlashOver) || errors.Is(err, coupon.ErrTaken) || db.IsCheck(err) || db.IsUnique(err) || db.Retryable(err)
}

// try writes the group, again when another process was faster, and answers its
// jobs after the commit. On an error no job was answered.
func (k *Desk) try(ctx context.Context, group []*job) (err error) {
	var g *groupTx
	var at uint64
	for n := range maxTries {
		at = k.shelf.now()
		k.n.groups.Add(1)
		if n > 0 {
			k.nos.Another() // a number may be what was not free
		}
		if g, err = k.write(ctx, group, n > 0); err == nil || !contended(err) {
			break
		}
	}
	if err != nil {
		return err
	}
	for i, j := range group {
		if g.outs[i].err == nil {
			k.n.placed.Add(1)
		} else {
			k.n.refused.Add(1)
		}
		j.reply <- g.outs[i]
	}
	for _, s := range g.gone {
		k.shelf.raise(s, at)
	}
	k.tell(g.changed)
	return nil
}

// update runs a transaction; a panic in it is an error.
func (k *Desk) update(ctx context.Context, fn func(*db.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("order desk: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return k.db.Update(ctx, fn)
}

// write runs the group's transaction.
func (k *Desk) write(ctx context.Context, group []*job, lock bool) (g *groupTx, err error) {
	err = k.update(ctx, func(tx *db.Tx) error {
		g = newGroup(group, &k.nos)
		if err := g.read(ctx, tx, lock); err != nil {
			return err
		}
		for i := range group {
			g.outs[i] = g.take(i, tx.Now)
		}
		return g.write(ctx, tx)
	})
	return g, err
}

// file has the buyers' orders filed when enough have come. It is tried again
// after the next group when it fails; only lists of a buyer's orders are slower
// meanwhile.
func (k *Desk) file() {
	placed := k.n.placed.Load()
	if k.db.Dialect != db.SQLite || placed-k.filed < order.FileAfter {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), groupTime)
	defer cancel()
	if err := k.update(ctx, func(tx *db.Tx) error { return order.File(ctx, tx) }); err != nil {
		k.log.Error("order desk: orders not filed by buyer", "err", err)
		return
	}
	k.filed = placed
}

// tell passes on whose stock moved; a panic there is logged and harms nobody.
func (k *Desk) tell(products []id.Product) {
	if k.changed == nil || len(products) == 0 {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			k.log.Error("order desk: telling of changed stock failed", "panic", fmt.Sprint(p))
		}
	}()
	k.changed(products)
}
