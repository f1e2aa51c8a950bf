// Package compliance keeps what the law wants to be able to read about a show
// years later: who signed before it began and for what, and what was corrected
// while it ran. (Measures for live e-commerce, SAMR and CAC order 117 of 2026,
// articles 26 to 31.) It knows no business: flow makes the list of points out
// of the show, its goods and the centre's papers, and asks for a signature
// before a show goes live.
//
// # Rules
//
//   - A signature is for a digest of everything that was looked at. When a word,
//     an item or the host changes, the digest changes and the signature is stale:
//     before the show it can't begin, while it runs the desk is told.
//   - Whoever hosts does not sign, except in a centre of one person.
//   - Points are seen by the machine (words, papers, licences) or ticked by the
//     signer (the person before the camera, clothes and props, no staged
//     hardship). A signature needs all of them.
//   - A point that comes open after the signature (a licence ran out) keeps the
//     show from beginning, but does not make the signature stale.
//   - What the machine looked at (names, numbers, days) is kept as it stood.
//   - A correction is one line of what was wrong and one of what is right; it is
//     shown at once, stays with the replay, and is never changed.
//
// Rows are append-only.
//
// Tables: show_signoff, show_correction.
package compliance
