// Package client speaks to a Lindu centre over its JSON API (/api/v1, see
// /api/openapi.json there). The centre's own end-to-end tests, benchmarks and
// the demo's buyers use it.
//
// Amounts are integers in fen. A refusal is an *Error with the status, a
// stable code ("order.sold_out") and words for people. PlaceOrder may be
// repeated with the same key until it is answered: the centre orders once.
package client
