// Package realtime carries what lives for seconds to the people in a room:
// chat, the card on screen, price, stock, counts. It knows no business, and it
// promises little: whatever matters is in SQL first, and a page that lost the
// thread reloads the truth.
//
// # One frame a tick
//
// Publish puts an event into its room's tick. Every Tick (200 ms) what a room
// has collected leaves as ONE publication, so a busy chat costs a viewer five
// frames a second and not five hundred:
//
//	{"e":[{"k":"chat","d":{…}},{"k":"item","d":{…}}]}
//
// A tick holds at most maxEvents and maxBytes. When it is full the oldest
// likes go, then counts, then chat lines; a price, a pin or a state is never
// dropped alone. If not even those fit, or the broker refused a tick, the room
// gets {"k":"lost"}, which tells every page to reload the truth.
//
// # Lost and found
//
// A room keeps its last historySize publications for historyTTL. A client that
// comes back names epoch and offset and gets what it missed, or is told
// recovered:false (too long away, or the node was restarted: new epoch) and
// reloads the truth.
//
// # Limits
//
//	sockets of the process     Options.MaxConns, then 503 and Retry-After
//	sockets of a visitor       Options.MaxPerVisitor, then 429
//	message from a client      maxMessage bytes; clients only subscribe and answer pings
//	commands of a client       a few a second, then it is told to come back later
//	rooms of a socket          maxRooms
//	bytes waiting for a client maxQueue, and one write at most writeTimeout; then
//	                           it is dropped as slow and comes back with its position
//
// A page of another site can't open a socket: the Origin must be our host or
// in Options.Origins. Programs send no Origin and may. Visitors who are not
// signed in may listen; the edge names each by WithVisitor.
//
// In memory everything ends with the process. With Options.Redis all nodes
// share rooms, history and presence.
//
// The protocol is centrifuge's (JSON or protobuf); its client libraries work.
package realtime
