// Package payment keeps tries to pay an order, what providers told us about
// them, and money that goes back. The providers themselves stand behind
// Gateway; package sandbox is one that really signs.
//
// States of a payment:
//
//	open   -> paid     the provider says so (or finance, of a transfer it saw)
//	open   -> closed   made impossible at the provider
//	closed -> paid     the provider was faster after all
//
// Paid is final. A payment that came for an order already closed, or already
// paid by another payment, is late: it counts as paid, never pays the order,
// and goes back whole by itself. An order has at most one open payment a
// gateway and at most one paid payment that is not late; two unique indexes
// hold that, so a mistake here is refused by the database.
//
// States of a refund:
//
//	pending -> done    the provider says it is with the buyer (or finance sent it
//	                   back by hand)
//	pending -> sent    the provider took it: asked until it says more
//	sent    -> done
//	pending -> failed  the provider refuses it for good: finance must look
//	sent    -> failed  it could not be brought to the buyer: finance must look
//	failed  -> pending finance wants it tried again; -> sent: asked again
//	failed  -> done    finance has sent it back by hand
//
// Refunds of a payment never add up to more than it: the payment's
// refunded_fen is raised by a guarded UPDATE before the refund is written.
// A refund's id is the provider's idempotency key, so sending one twice pays
// once.
//
// Every verified callback is kept once by (gateway, event id) with its
// outcome: applied, repeated, late_refund or quarantined. Quarantined are
// those nobody may apply by machine, with the reason: unknown payment, other
// amount, a second charge on one payment. They change nothing and wait for
// finance. Callbacks that do not verify are not stored at all, or strangers
// could fill the table.
//
// Gateway "offline" has no Gateway: buyers transfer, finance confirms; its
// refunds are sent by hand and confirmed by finance.
package payment
