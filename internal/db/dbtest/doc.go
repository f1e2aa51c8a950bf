// Package dbtest runs a test on every database the product supports: a fresh
// SQLite file, and a fresh schema of a PostgreSQL server.
//
// LINDU_TEST_PG names the server ("postgres://…"). With
// LINDU_TEST_REQUIRE_PG=1, which `make test` sets, a missing server is a
// failure and not a skip, so nothing goes untested in silence.
package dbtest
