package db

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// GatherMost is how many keys one query of a Gather asks for.
const GatherMost = 64

// Gather answers many askers who each want one row with few queries: who asks
// while a query runs waits for the next one, which asks for all of them. An
// asker alone waits for nobody. Nothing is remembered: every answer is read
// after it was asked for.
type Gather[K comparable, V any] struct {
	// Read reads the rows of keys, at most GatherMost of them and none twice;
	// missing ones are left out.
	Read func(ctx context.Context, keys []K) (map[K]V, error)

	mu      sync.Mutex
	waiting []*want[K, V]
	running bool
}

type want[K comparable, V any] struct {
	key  K
	got  V
	ok   bool
	err  error
	done chan struct{}
}

// Get reads the row of a key; false if there is none.
func (g *Gather[K, V]) Get(ctx context.Context, key K) (V, bool, error) {
	w := &want[K, V]{key: key, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	if !g.running {
		g.running = true
		go g.run(context.WithoutCancel(ctx))
	}
	g.mu.Unlock()
	select {
	case <-w.done:
		return w.got, w.ok, w.err
	case <-ctx.Done():
		var none V
		return none, false, ctx.Err()
	}
}

// Waiting is how many wait for the next query.
func (g *Gather[K, V]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

// run reads until nobody waits.
func (g *Gather[K, V]) run(ctx context.Context) {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), GatherMost)
		part := g.waiting[:n:n]
		if g.waiting = g.waiting[n:]; n == 0 {
			g.running = false
			g.waiting = nil
		}
		g.mu.Unlock()
		if n == 0 {
			return
		}
		g.answer(ctx, part)
	}
}

func (g *Gather[K, V]) answer(ctx context.Context, part []*want[K, V]) {
	keys := make([]K, 0, len(part))
	have := make(map[K]bool, len(part))
	for _, w := range part {
		if !have[w.key] {
			have[w.key] = true
			keys = append(keys, w.key)
		}
	}
	rows, err := g.read(ctx, keys)
	for _, w := range part {
		w.err = err
		w.got, w.ok = rows[w.key]
		close(w.done)
	}
}

// read makes a panic of Read an error: others wait for the answer.
func (g *Gather[K, V]) read(ctx context.Context, keys []K) (rows map[K]V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("db: gather: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return g.Read(ctx, keys)
}

// listSizes are the lengths of lists that queries are asked with, so that few
// texts serve every length and stay prepared.
var listSizes = []int{1, 4, 16, GatherMost}

// Padded boxes a list for the placeholders of In(from, len(args)) and repeats
// its last element up to one of few lengths. The list holds 1 to GatherMost.
func Padded[T any](list []T) []any {
	size := len(list)
	for _, n := range listSizes {
		if n >= len(list) {
			size = n
			break
		}
	}
	args := make([]any, size)
	for i := range args {
		args[i] = list[min(i, len(list)-1)]
	}
	return args
}
