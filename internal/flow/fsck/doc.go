// Package fsck recomputes every invariant of goods, orders and money from the
// records and says what does not agree. It changes none of them.
//
// It is the one package that reads all tables, by SQL of its own, so that a
// mistake in a module is not repeated here. Each check of one statement sees
// one snapshot; those that need several (the books against the orders) look
// again at what they found, so that a running shop is no finding.
//
// # Two runs
//
// Run and Full look at everything, in pages of ids: `lindu fsck` at will, the
// server once a day. Recent looks at what changed since it last looked, every
// minute. It finds what changed by the ids of the rows written, which are made
// in the order of time, in the audit trail and the ledger first of all, and
// from the orders among them which lots and items they moved. It looks twice
// at the last two minutes, because a row can come to be seen behind younger
// ones; takes a bounded number of changes, and goes on there the next time;
// reads on the pool in short statements with pauses; and looks again at
// whatever stands as a finding until it is mended. What lies further back and
// was altered by hand is the full run's to find.
//
// # Adding a check
//
// A line in statements.go, words in locales/*/fsck.json, a row that breaks it
// in corruption_test.go. New kinds of ledger transactions go into sources.
//
// # Seals
//
// Stretches of the ledger that are over are sealed: digest, number of rows,
// and the sums by account. The minute's run adds up what came after the newest
// seal; the full run reads every stretch again, so that an old row changed,
// taken away or slipped in is found on every database, also one whose triggers
// somebody took away.
//
// Tables: fsck_mark, fsck_run, fsck_seal, fsck_balance. Throwing them away
// loses nothing but the seals' memory.
//
// Names of checks are message keys ("fsck.stock"). Findings name rows by id and
// give figures; they hold no personal data, are not translated, and are cut at
// MaxFindings a check.
package fsck
