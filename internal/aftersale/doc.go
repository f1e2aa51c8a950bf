// Package aftersale keeps what happens to an order after it was paid: what
// buyers ask for, what service grants, goods that come back, and what every
// refund was for.
//
// # Kinds of a case
//
//	cancel   whole units before the parcel left; granted by itself
//	return   goods come back first, then the money goes
//	claim    part of the price for goods that are bad; nothing comes back
//
// # States
//
//	requested -> approved    a return: the goods may come back
//	requested -> refunded    a claim (a cancellation is refunded when it is asked for)
//	requested -> rejected
//	approved  -> refunded    the goods came back in good state, seen by the packer
//	approved  -> back        they came back spoiled: service decides
//	back      -> refunded
//	back      -> rejected    the goods go to the buyer again
//	requested, approved -> withdrawn   by the buyer, or by the clock when no
//	                         parcel came within ReturnWithin
//
// Refunded, rejected and withdrawn are the ends. A step is a guarded UPDATE:
// of two that race one wins. A line has one open case; a unique index holds it.
//
// # Who may ask for what
//
//   - Consumer Law art. 25: goods whose line says seven_day (or confirmed,
//     without the buyer's tick) come back within Rules.Return of receipt
//     without a reason; never fresh and perishable ones.
//   - The exception takes nothing from what is owed for quality: within
//     Rules.Claim of receipt anything bad, wrong or missing is claimed with a
//     photo, and within Rules.Return it may be sent back unless it is fresh.
//   - Service may open a case at any time.
//
// # Money
//
// Divide parts a refund over an order's shares, to the fen: an amount by what
// is left of each share (largest remainder), whole units by what is left of
// their lot. What the producer, the commission and the margin give back of a
// share depends only on the sum taken back of it, never on the number or the
// order of the steps, so that a share taken back whole is taken back exactly.
//
// Freight: it goes back whole with the last of the goods before the parcel
// left, and with goods that come back or are paid for because the seller or
// the carrier was at fault when nothing of the order is left; never for a
// return without a reason (art. 25 gives back the price of the goods); service
// may grant it, or part of it, in any case. The way back is the buyer's to pay
// without a reason, else the centre's.
//
// Tables: after_sale, after_sale_line, after_sale_photo, refund_part and
// refund_share (append-only).
package aftersale
