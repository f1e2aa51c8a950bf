// Package promise is the centre's chart of accounts and its public promises.
// It turns what happens to an order into transactions of package ledger, and
// is the only package that may post.
//
// # The promises
//
//	P1  No commission from local producers. A transaction that touches an
//	    account of a local producer may touch only that one producer's
//	    accounts, what buyers owe, what buyers are owed back, and the margin of
//	    goods bought at an agreed price (which never gains what the producer
//	    loses); or that producer's accounts and a
//	    payment channel: no commission, no fee, no other producer, no slice on
//	    the way. Fault promise.no_commission.
//	P2  All gift income goes to charity: a gift's transaction raises the
//	    charity fund by just as much, and what leaves the fund names whom it
//	    was paid to. Fault promise.gifts_to_charity.
//	P3  All selling profit goes into growing local e-commerce: what leaves
//	    commission/earned and trade/margin goes to the growth fund, to costs,
//	    or back to a buyer together with the producer's part; what leaves the
//	    fund names whom it was paid to. Fault promise.profit_to_growth.
//
// Guard checks them on the finished lines of every transaction just before it
// is posted. It is plain Go and knows nothing of the code that builds the
// lines, so a mistake (or a cheat) there is refused and nothing is written.
//
// # The chart
//
// fen > 0 is a debit. <x> is local or outside, <id> a producer's id, <name> a
// payment channel.
//
//	buyers/receivable          asset      ordered, not yet paid
//	channel/<name>/clearing    asset      came in through a payment channel
//	producer/<x>/<id>/pending  liability  to be owed once the buyer pays
//	producer/<x>/<id>/owed     liability  earned: only ever grows by sales and falls by refunds
//	producer/<x>/<id>/paid     liability  paid out of it (a debit balance)
//	commission/pending         liability  of outside sellers, once the buyer pays
//	commission/earned          income     of outside sellers
//	trade/pending/<x>          liability  margin of goods bought at an agreed price, once paid
//	trade/margin/<x>           income     the same, earned
//	trade/loss/<x>             expense    the same, when sold below the agreed price
//	freight/pending            liability  once the buyer pays
//	freight/earned             income
//	refund/buyers/due          liability  buyers are to get back; never below zero
//	gift/received, gift/passed            reserved: gifts, and that they were passed on
//	charity/fund, growth/fund  liability  reserved: what the funds hold
//	charity/paid/<to>, growth/paid/<to>   reserved: what they paid to whom,
//	charity/given, growth/given           reserved: and the other side of that
//	costs/…                    expense    reserved: the centre's own costs
//
// refund/buyers/due, charity/fund and growth/fund may never be overdrawn: the
// ledger's limits hold that (set in the migration that makes the accounts).
//
// # What is booked
//
// One transaction a producer, so that P1 can be seen on each by itself, and
// one for the freight. <p> is a producer's id or "freight".
//
//	order/<id>/placed/<p>    receivable -> pending (owed, commission, margin)
//	order/<id>/paid          channel -> receivable
//	order/<id>/paid/<p>      pending -> owed, earned
//	order/<id>/closed/<p>    placed taken back
//	order/<id>/refunded/<p>  owed, earned -> refund/buyers/due
//	payment/<id>/late        channel -> refund/buyers/due (the order was closed already)
//	refund/<id>/done         refund/buyers/due -> channel
//
// Every event may be told again: its refs stand already and nothing is booked.
package promise
