// Package id makes identifiers and gives each kind its own type.
//
// An id is a UUIDv7 as 32 lower-case hex digits: it sorts by the time it was
// made, fits a payment provider's 32-character order number, and the same text
// stands in SQL, URLs and logs. Ids are made in Go, never by the database.
//
// An order number for people has 20 digits: day (8), random (11), check (1,
// Luhn, ISO/IEC 7812-1), so that a misheard digit is noticed.
package id
