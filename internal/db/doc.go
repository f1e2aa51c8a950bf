// Package db opens the one database of the centre, SQLite or PostgreSQL, and
// runs transactions on it. It knows no business.
//
// One SQL text serves both: $1 placeholders, RETURNING, ON CONFLICT, CTEs and
// window functions; never ::casts, now(), FOR UPDATE, = ANY. Amounts, times
// and quantities are BIGINT, enums TEXT with CHECK, JSON is TEXT read in Go.
// Always ORDER BY. Sum with CAST(coalesce(sum(x), 0) AS BIGINT), because
// PostgreSQL's sum of bigint is numeric.
//
// SQLite (modernc, WAL, synchronous=FULL) has one write connection, a read pool,
// and a connection that folds the log into the file beside the writer;
// PostgreSQL is a pgx pool. Update runs its function in one write transaction
// and repeats it when the database asks for that, so the function must have no
// effect outside the transaction. A transaction has one Now. Once an Insert of
// it has failed it is never committed, whatever its function returns.
//
// Functions of modules that join a transaction take a *Tx and never commit.
// Reads take a Querier: the DB (own snapshot per statement) or a Tx.
//
// A crowd's look-ups of single rows go through Gather (who asks at the same
// time shares a query) or Memo (remembered while nobody writes to its tables).
//
// Migrations are goose files, NNNN_name.sql for both databases, or
// NNNN_name.sqlite.sql and NNNN_name.postgres.sql where they must differ.
package db
