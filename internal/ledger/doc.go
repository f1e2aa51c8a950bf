// Package ledger is the double-entry book. It knows no business: accounts in a
// tree of paths, balanced transactions, append-only. Only package promise may
// post (a test holds that); package flow/fsck recomputes.
//
// # Rules
//
//   - fen > 0 is a debit, fen < 0 a credit; the lines of a transaction add up
//     to zero. Assets and expenses grow by debit, liabilities, income and
//     equity by credit.
//
//   - A transaction is written once by its ref; posting the ref again with the
//     same lines changes nothing and is no error, with others it is refused with
//     ErrRef. A mistake is corrected by a new transaction: a trigger refuses to
//     change or delete rows.
//
//   - An account opens with its first line and keeps its kind for ever: a line
//     of another kind is refused with ErrKind.
//
//   - An account may have a least and a greatest balance, which a CHECK of its
//     table guards: a posting past it is refused with ErrLimit.
//
//   - The balance in the account's row is kept by the statement that writes the
//     postings, in the order of the paths, so that two writers can't deadlock.
//     fsck recomputes it.
//
//   - A transaction may come in two phases: Hold makes its amounts pending
//     (they count against the limits, but are no balance), then Settle posts
//     them by the same ref or Void lets them go. A hold and its end are rows of
//     their own, append-only too.
//
//   - Accounts form a tree by their paths: Tree and SubtreeAt add up what is
//     below one. Balances as of a date are the sums of days kept up to a
//     transaction (KeepDays, a sweep) and of the postings after it; fsck
//     recomputes the days, RemakeDays makes them again.
//
//   - DryRun posts by the same path and takes it back.
//
// The order desk's pending accounts (package promise) are plain accounts and
// not holds: an unpaid order is one posting then, the cheapest there is, and
// each class of money that is still to come stands in the chart. Holds are for
// money that is about to leave: payouts at the bank, signed disbursements.
//
// Tables: ledger_account, ledger_txn, ledger_posting, ledger_hold,
// ledger_hold_line, ledger_hold_end, ledger_day, ledger_day_mark.
package ledger
