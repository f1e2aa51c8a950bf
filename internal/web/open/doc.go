// Package open is what anyone may check: the promises, the totals, the state
// of the books.
package open
