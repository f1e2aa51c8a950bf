// Package order holds buyers' orders and their states.
//
// An order is written once by the order desk, with everything as it was shown
// to the buyer: names, prices, weights, the return rule on its lines, and on
// its shares what each producer is to get and what is taken off by whom. Later
// changes of a price, a product or a fee never touch it. Only its state and
// the times that go with it change, and the counters of what was taken back of
// it after it was paid.
//
// # States
//
//	unpaid   -> paid       the payment came in
//	unpaid   -> closed     expired, or cancelled by the buyer
//	paid     -> shipped    the parcel left
//	paid     -> closed     refunded whole before it was shipped
//	shipped  -> received   the buyer said so, or enough days have passed
//	received -> done       the after-sale window is over
//
// An order with goods of several producers travels in as many parcels: until the
// last has left it is paid and part-shipped (PartAt), and can't be closed whole.
//
// Move makes a step by a guarded UPDATE: of two that race, one wins, and the
// other is told so. Done and closed are the ends.
//
// # Idempotency
//
// The page makes a key before it sends an order, and (buyer, key) is unique:
// the same request sent again finds the first order. IdemHash says whether it
// is the same request.
//
// # Whose orders are whose
//
// On SQLite orders are filed by buyer some thousand at a time (File), because
// an index by buyer would cost each order a page of its own. The view
// order_of_buyer gives filed and unfiled ones.
//
// Tables: sale_order, order_line, order_share, order_filed, order_filed_upto.
package order
