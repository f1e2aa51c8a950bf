// Package crash makes the faults of docs/reliability.md happen to the real
// binary in the middle of a flash sale, on SQLite and on PostgreSQL, and holds
// what was promised to buyers against what is in the books afterwards:
//
//   - every acknowledged order is there, with the same id;
//   - a request repeated with its key makes one order, also when the answer
//     to the first try was lost with the process;
//   - exactly as many units are sold as there are;
//   - `lindu fsck` finds nothing;
//   - what can't be done now is answered 503 with a time to come again.
//
// After each fault, and not only at the end.
//
// The faults: kill -9 while a crowd orders (kill_test.go) and while money moves
// at providers that outlive the centre (money_test.go), a polite stop (stop_test.go), PostgreSQL
// stopped at once and started again (postgres_test.go), a full disk
// (disk_test.go), a power cut as far as copies of the files can show it
// (torn_test.go), a clock that jumps (clock_test.go), a transaction that fails
// at any of its statements, and a buyer who taps on in two tabs
// (writer_test.go), the release before under the same data (upgrade_test.go).
//
// LINDU_TEST_CYCLES says how often each fault falls; without it few times, for
// `make test`. `make crash CYCLES=100` is the long run. A desk that answers just
// before its commit was found by 5 kills on SQLite, where a commit waits for the
// disk, each time; on a PostgreSQL with fsync off 5 never found it, and 60 did.
//
// A machine that lacks what a fault needs (root for a small disk, PostgreSQL's
// programs) skips it and says so; with CI or LINDU_TEST_REQUIRE_FAULTS set that
// is a failure.
package crash
