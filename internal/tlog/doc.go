// Package tlog keeps the leaves of the public log: what anyone may check of
// what the centre promised. It knows the rows, not the tree (package
// tlog/tree) and not the form (package tlog/entry).
//
// # A leaf
//
// Fix writes leaves in the transaction of what they tell of, so that neither
// can stand without the other. The body is the entry as it will stand in the
// log, for ever and for all to see: no person, no order number, no amount of a
// gift. The opening is what the entry's commitment was made of; it is shown
// only to whom it belongs, and may hold ids, dates and amounts but nothing
// personal (no name, phone, address): those stay in their rows, sealed by
// package vault, and a receipt page shows them beside. So a person's data can
// be shredded and every leaf still opens.
//
// # States
//
//	waiting   seq is NULL: fixed, not yet given a place
//	placed    seq is its index in the log, given once, in the order of the ids
//
// The follower (package tlog/tree) places what waits and appends what is
// placed and not yet in the tree, in the order of seq; so the log is a pure
// function of these rows and can be built again from them with the same root.
//
// # Who fixes what
//
// Package promise fixes a leaf for every transaction it posts in which money
// of a promise moves (ref "txn/<ref of the transaction>", opening Txn), and
// for every promise version and disbursement; package statement for every
// total. The follower adds KindTotals: sums of the entries since the last such
// one, so that totals can be computed from the log alone.
//
// Tables: log_leaf, log_head, log_origin, log_cosignature; all append-only.
package tlog
