// Package orderdesk takes the orders of a crowd in front of one lot.
//
// Requests wait in a bounded queue. One writer takes what is waiting (no
// timer: under load groups form by themselves), reads what the group needs
// once, prices each order, allocates stock in memory by lot.Allocate, and
// writes orders, lines, shares, reservations, sold units, ledger postings and
// audit rows of the whole group in ONE transaction by multi-row statements. A
// buyer is answered only after that transaction is durable.
//
// # Rules
//
//   - Nothing is oversold. The allocation is made from rows read in the same
//     transaction; the CHECKs of lot and show_item refuse what another process
//     on the same PostgreSQL took meanwhile, and then the group is read and
//     allocated again.
//   - Nothing acknowledged is lost, and a repeated key finds the first order:
//     keys are looked up in the transaction, and (buyer, key) is unique.
//   - The price is the buyer's: another price now is order.price_changed. An
//     item can be ordered while its show is live and it is on sale; a product
//     outside a show while it is on.
//   - While an item's flash sale runs, its price is the price; its total and its
//     limit a person hold, and such an order waits shorter for its payment.
//   - What is allotted to a host is taken by orders of their shows only.
//   - No lot is sold below its floor (order.below_floor), and nobody owes more
//     orders than the request allows (order.unpaid_many).
//   - An order is all or nothing: if one line can't be filled, none is.
//   - No order's failure fails its neighbours: when a group fails, its orders
//     are tried one by one. A panic is such a failure.
//   - A full queue answers order.busy with a time to try again; a desk that is
//     closing answers fault.stopping and finishes what it took.
//
// The Book prices lines without ordering, too: what the half-sheet shows and
// what the desk takes are the same code.
package orderdesk
