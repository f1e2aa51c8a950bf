package shop

import (
	"context"
	"sync"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// gatherFor is how long hearts wait for others to be written together: the
// whole house writes hearts at most four times a second, whatever a crowd
// taps, so that they never stand in the way of orders.
const gatherFor = 250 * time.Millisecond

// hearts joins what many requests give into few transactions. Nobody works in
// the background: the first request of a group waits for the others, writes
// for all, and all are answered after the commit.
type hearts struct {
	write func(ctx context.Context, given map[id.Show]map[string]int64) error

	mu    sync.Mutex
	group *heartGroup
}

type heartGroup struct {
	given map[id.Show]map[string]int64 // show -> visitor -> hearts
	done  chan struct{}
	err   error
}

func newHearts(s *site.Site) *hearts {
	return &hearts{write: func(ctx context.Context, given map[id.Show]map[string]int64) error {
		err := s.DB.Update(ctx, func(tx *db.Tx) error {
			for sid, by := range given {
				if err := show.Visit(ctx, tx, sid, by); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || s.RT == nil {
			return err
		}
		for sid, by := range given {
			var n int64
			for _, x := range by {
				n += x
			}
			s.RT.Publish(room.Channel(sid), room.KindLike, room.Likes{N: n})
		}
		return nil
	}}
}

// give adds a visitor's hearts and returns when they are written.
func (h *hearts) give(ctx context.Context, s id.Show, visitor string, n int64) error {
	h.mu.Lock()
	g, first := h.group, false
	if g == nil {
		g, first = &heartGroup{given: map[id.Show]map[string]int64{}, done: make(chan struct{})}, true
		h.group = g
	}
	if g.given[s] == nil {
		g.given[s] = map[string]int64{}
	}
	g.given[s][visitor] += n
	h.mu.Unlock()
	if first {
		h.lead(ctx, g)
	}
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lead writes a group. The leader's own request may be given up, the others'
// hearts must be written all the same, so the write does not end with it.
func (h *hearts) lead(ctx context.Context, g *heartGroup) {
	defer close(g.done)
	wait := time.NewTimer(gatherFor)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	h.mu.Lock()
	h.group = nil
	h.mu.Unlock()
	g.err = h.write(context.WithoutCancel(ctx), g.given)
}
