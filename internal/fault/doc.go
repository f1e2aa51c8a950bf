// Package fault holds the errors that people see.
//
// An error here has a kind for machines (which becomes an HTTP status exactly
// once, at the edge) and a message key with arguments for people, translated
// at the edge into the reader's language. Every other error is "internal":
// its text goes to the log and never to a screen.
//
// Rules: a fault never carries personal data in its arguments; wrapping one
// with %w keeps its kind.
package fault
