// Package waitlist is who waits for more of a sold-out item, in line.
//
// # States of an entry
//
//	waiting  -> told   there is more: the page in the room says so, and a text
//	                   goes to the phone of who asked for one
//	         -> left   the person does not want it any more
//	told     -> waiting  asked again: a new place, at the end
//	left     -> waiting
//
// # Rules
//
//   - One row a person and item; asking again changes the units, not the place.
//   - Told in the order they came, only as many as the stock is enough for
//     (Next): who was told in the last HeadStart still counts, so that the next
//     in line are told when the first let it go. It is a notice, not a
//     reservation: nothing is taken from the stock until the order.
//   - A person waits for at most MaxOpen items at once; a line holds at most
//     MaxLine.
//
// Tables: wait_entry.
package waitlist
