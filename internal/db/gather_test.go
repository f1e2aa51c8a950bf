package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"lindu.example/lindu/internal/db"
)

// TestGatherAsksOnceForMany: who asks while a query runs is answered by the
// next one, together with everybody else who waits, and never by an older one.
func TestGatherAsksOnceForMany(t *testing.T) {
	var mu sync.Mutex
	var asked [][]int
	gate := make(chan struct{})
	g := &db.Gather[int, string]{Read: func(_ context.Context, keys []int) (map[int]string, error) {
		mu.Lock()
		asked = append(asked, keys)
		n := len(asked)
		mu.Unlock()
		if n == 1 {
			<-gate
		}
		out := map[int]string{}
		for _, k := range keys {
			if k != 7 {
				out[k] = fmt.Sprint("row ", k)
			}
		}
		return out, nil
	}}
	var wg sync.WaitGroup
	ask := func(k int) {
		wg.Go(func() {
			got, ok, err := g.Get(context.Background(), k)
			if err != nil || ok != (k != 7) || ok && got != fmt.Sprint("row ", k) {
				t.Errorf("%d: %q, %v, %v", k, got, ok, err)
			}
		})
	}
	ask(1)
	for g.Waiting() != 0 || len(askedNow(&mu, &asked)) == 0 { // the first query runs
		continue
	}
	for i := range 300 {
		ask(i % 150)
	}
	for g.Waiting() < 300 {
		continue
	}
	close(gate)
	wg.Wait()
	n := len(askedNow(&mu, &asked))
	if n < 4 || n > 7 {
		t.Errorf("300 askers made %d queries", n)
	}
	for _, keys := range asked {
		if len(keys) > db.GatherMost {
			t.Errorf("a query for %d", len(keys))
		}
	}
}

func askedNow(mu *sync.Mutex, asked *[][]int) [][]int {
	mu.Lock()
	defer mu.Unlock()
	return *asked
}

// TestGatherPassesTroubleOn: an error and a panic reach every asker, who
// leaves is not waited for, and the next one is served.
func TestGatherPassesTroubleOn(t *testing.T) {
	var what func() error
	g := &db.Gather[int, int]{Read: func(context.Context, []int) (map[int]int, error) { return map[int]int{1: 1}, what() }}
	boom := errors.New("boom")
	what = func() error { return boom }
	if _, _, err := g.Get(t.Context(), 1); !errors.Is(err, boom) {
		t.Error(err)
	}
	what = func() error { panic("boom") }
	if _, _, err := g.Get(t.Context(), 1); err == nil {
		t.Error("a panic was no error")
	}
	gate := make(chan struct{})
	what = func() error { <-gate; return nil }
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := g.Get(gone, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(gate)
	if got, ok, err := g.Get(t.Context(), 1); got != 1 || !ok || err != nil {
		t.Error(got, ok, err)
	}
}

func TestPadded(t *testing.T) {
	for n := 1; n <= db.GatherMost; n++ {
		list := make([]int, n)
		for i := range list {
			list[i] = i
		}
		args := db.Padded(list)
		if len(args) < n || args[len(args)-1] != n-1 || args[0] != 0 {
			t.Errorf("%d: %v", n, args)
		}
	}
}
