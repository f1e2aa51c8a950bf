// Package recon compares providers' bills with our payments and refunds. Every
// difference becomes a row that somebody of finance must settle.
//
// # A bill's day
//
//	waiting -> done   the bill was there, its rows are kept
//
// A provider that has no bill yet is asked again. Doing a day again changes
// nothing: a movement of money is kept once by (gateway, kind, number), also
// when two bills name it, and a difference once by what it is.
//
// # Kinds of a difference
//
//	missing_there  we have it, no bill does. Said only when the next day's bill
//	               is in too: what moves at midnight may stand there.
//	missing_here   the bill has it, we don't
//	amount         both have it, with other amounts
//	double         a second charge for one payment, a second payout of one refund
//	fee            what the provider kept of a day: one row a day
//
// States: open -> settled by finance with a reason; open -> gone when a later
// look finds that it agrees now (a late row, a callback that came at last).
// Settled ones stay settled.
//
// # How one is settled
//
//	noted       explained, nothing is booked
//	fee         a day's fees are booked as a cost of the centre
//	quarantine  money that is there and not ours to keep is taken into
//	            quarantine, where two of finance settle it
//
// Money in quarantine that a bill shows agrees: it waits there.
//
// Bank transfers have no bill that a program could fetch: finance enters what
// stands on the account of a day by hand, and it is compared all the same.
//
// Tables: recon_day, recon_row, recon_difference.
package recon
