// Package proof is the public log on the web: its files at fixed addresses (C2SP
// tlog-tiles), a page that says what it is, the receipts of those whom an entry
// belongs to, and the button by which a browser checks for itself.
//
//	GET  /log                       the page
//	GET  /log/checkpoint            the newest checkpoint with its cosignatures; never cached
//	GET  /log/checkpoint.witnessed  the newest one that a witness cosigned
//	GET  /log/tile/…                tiles and entries; kept for ever by whoever fetched them
//	GET  /log/key                   the verifier key
//	POST /log/cosignature           a configured witness hands in a cosigned checkpoint
//	GET  /orders/{id}/receipt       the buyer's (and staff's); .json beside
//	GET  /gifts/{id}/receipt        the giver's
//	GET  /proof/{leaf}/{secret}     for a code on paper: who has the address may see it
//
// Button, Check and Items are components for other audiences' pages; their
// script is proof/check.js and their style proof/proof.css.
package proof
