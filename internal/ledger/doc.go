// Package ledger is the double-entry book. It knows no business: accounts in a
// tree of paths, balanced transactions, append-only. Only package promise may
// post (a test holds that); package flow/fsck recomputes.
//
// # Rules
//
//   - fen > 0 is a debit, fen < 0 a credit; the lines of a transaction add up
//     to zero. Assets and expenses grow by debit, liabilities, income and
//     equity by credit.
//   - A transaction is written once by its ref; posting the ref again changes
//     nothing and is no error. A mistake is corrected by a new transaction: a
//     trigger refuses to change or delete rows.
//   - An account opens with its first line and keeps its kind for ever: a line
//     of another kind is refused with ErrKind.
//   - An account may have a least and a greatest balance, which a CHECK of its
//     table guards: a posting past it is refused with ErrLimit.
//   - The balance in the account's row is kept by the statement that writes the
//     postings, in the order of the paths, so that two writers can't deadlock.
//     fsck recomputes it.
//
// Tables: ledger_account, ledger_txn, ledger_posting.
package ledger
