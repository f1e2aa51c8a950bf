// Package pricing is the price guard: what a product is sold for at least and
// at most, and the prices outside of that which wait for a second signer.
//
// # Bounds
//
// A selector or admin sets a product's floor and ceiling. The floor in force is
// the highest of it and of the floors of the lots on sale (what was agreed with
// their producers); flow puts the two together. No row: no bound but the lots'.
//
// # States of a request
//
//	waiting  -> approved   another operator or an admin signed: the price is set
//	         -> refused    another operator or an admin said no
//	         -> expired    nobody did within Within; computed, never stored
//
// # Rules
//
//   - Who asked never signs (also a CHECK of the table).
//   - A request names the price it changes from: when somebody has changed that
//     meanwhile, it can't be approved any more (pricing.moved).
//   - One waiting request an item and kind.
//   - Nothing here touches an order that was placed.
//
// Tables: price_bound, price_request.
package pricing
