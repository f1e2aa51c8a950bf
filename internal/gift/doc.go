// Package gift keeps gifts that viewers give in a room: every fen of them goes
// to the charity fund. A gift is bought one by one through a payment gateway;
// there is no wallet, no coin, no ranking, and the host gets nothing.
//
// # States of a gift
//
//	unpaid  -> paid      the money came; booked whole into the charity fund
//	unpaid  -> closed    not paid in time, or a child's
//	paid    -> refunded  taken back out of the fund (a child's, a mistake)
//	paid    -> covered   the same when the fund had spent it already: the
//	                     centre pays the giver out of its own costs and the
//	                     gift stays given
//
// # Rules
//
//   - Gifts are off until the centre has the number of its licence and a signed
//     donation agreement is in term (Rules.Open): the Charity Law, art. 37,
//     wants the agreement before the show.
//   - Adults only: a giver declares to be 18 or older by the date of birth, of
//     which only the answer is kept.
//   - Caps a gift and a day (Asia/Shanghai): the lower of the giver's own and
//     the centre's. One's own can be lowered at once; a raised one counts
//     after 24 hours. Gifts of one person queue at the row of gift_giver, so
//     two tabs can't pass a cap together. What is not paid yet counts too.
//   - The giver is named in the room only where they ticked it, and no amount
//     is ever shown to others.
//   - After a violation a host's room takes no gifts: for the sanction and
//     three months after it, and for at least three times its length (notice
//     of the Cyberspace Administration of 2026-04-13, as far as it is known:
//     field notes, law 2.5).
//   - Use allots a disbursement of the charity fund to the oldest gifts, part
//     by part, so that each gift can be followed to what it paid for; the
//     parts of a disbursement add up to it, and the parts of a gift never
//     pass it.
//
// Tables: gift_kind, gift, gift_use, gift_giver, gift_ban, gift_case.
package gift
