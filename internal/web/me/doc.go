// Package me is a person's own corner: sign-in, profile, sessions, addresses,
// orders and paying.
//
// A person sees their own things only: an order, session or address of
// somebody else answers "not found", so that nobody can probe for ids. Phone
// and address are masked unless the person asks for the whole.
//
// The sign-in answers JSON too, so that a room's half-sheet can sign in while
// the video plays on:
//
//	POST /signin/code  phone            -> {code_id, sent_to, resend_in, expires_in, on_screen?}
//	POST /signin       code_id, code    -> {name}  (and the session cookie)
//
// A page that waits for a payment never says "paid" before the order is: it
// asks GET /orders/{id}/state and shows what the records say.
package me
