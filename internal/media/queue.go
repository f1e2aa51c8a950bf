package media

import (
	"context"
	"errors"
	"io"
	"sync"
)

// ErrSlow ends a subscription whose queue was full. Subscribing again starts
// at the newest key frame.
var ErrSlow = errors.New("media: sink too slow, dropped")

// Limits of a sink's queue: about 10 s of picture and sound, and never more
// bytes than a short stall may cost. Both are above what a late sink is given
// at once (gopItems, gopBytes).
const (
	queueItems = 800
	queueBytes = 24 << 20
)

// Subscription is a sink's place at a stream. One goroutine reads it.
type Subscription struct {
	name   string
	stream *stream

	mu    sync.Mutex
	items []Item
	head  int
	bytes int
	err   error         // set once: no more items will come
	wake  chan struct{} // holds one token while something waits
}

func newSubscription(name string, st *stream) *Subscription {
	return &Subscription{name: name, stream: st, wake: make(chan struct{}, 1)}
}

// Next waits for the next item. It ends with ErrSlow when the sink was
// dropped, io.EOF after the stream's end or Close, or the context's error.
func (s *Subscription) Next(ctx context.Context) (Item, error) {
	for {
		if it, ok, err := s.pop(); ok || err != nil {
			return it, err
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return Item{}, ctx.Err()
		}
	}
}

// Close takes the sink off its stream.
func (s *Subscription) Close() {
	s.stream.drop(s)
	s.finish(io.EOF, true)
}

func (s *Subscription) pop() (Item, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head == len(s.items) {
		return Item{}, false, s.err
	}
	it := s.items[s.head]
	s.items[s.head] = Item{} // let go of the unit
	s.head++
	if it.Unit != nil {
		s.bytes -= it.Unit.size
	}
	if s.head == len(s.items) {
		s.items, s.head = s.items[:0], 0
	}
	return it, true, nil
}

// push adds an item without ever waiting; false means the sink was too slow
// and is now dropped.
func (s *Subscription) push(it Item) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false
	}
	size := 0
	if it.Unit != nil {
		size = it.Unit.size
	}
	if len(s.items)-s.head >= queueItems || s.bytes+size > queueBytes {
		s.items, s.head, s.bytes, s.err = nil, 0, 0, ErrSlow
		s.poke()
		return false
	}
	if s.head > 0 && len(s.items) == cap(s.items) { // reuse the front instead of growing
		n := copy(s.items, s.items[s.head:])
		clear(s.items[n:])
		s.items, s.head = s.items[:n], 0
	}
	s.items = append(s.items, it)
	s.bytes += size
	s.poke()
	return true
}

// finish lets the sink read what is queued (or not, with discard) and then
// ends it with err.
func (s *Subscription) finish(err error, discard bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if discard {
		s.items, s.head, s.bytes = nil, 0, 0
	}
	if s.err == nil {
		s.err = err
	}
	s.poke()
}

func (s *Subscription) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
