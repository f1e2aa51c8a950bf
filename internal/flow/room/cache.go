package room

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

const (
	// CacheFor is how long a State may be given again.
	CacheFor = time.Second
	// ChatTail is how much chat a cached State holds.
	ChatTail = 50

	maxCached  = 1000             // shows
	readWithin = 10 * time.Second // one read for all who wait
)

// Publisher is where a Cache passes events on: the realtime hub.
type Publisher interface {
	Publish(room, kind string, data any)
}

// Cache reads rooms for many at once. It is a Publisher: events that change a
// State go through it, so that it knows what to forget.
type Cache struct {
	d    *db.DB
	next Publisher
	all  singleflight.Group

	mu    sync.Mutex
	fresh map[id.Show]cached
	turn  uint64 // grows with every Forget: a read that began before is not kept
}

type cached struct {
	state State
	until time.Time
}

// NewCache makes a cache that passes events on to next, which may be nil.
func NewCache(d *db.DB, next Publisher) *Cache {
	return &Cache{d: d, next: next, fresh: map[id.Show]cached{}}
}

// Publish forgets the show whose room it is, if the event changes its State,
// and passes the event on.
func (c *Cache) Publish(room, kind string, data any) {
	switch kind {
	case KindLike, KindCount, KindChat, KindQueue: // many a second, and a State a second old is no harm
	default:
		if s, ok := strings.CutPrefix(room, channelPrefix); ok {
			c.Forget(id.Show(s))
		}
	}
	if c.next != nil {
		c.next.Publish(room, kind, data)
	}
}

// Forget makes the next Read of a show go to the database.
func (c *Cache) Forget(s id.Show) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	delete(c.fresh, s)
	c.all.Forget(string(s)) // whoever asks from now on must not join an older read
}

// Read is the package's Read with ChatTail lines, at most CacheFor old. The
// caller may change the State, but not what its items hold.
func (c *Cache) Read(ctx context.Context, s id.Show) (State, error) {
	if st, ok := c.known(s); ok {
		return st, nil
	}
	// Many wait for one read, so it must not end with the one who came first.
	wait := c.all.DoChan(string(s), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readWithin)
		defer cancel()
		return c.load(ctx, s)
	})
	select {
	case <-ctx.Done():
		return State{}, ctx.Err()
	case r := <-wait:
		if r.Err != nil {
			return State{}, r.Err
		}
		st, ok := r.Val.(State)
		if !ok {
			return State{}, fmt.Errorf("room: the read gave a %T", r.Val)
		}
		return st.copy(), nil
	}
}

func (c *Cache) known(s id.Show) (State, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, ok := c.fresh[s]
	// A clock that was set back must not keep a State for ever.
	now := c.d.Clock.Now()
	if !ok || now.After(x.until) || x.until.Sub(now) > CacheFor {
		return State{}, false
	}
	return x.state.copy(), true
}

func (c *Cache) load(ctx context.Context, s id.Show) (State, error) {
	c.mu.Lock()
	turn := c.turn
	c.mu.Unlock()
	st, err := Read(ctx, c.d, s, ChatTail)
	if err != nil {
		return State{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn == c.turn {
		if len(c.fresh) >= maxCached {
			clear(c.fresh)
		}
		c.fresh[s] = cached{st, st.At.Add(CacheFor)}
	}
	return st, nil
}

func (s State) copy() State {
	s.Items, s.Chat = slices.Clone(s.Items), slices.Clone(s.Chat)
	return s
}
