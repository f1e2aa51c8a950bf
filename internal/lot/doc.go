// Package lot holds stock: each lot is one producer's goods of one harvest.
//
// Quantities are base units (grams or pieces); orders take whole sell units.
// What is on hand is the sum of the lot's movements, what is reserved the sum
// of its held reservations, allotted what its open allotments have left. The
// sums stand in the lot's row, kept by the same statements; a CHECK there
// (reserved + allotted <= on_hand) is the last guard against overselling, and
// fsck recomputes them.
//
// # States
//
//	forecast -> received   by its first "receive" movement
//	received -> graded
//	graded   -> on_sale    only then orders take from it
//	on_sale  -> graded     off sale for a while; what is reserved stays reserved
//	forecast, received, graded, on_sale -> closed   when nothing is reserved
//
// A closed lot never opens again.
//
// # Reservations
//
//	held -> shipped    the goods leave by a "ship" movement
//	held -> released   the order was closed; the goods can be ordered again
//
// # Allotments
//
// A slice of a lot that only one show, or one host's shows, may sell until a
// time. Orders of that show take from it first; then from what is open to all,
// unless it is capped. What orders have taken of it can't be taken back.
//
//	open -> back      taken back by the centre, or its show is over
//	open -> expired   its time is over: it counts as given back from that moment,
//	                  whether a sweep, the order desk or nobody has written it
//
// A cancelled order's goods go back to its allotment while that is open. A lot's
// row is held before its allotments' rows, by everybody.
//
// # Allocation
//
// Allocate fills an order line from the lots of its product, first expired
// first. It is pure, so that the order desk can run it for a whole group of
// orders in memory before it writes.
//
// Lots past their best-before day are never offered, nor is a lot below its
// floor price, whatever an item's price has become since.
//
// Tables: lot, stock_movement (append-only), lot_reservation, lot_allotment.
package lot
