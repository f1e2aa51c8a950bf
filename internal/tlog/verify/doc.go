// Package verify checks a public log as an outsider: by its address or by a
// copy of its files, without the centre's database and without its word. It is
// what `lindu verify` runs, and `lindu log witness` before it cosigns.
//
// It fetches the checkpoint and every entry and tile; holds the signature
// against the key; computes the root anew from the entries; holds it against
// the checkpoint, against the tiles, and against every older checkpoint it
// knows (one it saw before, the witnesses', a receipt's); reads every entry and
// holds its public part against its form, the promises and the totals; and
// checks a receipt. What is wrong is a Finding with words for people; an error
// means that the log could not be read.
//
// What it can't see: whether what was never written down happened. See
// docs/verify.md.
package verify
