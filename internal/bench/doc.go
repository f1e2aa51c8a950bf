// Package bench measures the centre on the machine it runs on. Every figure
// comes with a peer in the same run, because machines are noisy and only
// ratios travel.
//
// `lindu bench orders` starts the server and the load client as processes of
// their own (the same binary, hidden commands), on free ports of the loopback,
// and ends both. One run holds four parts, one after the other:
//
//   - noop: a handler that reads an order's JSON and answers as many bytes;
//   - one_tx: whole orders, one a transaction;
//   - desk: whole orders, as the product takes them;
//   - sellout: a small lot, until long after its last unit.
//
// After them fsck recomputes every record of the run.
//
// `lindu bench ledger` books groups of transactions by the ledger, in turns with
// bare inserts of the same rows into tables of the same form, then fills the
// public log with leaves, lets the follower take them, and checks proofs.
package bench
