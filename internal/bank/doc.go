// Package bank keeps what finance saw move on the centre's bank account that no
// other record tells of: a payment channel paid its balance out, a carrier paid
// what it owed for claims, withheld tax went to the tax office.
//
// A move is named by its sort and the bank's reference: told again it is the
// same move, told with another amount it is refused. The day is the bank's; it
// is booked on the day it is entered. A move never changes. One that was entered
// wrongly is taken back whole, once; then its reference may be entered anew.
//
// Tables: money_moved, money_moved_back (both append-only).
package bank
