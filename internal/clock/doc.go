// Package clock brings the time in from outside.
//
// Rules: product code never calls time.Now for a fact that is stored; it asks
// a Clock, or the transaction, which has one "now". Stored times are
// microseconds since 1970 UTC in BIGINT columns named …_us; days are integers
// like 20260131 in Asia/Shanghai.
package clock
