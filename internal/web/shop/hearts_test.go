package shop

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"lindu.example/lindu/internal/id"
)

// TestHeartsOfManyAreWrittenTogether lets 200 people tap at once: every heart
// is in exactly one write, and there are far fewer writes than people.
func TestHeartsOfManyAreWrittenTogether(t *testing.T) {
	var mu sync.Mutex
	got, writes := map[string]int64{}, 0
	h := &hearts{write: func(_ context.Context, given map[id.Show]map[string]int64) error {
		mu.Lock()
		defer mu.Unlock()
		writes++
		for _, by := range given {
			for v, n := range by {
				got[v] += n
			}
		}
		return nil
	}}
	const people = 200
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			if err := h.give(t.Context(), "s", fmt.Sprint("v", i%50), 2); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var sum int64
	for _, n := range got {
		sum += n
	}
	if sum != 2*people || len(got) != 50 {
		t.Errorf("%d hearts of %d visitors written, want %d of 50", sum, len(got), 2*people)
	}
	if writes >= people/2 {
		t.Errorf("%d writes for %d people", writes, people)
	}
}

func TestHeartsSurviveALeaderWhoLeaves(t *testing.T) {
	wrote := make(chan int64, 1)
	h := &hearts{write: func(ctx context.Context, given map[id.Show]map[string]int64) error {
		wrote <- given["s"]["v"]
		return ctx.Err()
	}}
	ctx, leave := context.WithCancel(context.Background())
	leave()
	_ = h.give(ctx, "s", "v", 3) // the leader's answer goes nowhere
	if n := <-wrote; n != 3 {
		t.Errorf("%d hearts written, want 3", n)
	}
}

func TestHeartsTellEverybodyOfAFailure(t *testing.T) {
	broken := errors.New("disk full")
	h := &hearts{write: func(context.Context, map[id.Show]map[string]int64) error { return broken }}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if err := h.give(t.Context(), "s", "v", 1); !errors.Is(err, broken) {
				t.Errorf("err = %v", err)
			}
		})
	}
	wg.Wait()
}
