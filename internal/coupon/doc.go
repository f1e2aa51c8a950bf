// Package coupon keeps the coupons of a show: so much off, for so many people,
// one each. It knows nothing of orders but their ids, and of prices nothing
// but what it is told.
//
// # States of a coupon
//
//	planned   made before or in the show; nobody sees it
//	dropped   in the room as a card: whoever taps has one
//	gone      all are taken
//	ended     the operator ended it, or its show is over: what was taken
//	          stays good for as long as it says
//
// # Rules
//
//   - "Amount off" or "spend X, save Y" (Over). The amount is taken off the
//     goods the coupon is for, divided over their lines in proportion to how
//     far each may go down (Divide): never below the price guard, and never the
//     last fen of a unit.
//   - Good for the items of its show while that is live; with hours, also for
//     the same products outside a show, so long from when it was taken. Only
//     goods the centre buys and sells itself: what the payment provider
//     splits belongs to others, who have not agreed to it.
//   - Total is never passed: the row's CHECK holds it against any race. A
//     person takes one (UNIQUE); taking it again gives the first.
//   - A claim is used by one order at a time (UNIQUE). When that order is closed
//     (expired, cancelled, refunded whole) the claim is free again in the same
//     transaction.
//   - The centre bears the discount. What coupons may cost in all is bounded
//     when they are made (MaxCost).
//
// Tables: coupon, coupon_product, coupon_claim.
package coupon
