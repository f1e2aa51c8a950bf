package db

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	memoMost = 20_000
	// memoFor bounds how long a row is remembered, for whoever writes into the
	// file by another way than this DB.
	memoFor = 2 * time.Second
)

// Memo is a Gather that remembers, on SQLite, the rows it read for as long as
// no transaction has written to the tables they came from. All writes go
// through this DB there, so a row that was changed is never given out once the
// change is acknowledged. On PostgreSQL, where other processes write too, it
// reads every time. Missing rows are not remembered.
type Memo[K comparable, V any] struct {
	DB     *DB
	Tables []string // all that Read looks at
	Read   func(ctx context.Context, keys []K) (map[K]V, error)

	once   sync.Once
	gather Gather[K, V]
	writes *atomic.Uint64 // to Tables; nil on PostgreSQL

	mu    sync.RWMutex
	rows  map[K]V
	at    uint64 // writes when rows were read
	since time.Time
}

// Get gives the row of a key; false if there is none. Rows are shared: they
// are not to be changed.
func (m *Memo[K, V]) Get(ctx context.Context, key K) (V, bool, error) {
	m.once.Do(func() {
		m.gather.Read = m.Read
		if m.DB.Dialect == SQLite {
			m.writes = m.DB.watched.add(m.Tables)
		}
	})
	if m.writes == nil {
		return m.gather.Get(ctx, key)
	}
	at := m.writes.Load()
	if v, ok := m.known(key, at); ok {
		return v, true, nil
	}
	v, ok, err := m.gather.Get(ctx, key)
	if ok && err == nil {
		m.keep(key, v, at)
	}
	return v, ok, err
}

func (m *Memo[K, V]) known(key K, at uint64) (v V, ok bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.at != at || time.Since(m.since) > memoFor {
		return v, false
	}
	v, ok = m.rows[key]
	return v, ok
}

// keep remembers a row that was read after at was looked at.
func (m *Memo[K, V]) keep(key K, v V, at uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at != m.writes.Load() {
		return // it may be older than the last write
	}
	if m.at != at || time.Since(m.since) > memoFor || len(m.rows) >= memoMost {
		m.rows, m.at, m.since = map[K]V{}, at, time.Now()
	}
	m.rows[key] = v
}

// watched, shared by the copies of a DB (another clock, say), counts the writes to tables that somebody remembers rows of.
type watched struct {
	mu sync.Mutex
	of atomic.Pointer[map[string][]*atomic.Uint64]
}

func (w *watched) add(tables []string) *atomic.Uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := map[string][]*atomic.Uint64{}
	if old := w.of.Load(); old != nil {
		for t, list := range *old {
			next[t] = list
		}
	}
	n := new(atomic.Uint64)
	for _, t := range tables {
		next[t] = append(next[t][:len(next[t]):len(next[t])], n)
	}
	w.of.Store(&next)
	return n
}

// changed counts writes to tables that are committed. Who remembers rows of them
// is looked up only now: somebody may have begun, and read the old rows, while
// the transaction was open.
func (w *watched) changed(tables ...string) {
	of := w.of.Load()
	if of == nil {
		return
	}
	for _, t := range tables {
		for _, n := range (*of)[t] {
			n.Add(1)
		}
	}
}

// writesTo is the table that a statement writes, "" if it only reads. The
// house's statements name it right behind the verb.
func writesTo(query string) string {
	verb, rest := word(query)
	switch verb {
	case "INSERT", "DELETE", "REPLACE":
		verb, rest = word(rest) // INTO, FROM
		if verb == "OR" {       // OR FAIL INTO
			_, rest = word(rest)
			_, rest = word(rest)
		}
	case "UPDATE":
	default:
		return ""
	}
	table, _ := word(rest)
	return table
}

func word(s string) (first, rest string) {
	s = strings.TrimLeft(s, " \t\n")
	if i := strings.IndexAny(s, " \t\n("); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}
