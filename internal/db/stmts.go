package db

import (
	"context"
	"database/sql"
	"sync"
)

// maxStmts bounds the prepared statements kept for a pool; queries beyond it
// (built texts, say) run unprepared.
const maxStmts = 512

// stmts keeps SQLite's prepared statements: parsing a query again costs more
// than running it. pgx keeps its own.
type stmts struct {
	db *sql.DB
	mu sync.RWMutex
	m  map[string]*sql.Stmt
}

func newStmts(d *sql.DB) *stmts { return &stmts{db: d, m: map[string]*sql.Stmt{}} }

// get is the prepared statement of a query, nil if it is to run unprepared.
// In a transaction of the one write connection a new statement is prepared on
// that transaction's connection, for asking the pool would wait for ever.
func (s *stmts) get(ctx context.Context, tx *sql.Tx, query string) *sql.Stmt {
	s.mu.RLock()
	st := s.m[query]
	s.mu.RUnlock()
	if st != nil || tx != nil {
		return st
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

func (s *stmts) query(ctx context.Context, tx *sql.Tx, query string, args []any) (*Rows, error) {
	var r *sql.Rows
	var err error
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
	var err error
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
