// Package room composes what a screen of a show needs from several modules:
// the truth of a room, the cards of a list, the items of a tray. It reads only.
//
// The number of queries does not grow with items, lots or shows: each module is
// asked once, for all.
//
// # Stock and state of an item
//
//	stock    = min(released - sold, what the product's lots on sale can still fill
//	           for an order of this show at this price: see lot.Allocate)
//	a lot fills floor(available / base units a sell unit): no unit is put
//	together from two lots, as the order desk does not either
//	off      the operator took it off, or the product is off
//	coming   not on sale yet
//	sold_out on sale with no stock left
//	on_sale  else
//
// The order desk decides at the moment of the order; these figures are for
// eyes.
//
// # Loading the truth
//
// A page subscribes to the room first and loads the State after, so an event
// between the two is seen twice and never lost. A page reloads the State when
// the stream of events says recovered:false, or sends an event of kind "lost".
// Thousands do that at once when a proxy restarts: Cache answers them from one
// read. It forgets a show before an event about it leaves, so on one node
// nobody gets a State older than the event. On several nodes another node's
// State may be CacheFor old; a page that wants to be sure reloads it once more
// after that. A chat line of the last moment may be missing from a cached State.
package room
