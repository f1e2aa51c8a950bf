// Package watch looks after running shows so that one operator can run several:
// it says what somebody should look at now, once, and until it is over.
//
// # Alerts
//
//	kind     topic         raised                                             over
//	traffic  ""            online fell by Rules.Drop percent of the highest   back at half the fall, or after
//	                       of the last minute, which was Rules.Floor or more  trafficOld: that is the room now
//	stock    the item      explained or on sale, Rules.LowUnits or fewer      half as much again, or off sale
//	stream   away          nothing is published while the show runs           the picture is back
//	         fps, bitrate  below Rules.MinFPS, Rules.MinKBit                  a quarter above it
//	         drops         more than maxDrops units refused in a look         a look without
//	         a warning     the hub's own: no key frames, no sound, …          the hub takes it back
//	words    the hit       host or staff wanted to say a listed word          after wordsFor
//	queue    ""            messages wait for a moderator longer than          none does
//	                       queueAfter
//	late     ""            announced, and lateAfter after its time not live   live, or cancelled
//
// # No flapping
//
// Every alert has two thresholds, one to begin and one to end, and must hold
// for a while before it does either (type gauge). Between the thresholds
// nothing changes. A clock that is set back starts the samples anew.
//
// An occurrence has an id of its own (kind, topic and when it began), so
// acknowledging it silences this one and not the next; putting off silences the
// topic for a while, whatever happens. Both are kept by person (Quiet).
//
// All of it is computed here and nowhere else, from the records, the sockets
// and the hub of this process. It may be lost: it is computed again.
//
// Tables: desk_quiet.
package watch
