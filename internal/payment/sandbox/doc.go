// Package sandbox is a small payment provider of ours, for the demo and for
// tests, and our side of it. No money moves; everything else is real: it is a
// server of its own, requests to it and its answers are signed, its callbacks
// are signed and repeated until they are taken, and a buyer pays on its page.
// It is built after WeChat Pay's API v3, so that what holds here holds there.
//
// # Signatures
//
// Ed25519 (RFC 8032), base64. A request to the provider carries
//
//	Authorization: SANDBOX-ED25519 merchant="…",serial="…",timestamp="…",nonce="…",signature="…"
//
// over METHOD\nPATH\ntimestamp\nnonce\nbody\n, PATH as the API sees it
// ("/v1/pay"), without a proxy's prefix. Answers and callbacks carry
// Sandbox-Serial, Sandbox-Timestamp, Sandbox-Nonce and Sandbox-Signature over
// timestamp\nnonce\nbody\n. Serial names the key. Timestamps are Unix seconds
// and count for five minutes.
//
// A copy sent again inside the five minutes verifies: telling events apart is
// the receiver's work (package payment keeps each event id once).
//
// # API
//
//	POST /v1/pay                    open a payment; the same again gives the same
//	GET  /v1/payments/{id}          how it stands
//	POST /v1/payments/{id}/close    make it impossible; 409 ALREADY_PAID
//	POST /v1/refunds                pay back; the same refund id pays once
//	GET  /v1/bills/{day}            what was paid and paid back on a day that is over; 404 NO_BILL
//	GET  /pay/{token}               the buyer's page
//	POST /pay/{token}               do=pay, lost (no callback), twice, cancel
//
// All addresses on pages are relative, so a proxy may show the server under
// any prefix.
//
// States of a payment there: open -> paid, open -> closed; an open one past
// its expiry can't be paid any more. Cancelling on the page leaves it open:
// the buyer may come back.
//
// # Keeping
//
// With a file, every change is a line of JSON appended to it before the answer
// goes out, and the server goes on after a restart where it was, callbacks not
// yet taken included. Limits: 20,000 payments (the oldest settled ones are
// forgotten), 5,000 callbacks waiting, 64 KB a request.
package sandbox
