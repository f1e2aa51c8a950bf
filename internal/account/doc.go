// Package account keeps the people: who can sign in, what they may do at the
// centre, where their parcels go and whom they follow.
//
// # Signing in
//
// A person signs in with a mainland mobile number and a code of six digits.
//
//	AskCode ──text to the phone──▶ SignIn ──▶ session (cookie or bearer token)
//
// A code lasts ten minutes, works once, and is over after five wrong tries.
// It belongs to the form that asked for it: its id travels in the form, so a
// code alone opens nothing. At most 1 code a minute, 5 an hour and 10 a day go
// to one phone, 60 an hour that nobody uses to one network address (an IPv6
// /64; a class signs in behind one), and 3,000 an hour leave the centre. The counts are queries over login_code, so a restart
// forgets none; a row of login_gate makes two simultaneous askers count one
// after the other on PostgreSQL.
//
// SignIn opens its own transaction, because a wrong try must stay counted
// although the caller gets an error.
//
// # States
//
//	user:    active ⇄ disabled        (admin; disabling ends all sessions)
//	code:    open ──right──▶ used     open ──10 min or 5 tries──▶ over
//	session: open ──Revoke, new roles, disabled──▶ revoked
//	         open ──unused for 30 days (web), 90 days (api), or a year old──▶ over
//
// # Rules
//
//   - A sign-in always makes a new token of 256 random bits; none is ever taken
//     from the request, so a session can't be fixed in advance. Only the
//     SHA-256 of a token is stored.
//   - Phone, and name, phone and street of an address, are sealed by vault; the
//     blind index of the phone finds a person. A deleted address loses its
//     sealed fields at once: orders hold their own copy.
//   - Nobody changes their own roles or state. Admin and finance are never one
//     person, and an overseer holds no other role of the centre.
//   - Every write leaves an audit row without personal data, but Touch, which
//     only notes that a session is alive.
//   - Limits: 30 sessions a person (the oldest ends), 20 addresses, 1,000 hosts
//     followed, 100 producers a person may see.
//
// # Tables
//
// user_account, user_role, user_producer, login_code, login_gate,
// user_session, user_address, user_follow.
package account
