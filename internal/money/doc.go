// Package money holds amounts in fen (1/100 yuan) as int64.
//
// Rules: never a float; arithmetic that could overflow is checked; a split
// loses nothing: its parts always add up to the whole, the remainder going to
// the largest fractions first (largest-remainder method), ties to the earlier
// part. Rates are basis points (1/100 of a per cent).
package money
