// Package open is what anyone may check: the promises with their running
// totals, and the state of the service and its books.
//
// Every figure is read from the ledger when the page is asked for, and stands
// beside the words that say how it is computed. What does not work yet is said
// to be missing; nothing here is a wish.
package open
