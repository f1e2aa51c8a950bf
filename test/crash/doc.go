// Package crash ends the real binary in the middle of a flash sale, by kill -9
// and by a polite SIGTERM, on SQLite and on PostgreSQL, and holds what was
// promised to buyers against what is in the books afterwards:
//
//   - every acknowledged order is there, with the same id;
//   - a request repeated with its key makes one order, also when the answer
//     to the first try was lost with the process;
//   - exactly as many units are sold as there are;
//   - `lindu fsck` finds nothing;
//   - a polite stop answers whole whatever it took.
//
// A killed process loses nothing that the kernel has: these tests say nothing
// of a power cut.
//
// LINDU_TEST_CYCLES says how many kills a database gets (the default suits
// `make test`; a nightly run takes 100). A desk that answers just before its
// commit was found by 5 kills on SQLite, where a commit waits for the disk, each
// time; on a PostgreSQL with fsync off 5 never found it, and 60 did.
package crash
