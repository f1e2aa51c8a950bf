// Package breakeven answers whether the centre lives of what it is allowed to
// earn: commission of outside sellers, its own margin, freight that buyers
// paid, services. Against it stand what hosts are paid, freight, packing,
// claims, children's gifts that the centre gave back because the charity fund
// had spent them, the payment providers' fees, wages and free classes.
//
// That is every account of income and costs that the ledger has of the centre's
// own trade (a test compares them one by one). What passes through is no part of
// it: gifts and what the funds pay, the profit that went into the growth fund,
// what carriers owe, tax withheld.
//
// # Shared costs
//
// A cost entered for a show is the show's. A cost of the month without a show
// is parted among the month's shows: freight, packing, materials and other by
// paid orders, the provider's fee by what buyers paid, wages by shows. Free
// classes belong to no show: they are what the centre gives the county, and
// stand in the month only. Every part is to the fen (money.Fen.Split).
//
// # The simulator
//
// Simulate is plain reckoning with a Plan, in fen. It takes no rate from local
// goods: the page asks package promise whether such a sale could be booked and
// shows the answer.
//
// # What was entered wrongly
//
// It is never changed: a line below zero stands beside it, once, on the day it
// is taken back, and is parted as the line itself would be.
//
// Tables: centre_cost (append-only), what finance enters; centre_cost_back
// (append-only), what it takes back.
package breakeven
