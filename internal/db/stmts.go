package db

import (
	"context"
	"database/sql"
	"sync"
)

// maxStmts bounds the prepared statements kept for a pool, of which inserts of
// several rows take some two hundred at most; queries beyond it
// (built texts, say) run unprepared.
const maxStmts = 2048

// stmts keeps SQLite's prepared statements: parsing a query again costs more
// than running it. pgx keeps its own.
type stmts struct {
	db     *sql.DB
	mu     sync.RWMutex
	m      map[string]*sql.Stmt
	missed map[string]int // texts a transaction ran unprepared, and how often
}

func newStmts(d *sql.DB) *stmts {
	return &stmts{db: d, m: map[string]*sql.Stmt{}, missed: map[string]int{}}
}

// get is the prepared statement of a query, nil if it is to run unprepared.
// A transaction holds the one write connection, so preparing on the pool would
// wait for ever: it runs a new text as it is, and prepareMissed prepares the
// text before a later transaction begins.
func (s *stmts) get(ctx context.Context, tx *sql.Tx, query string) *sql.Stmt {
	s.mu.RLock()
	st := s.m[query]
	s.mu.RUnlock()
	if st != nil {
		return st
	}
	if tx != nil {
		s.note(query)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if st = s.m[query]; st != nil || len(s.m) >= maxStmts {
		return st
	}
	st, err := s.db.PrepareContext(ctx, query)
	if err != nil {
		return nil // running it unprepared gives the error where it belongs
	}
	s.m[query] = st
	return st
}

// note counts a text that ran unprepared; a text seen once (a list of changing
// length, say) is not worth a place.
func (s *stmts) note(query string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.missed) >= maxStmts {
		clear(s.missed)
	}
	if len(s.m) < maxStmts {
		s.missed[query]++
	}
}

// prepareMissed prepares what transactions ran unprepared more than once. It
// takes the connection, so it is called while no transaction of the caller
// holds it.
func (s *stmts) prepareMissed(ctx context.Context) {
	s.mu.RLock()
	var due []string
	for q, n := range s.missed {
		if n > 1 {
			due = append(due, q)
		}
	}
	s.mu.RUnlock()
	for _, q := range due {
		st, err := s.db.PrepareContext(ctx, q)
		s.mu.Lock()
		delete(s.missed, q)
		switch {
		case err != nil: // running it gives the error where it belongs
		case s.m[q] != nil || len(s.m) >= maxStmts:
			st.Close()
		default:
			s.m[q] = st
		}
		s.mu.Unlock()
	}
}

// settle looks at ctx before a statement of a transaction, which then runs to
// its end: the driver starts a goroutine for each statement that can be
// interrupted, which costs more than most statements do.
func settle(ctx context.Context, tx *sql.Tx) (context.Context, error) {
	if tx == nil || ctx.Done() == nil {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

func (s *stmts) query(ctx context.Context, tx *sql.Tx, query string, args []any) (*Rows, error) {
	var r *sql.Rows
	ctx, err := settle(ctx, tx)
	if err != nil {
		return nil, err
	}
	switch st := s.get(ctx, tx, query); {
	case tx != nil && st != nil:
		r, err = tx.StmtContext(ctx, st).QueryContext(ctx, args...)
	case tx != nil:
		r, err = tx.QueryContext(ctx, query, args...)
	case st != nil:
		r, err = st.QueryContext(ctx, args...)
	default:
		r, err = s.db.QueryContext(ctx, query, args...)
	}
	if err != nil {
		return nil, wrap(err)
	}
	return &Rows{sql: r}, nil
}

func (s *stmts) exec(ctx context.Context, tx *sql.Tx, query string, args []any) (int64, error) {
	var r sql.Result
	ctx, err := settle(ctx, tx)
	if err != nil {
		return 0, err
	}
	if st := s.get(ctx, tx, query); st != nil {
		r, err = tx.StmtContext(ctx, st).ExecContext(ctx, args...)
	} else {
		r, err = tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, wrap(err)
	}
	return r.RowsAffected()
}

func (s *stmts) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.m {
		st.Close()
	}
	s.m = map[string]*sql.Stmt{}
}
