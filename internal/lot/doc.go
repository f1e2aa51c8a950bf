// Package lot holds stock: each lot is one producer's goods of one harvest.
//
// Quantities are base units (grams or pieces); orders take whole sell units.
// What is on hand is the sum of the lot's movements, what is reserved the sum
// of its held reservations. Both sums stand in the lot's row, kept by the same
// statements; a CHECK there (0 <= reserved <= on_hand) is the last guard
// against overselling, and fsck recomputes them.
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
// # Allocation
//
// Allocate fills an order line from the lots of its product, first expired
// first. It is pure, so that the order desk can run it for a whole group of
// orders in memory before it writes.
//
// Lots past their best-before day are never offered.
//
// Tables: lot, stock_movement (append-only), lot_reservation.
package lot
