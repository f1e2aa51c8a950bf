// Package statement keeps what a producer, a host or an agency is to be paid
// for a period, who signed it, and how it was paid.
//
// # A statement
//
// One payee, one period (half a month or a month), lines from records: a share
// of an order that is done, a refund or claim after it, a host's pay. The
// source of a line is unique, so nothing is paid twice; what is not yet due
// waits, what came late stands in the next period as a line of its own, below
// zero if it is a refund. A statement never changes once it is issued; triggers
// hold that.
//
//	carried + net - elsewhere = pay + carry
//
// carried is the debt of the statement before, elsewhere what the payment
// provider paid by itself (split settlement). pay is never below zero: a debt
// is carried to the next statement.
//
// # Pay that was entered wrongly
//
// It is never changed: finance takes it back, whole or in part, once, with a
// reason. The line below zero stands on the next sheet, so it lowers what is
// still to be paid, or is carried as a debt when all was paid.
//
// # States
//
//	issued -> checked -> approved -> paid
//	paid -> approved    the bank sent the money back
//
// Checker and approver are two people; every step is kept with its signer. A
// question of the payee must be answered before the approval. A statement with
// nothing to pay is paid with its approval.
//
// # Payouts
//
// A batch of approved statements is made by one person and released by
// another; then its file may be exported (with a reason, kept) and each payout
// marked paid with the bank's number, or reversed.
//
//	batch   draft -> released, dropped
//	payout  waiting -> paid -> reversed;  waiting -> dropped (with its batch)
//
// Bank accounts are sealed, confirmed by a second person, and opened for the
// bank's file only; screens show the last four digits.
//
// # Tax
//
// A host's pay is labour remuneration: see Withhold. Farmers' own produce is
// free of VAT (VAT Law art. 24(1)) and their statements withhold nothing.
//
// Tables: statement, statement_line, statement_step (append-only),
// statement_payee, payee_account, payout_batch, payout, payout_export
// (append-only), agency, host_earning, host_earning_back (both append-only).
package statement
