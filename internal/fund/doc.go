// Package fund keeps what the charity fund and the growth fund pay out, and the
// profit that goes into the growth fund. What a fund holds is a balance of the
// ledger; package promise books it and refuses what a promise forbids.
//
// # States
//
// A disbursement:
//
//	draft    -> approved   signed by a second person
//	approved -> paid       booked, with the bank's number; final
//	draft, approved -> cancelled
//
// A transfer of profit into the growth fund:
//
//	draft -> done          signed by a second person and booked
//	draft -> cancelled
//
// # Rules
//
//   - Who drafted can't approve; CHECKs of the tables hold it.
//   - A disbursement names purpose and recipient and carries a voucher (photo or
//     PDF) from the start; that of the charity fund names a signed donation
//     agreement in term, and its recipient is the agreement's.
//   - Paid ones are public, with the voucher, and never change: an entry of the
//     public log is committed to recipient, purpose, agreement, signers and the
//     voucher, whose hash it names.
//   - Finance drafts and pays, finance or admin approves.
//
// Tables: disbursement, growth_transfer. Agreements are package promise's.
package fund
