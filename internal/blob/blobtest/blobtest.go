// Package blobtest says in full what a blob.Store does: every implementation
// runs Conform in its own test.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/fault"
)

// Conform runs the suite; open gives a fresh, empty store.
func Conform(t *testing.T, open func(t *testing.T) blob.Store) {
	for name, fn := range map[string]func(t *testing.T, s blob.Store){
		"WhatWasPutIsGot":         whatWasPutIsGot,
		"MissingIsNotFound":       missingIsNotFound,
		"DeleteTakesOneAway":      deleteTakesOneAway,
		"ListIsInOrder":           listIsInOrder,
		"BadKeysAreRefused":       badKeysAreRefused,
		"FailedPutChangesNothing": failedPutChangesNothing,
		"ReadersSeeWholeFiles":    readersSeeWholeFiles,
		"WritersDoNotMeet":        writersDoNotMeet,
		"EndedContextStops":       endedContextStops,
	} {
		t.Run(name, func(t *testing.T) { fn(t, open(t)) })
	}
}

// Put writes text, or fails the test.
func Put(t testing.TB, s blob.Store, key, text string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(text)); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

// Get reads a file whole, or fails the test.
func Get(t testing.TB, s blob.Store, key string) string {
	t.Helper()
	r, n, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != n {
		t.Fatalf("get %s: %d bytes of %d, %v", key, len(b), n, err)
	}
	return string(b)
}

func whatWasPutIsGot(t *testing.T, s blob.Store) {
	big := strings.Repeat("0123456789abcdef", 1<<16)
	for key, text := range map[string]string{"a": "x", "picture/1/640.jpg": big, "empty": "", "A-b_c.d/e": "\x00\xff"} {
		Put(t, s, key, text)
		if got := Get(t, s, key); got != text {
			t.Errorf("%s: got %d bytes, want %d", key, len(got), len(text))
		}
	}
	Put(t, s, "a", "yy")
	if got := Get(t, s, "a"); got != "yy" {
		t.Errorf("put over: got %q", got)
	}
}

func missingIsNotFound(t *testing.T, s blob.Store) {
	Put(t, s, "a/b", "x")
	for _, key := range []string{"nothing", "a", "a/b/c", "a/c"} {
		if _, _, err := s.Get(t.Context(), key); !fault.Is(err, fault.NotFound) {
			t.Errorf("get %s: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	if got := Get(t, s, "a/b"); got != "x" {
		t.Errorf("deleting what is missing took the file: %q", got)
	}
}

func deleteTakesOneAway(t *testing.T, s blob.Store) {
	Put(t, s, "p/1/a", "x")
	Put(t, s, "p/1/b", "y")
	if err := s.Delete(t.Context(), "p/1/a"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(t.Context(), "p/1/a"); !fault.Is(err, fault.NotFound) {
		t.Errorf("still there: %v", err)
	}
	if got := Get(t, s, "p/1/b"); got != "y" {
		t.Errorf("the neighbour: %q", got)
	}
	Put(t, s, "p/1/a", "again")
	if got := Get(t, s, "p/1/a"); got != "again" {
		t.Errorf("put again: %q", got)
	}
}

func listIsInOrder(t *testing.T, s blob.Store) {
	all := []string{"a", "a-b", "a.b", "b/1/x", "b/10/x", "b/2/x", "bb/y"}
	for _, k := range slices.Backward(all) {
		Put(t, s, k, k)
	}
	for prefix, want := range map[string][]string{
		"": all, "a": all[:3], "b": all[3:], "b/": all[3:6], "b/1": all[3:5], "b/1/": all[3:4], "bb/y": all[6:], "c": nil, "a/": nil, "zz/top": nil,
	} {
		got, err := s.List(t.Context(), prefix)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v, %v, want %v", prefix, got, err, want)
		}
	}
}

func badKeysAreRefused(t *testing.T, s blob.Store) {
	bad := []string{"", "/", "/etc/passwd", "a/", "a//b", "..", "../x", "a/../b", "a/..", ".", "./a", ".hidden", "a/.b", `a\b`, "a b", "a\x00b", "a\n",
		"ä", "a:b", "%2e%2e/x", strings.Repeat("k", blob.MaxKey+1), strings.Repeat("d/", 20) + "x"}
	for _, key := range bad {
		_, _, err := s.Get(t.Context(), key)
		for what, err := range map[string]error{"get": err, "put": s.Put(t.Context(), key, strings.NewReader("x")), "delete": s.Delete(t.Context(), key)} {
			if !fault.HasKey(err, "blob.key") {
				t.Errorf("%s %.40q: %v", what, key, err)
			}
		}
	}
	for _, prefix := range []string{"../", "/", "a/../", ".tmp"} {
		if _, err := s.List(t.Context(), prefix); !fault.HasKey(err, "blob.key") {
			t.Errorf("list %q: %v", prefix, err)
		}
	}
	if keys, err := s.List(t.Context(), ""); err != nil || len(keys) != 0 {
		t.Errorf("something was written: %v, %v", keys, err)
	}
}

func failedPutChangesNothing(t *testing.T, s blob.Store) {
	Put(t, s, "a", "old")
	boom := errors.New("boom")
	for _, key := range []string{"a", "b"} {
		r := io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(boom))
		if err := s.Put(t.Context(), key, r); !errors.Is(err, boom) {
			t.Errorf("put %s: %v", key, err)
		}
	}
	if keys, err := s.List(t.Context(), ""); err != nil || !slices.Equal(keys, []string{"a"}) || Get(t, s, "a") != "old" {
		t.Errorf("left: %v, %v", keys, err)
	}
}

func readersSeeWholeFiles(t *testing.T, s blob.Store) {
	text := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), 50_000+i) }
	Put(t, s, "k", text(0))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, n, err := s.Get(context.Background(), "k")
				if err != nil {
					t.Errorf("get: %v", err)
					return
				}
				b, err := io.ReadAll(r)
				r.Close()
				if err != nil || int64(len(b)) != n || len(bytes.Trim(b, string(b[:1]))) != 0 {
					t.Errorf("torn: %d bytes of %d, %v", len(b), n, err)
					return
				}
			}
		})
	}
	for i := range 40 {
		Put(t, s, "k", text(i))
	}
	close(stop)
	wg.Wait()
}

// writersDoNotMeet puts and deletes files of one folder at the same time.
func writersDoNotMeet(t *testing.T, s blob.Store) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 40 {
				key := fmt.Sprintf("folder/sub/%d", i)
				if err := s.Put(context.Background(), key, strings.NewReader(key)); err != nil {
					t.Errorf("put: %v", err)
				}
				r, _, err := s.Get(context.Background(), key)
				if err != nil {
					t.Errorf("get: %v", err)
				} else {
					r.Close()
				}
				if err := s.Delete(context.Background(), key); err != nil {
					t.Errorf("delete: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if keys, err := s.List(t.Context(), ""); err != nil || len(keys) != 0 {
		t.Errorf("left: %v, %v", keys, err)
	}
}

func endedContextStops(t *testing.T, s blob.Store) {
	Put(t, s, "a", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, getErr := s.Get(ctx, "a")
	_, listErr := s.List(ctx, "")
	for what, err := range map[string]error{"put": s.Put(ctx, "b", strings.NewReader("x")), "get": getErr, "list": listErr, "delete": s.Delete(ctx, "a")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if keys, err := s.List(t.Context(), ""); err != nil || !slices.Equal(keys, []string{"a"}) {
		t.Errorf("left: %v, %v", keys, err)
	}
}
