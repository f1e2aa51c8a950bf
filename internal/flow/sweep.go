package flow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Bounds of one sweep over payments, refunds or splits, at one provider.
const (
	sweepBatch   = 100
	sweepBatches = 20
	sweepAtOnce  = 4 // calls to a provider at the same time
)

// came is what came of one thing that was due at a provider.
type came struct {
	done   bool // settled, sent, split
	silent bool // the provider gave no answer that could be used
	unkept bool // what came of it could not be written: it would come up again
}

// sweepAll does what is due at the providers and tells how much is done. Every
// provider has its own list and its own calls at once, side by side with the
// others: one that hangs keeps no other waiting. And it keeps the sweep no longer
// than one round of calls that hang: when as many as run at once came to nothing
// in a row, the rest of its list waits for the next sweep, so that the others'
// next sweep comes in time, too.
func sweepAll[T any](ctx context.Context, gateways []string, due func(gateway string) ([]T, error), do func(T) came) (int, error) {
	var wg sync.WaitGroup
	var done atomic.Int64
	errs := make([]error, len(gateways))
	for i, g := range gateways {
		wg.Go(func() { errs[i] = sweepOne(ctx, func() ([]T, error) { return due(g) }, do, &done) })
	}
	wg.Wait()
	return int(done.Load()), errors.Join(errs...)
}

// sweepOne does what is due at one provider.
func sweepOne[T any](ctx context.Context, due func() ([]T, error), do func(T) came, done *atomic.Int64) error {
	for range sweepBatches {
		list, err := due()
		if err != nil || len(list) == 0 {
			return err
		}
		if goOn := inTurn(list, do, done); !goOn || ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// inTurn does a list, a few at once, and waits. It stops early when the
// provider gives no answers, and tells whether there is sense in going on.
func inTurn[T any](list []T, do func(T) came, done *atomic.Int64) bool {
	var wg sync.WaitGroup
	var silent, unkept atomic.Int64
	slots := make(chan struct{}, sweepAtOnce)
	for _, x := range list {
		slots <- struct{}{}
		if silent.Load() > 0 {
			wg.Wait() // those under way tell whether it was one answer or the line
		}
		if silent.Load() >= sweepAtOnce || unkept.Load() > 0 {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			c := do(x)
			if c.done {
				done.Add(1)
			}
			if c.unkept {
				unkept.Add(1)
			}
			if c.silent {
				silent.Add(1)
			} else {
				silent.Store(0)
			}
		})
	}
	wg.Wait()
	return silent.Load() < sweepAtOnce && unkept.Load() == 0
}

// guarded turns a panic into an error: one bad payment must not end the process
// and hold up all others. Where it panicked goes into the log with it.
func guarded(fn func() (bool, error)) (done bool, err error) {
	defer func() {
		if x := recover(); x != nil {
			done, err = false, fmt.Errorf("panic: %v\n%s", x, debug.Stack())
		}
	}()
	return fn()
}
