// Package entry is the form of an entry in the public log: one line of JSON
// that anyone may read, with a commitment to what only some may.
//
//	{"v":1,"kind":"order.paid","day":"2026-11-23",
//	 "public":{"fen":{"commission":-1200,…}},"commitment":"<64 hex digits>"}
//
// kind says what happened, day when (Asia/Shanghai; no time, so that nobody is
// found by the minute). public is what everybody may know: never a person, an
// order number, or the amount of a gift. commitment, left out where nothing is
// hidden, is
//
//	SHA-256("lindu log v1\n" || salt || opening)
//
// with a salt of 32 random bytes and the opening's text as it was: who holds
// salt and opening can show what the entry says, and nobody can guess it. The
// bytes of an entry and of an opening are never written anew: who reads them
// hashes them as they are.
//
// It knows no database and nothing of trees; the server writes entries by it
// and `lindu verify` reads them by it.
package entry
