// Package sheet makes the after-show sheet: what a show was, in figures that
// are all counted from records, so that anybody can count them again.
//
//	length        from the start to the end of the show
//	peak          the most visitors with the room open at once, looked at every ten
//	              seconds (show_minute)
//	entered       different visitors seen in the room while it was live (show_visit)
//	watched       how long a visitor was there on average: the time between two looks
//	              counts if it is at most show.WatchGap (show_visit.watched_us)
//	comments      messages that can be seen, and how many people wrote them
//	new followers who began to follow the host during the show and still does
//	clicks        how often a product's sheet was opened, and by how many (show_click)
//	orders        placed in the show; paid: the money came, also if it went back
//	paid GMV      goods of paid orders, freight apart
//	after refunds paid GMV less what was given back of its goods until now
//	GPM           paid GMV of a thousand who entered
//	top five      items by paid GMV
//	gift income   gifts paid in the room; all of it is the charity fund's
//	farmers       local producers in paid orders
//	local share   their part of paid GMV
//
// Make counts them at any time, also while the show runs. Keep makes the sheet
// of every show that ended, within a minute, and it stays as it was made
// (show_sheet): the page shows where a figure has moved since. Picture draws
// the evening: visitors, orders and pins over time.
//
// It writes through package show only.
package sheet
