// Package api is the centre for programs: JSON under /api/v1, described by
// OpenAPI 3.1 at /api/openapi.json, with the same flows as the pages.
//
// Signing in gives a bearer token. Amounts are integers in fen, times RFC 3339,
// ids 32 hex digits. Errors are problem details (RFC 9457) with our message
// key in "code" and the words in the caller's language. POST /api/v1/orders
// wants an Idempotency-Key: the same key with the same body gives the first
// answer, with another body 409.
//
// The description in openapi.json is made from this code (make generate) and a
// test fails when it is stale.
package api
