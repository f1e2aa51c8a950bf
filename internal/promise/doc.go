// Package promise is the centre's chart of accounts and its public promises.
// It turns what happens to an order into transactions of package ledger, and
// is the only package that may post.
//
// # The promises
//
//	P1  No commission from local producers. A booking that touches an account
//	    of a local producer touches only that one producer's accounts, what
//	    buyers owe, what buyers are owed back, and the margin of goods bought at
//	    an agreed price; or the producer's payouts and a bank account or payment
//	    channel, with nothing withheld. The payment provider's fee, freight and
//	    packing are the centre's costs. Fault promise.no_commission.
//	P2  All gift income goes to charity: a gift raises the charity fund by just
//	    as much, and the fund pays only to recipients of a signed donation
//	    agreement. Faults promise.gifts_to_charity, promise.no_agreement.
//	P3  All selling profit goes into growing local e-commerce: what the centre
//	    earned leaves only as a refund to a buyer, as a known cost, or to the
//	    growth fund, and what leaves the fund names whom it was paid to. Fault
//	    promise.profit_to_growth.
//	P4  A host who holds public office earns nothing anywhere. Fault
//	    promise.official_host.
//	P5  Outside sellers pay the commission they agreed to and nothing else.
//	    Fault promise.agreed_commission.
//
// # Versions and scripts
//
// A promise is data (promise_version): words in both languages, a scope, and a
// posting script in Numscript. A version is drafted by one and signed by
// another; an overseer may countersign. From the signature on it is public and
// never changes; it binds from the first midnight after its notice (at least
// seven days), and for a time anybody may comment on it. It may be withdrawn
// before it binds. So a change is always a new version, never backwards:
//
//	draft -> announced -> in force -> replaced
//	         announced -> withdrawn
//
// A sale is settled by the version in force when the order was placed, gifts,
// profit and pay by the one in force now. A script says where each class of
// money goes; how much there is of it was frozen in the order's shares (Sale).
// It is parsed once, has no loops, is bounded in length and depth, gets only
// amounts and accounts it may use, and must move all that is held for the
// event: a rest that is left is refused. Before it may be signed it is tried
// over a table of examples by the path that settles real sales (Try).
//
// # The guard
//
// Guard checks the finished lines of every transaction just before it is
// posted, against a list of all bookings there may be (shape.go). It is plain
// Go and knows nothing of the scripts and the code that builds the lines, so a
// mistake (or a cheat) there is refused and nothing is written, with the
// promise's number and the words in force. guardSale compares a sale with the
// shares that its order froze; guardFacts asks the records who holds office and
// which agreements are signed. A test alters every script in some thousand ways
// and sees each refused, by the guard alone too.
//
// # The public log
//
// What falls under a promise (Pledged) gets a leaf of package tlog in the
// transaction that books it: the promises and the sums by class of account for
// all to see, the rest committed to. An order that is not paid has none. What
// one gave, earned or was paid shows no amount at all.
//
// # Rounding
//
// Commission is rounded half up to the fen when the order is placed, and the
// remainder is the producer's (money.Fen.Share is the largest remainder of two
// parts). A part of a share that goes back is divided by the largest remainder
// (Share.Part). Nothing else is ever rounded.
//
// # The chart
//
// fen > 0 is a debit. <x> is local or outside, <id> an id, <name> a payment
// channel. chart.go has every account and its kind; no other can be booked.
//
//	buyers/receivable          asset      ordered, not yet paid
//	channel/<name>/clearing    asset      came in through a payment channel
//	bank/main                  asset      the centre's bank account
//	carrier/<code>/owed        asset      carriers owe for claims
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
//	service/earned             income     the centre's own services
//	refund/buyers/due          liability  buyers are to get back; never below zero
//	quarantine/held            liability  came by a callback that fits nothing; never below zero
//	host/<id>/owed, …/paid     liability  a host's pay, and what was paid of it
//	agency/<id>/owed, …/paid   liability  an agency's part of it, by the host's consent
//	tax/withheld               liability  of payouts, for the tax office; never below zero
//	gift/received, gift/passed            gifts, and that they were passed on
//	charity/fund, growth/fund  liability  what the funds hold; never below zero
//	charity/paid/<agreement>, growth/paid/<to>  what they paid to whom,
//	charity/given, growth/given                 and the other side of that
//	profit/passed              equity     profit that went to the growth fund
//	costs/provider-fee, …/claims, …/host-share  expense  booked by their own records
//	costs/promotion            expense    coupons: what they took off for buyers
//	costs/freight, …/packing, …/wages, …/classes, …/materials, …/other  expense, entered
//
// Limits of the ledger hold the accounts that are never below zero (migrations
// 0001 and 0010).
//
// # What is booked
//
// One transaction a producer, so that P1 can be seen on each by itself, and
// one for the freight. <p> is a producer's id or "freight".
//
//	placed/<group>/<p>       receivable -> pending (owed, commission, margin), of all
//	                         orders placed in one transaction
//	order/<id>/paid          channel -> receivable
//	order/<id>/paid/<p>      pending -> owed, earned
//	order/<id>/closed/<p>    placed taken back
//	order/<id>/refunded/<p>  owed, earned -> refund/buyers/due
//	payment/<id>/late        channel -> refund/buyers/due (the order was closed already)
//	refund/<id>/booked/<p>   part of a paid order -> refund/buyers/due; <p> also "centre", "carrier"
//	order/<id>/paid/coupon   costs/promotion -> receivable: the centre pays what a coupon took off
//	order/<id>/refunded/coupon, refund/<id>/booked/coupon  refund/buyers/due -> costs/promotion
//	refund/<id>/done         refund/buyers/due -> channel
//	callback/<id>/held, …/returned  channel -> quarantine/held, and back
//	provider-fee/<ref>, channel-payout/<ref>, carrier/<ref>
//	payout/<ref>, payout-reversed/<ref>, tax/<ref>, host/<ref>, cost/<ref>, service/<ref>
//	host-back/<ref>, cost-back/<ref>, service-back/<ref>, bank-back/<ref>
//	gift/<id>/paid, gift/<id>/refunded, growth/<ref>, fund/<fund>/<id>
//
// Orders placed before groups were booked together have order/<id>/placed/<p>.
//
// Every event may be told again: its refs stand already and nothing is booked.
//
// Tables: promise_version, promise_comment, official_host, agency_consent,
// donation_agreement.
package promise
