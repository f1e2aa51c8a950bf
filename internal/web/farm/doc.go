// Package farm is a producer's phone: my lots, my orders, my money.
//
// Whoever holds the role producer sees the producers they are linked to, and
// nothing of any other: an order shows their own lines only, a buyer is no
// more than a province, and another's lot answers "not found". All figures are
// read from the records when the page is asked for: money from the ledger
// (promise.Money), stock from movements and reservations, sales from order
// shares.
package farm
