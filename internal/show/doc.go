// Package show is a live show from its notice to its end: who sells what, when,
// in which order, and what is on the card right now. It knows nothing of stock,
// pictures or sockets.
//
// # States
//
//	from       to         who                     what happens
//	draft      announced  operator                buyers see the notice; numbers are fixed
//	draft      cancelled  operator                it never was public
//	announced  live       operator, its own host  the room opens
//	announced  cancelled  operator                the notice says so; the page stays
//	live       ended      operator, its own host  unpinned, every item off sale, the key is dead
//
// Going live needs a signature under the checks, unless it is practice: flow asks
// for it (package compliance). Cut ends a show by force, or keeps an announced one
// from beginning: it is ended or cancelled with a reason that its viewers read.
//
// Everything else is refused with show.move. A live show can't be cancelled:
// people have ordered in it. Ended and cancelled shows never change again.
//
// # Rules
//
//   - An item's number never changes once the show is announced: hosts say
//     "number three" aloud. An item taken off keeps its number; a new one gets
//     the next. The operator renumbers a draft freely. At most MaxItems.
//   - An item's state is what the operator set; "sold out" is computed from
//     stock by whoever shows it. Sold never passes Released (a CHECK).
//   - One thing is "explaining now" at a time, only while live; every change of
//     it is kept as a Pin, which are the chapters of a replay.
//   - One living stream key a show (a unique index). Looked up by its SHA-256,
//     shown again from a sealed column, revoked by making another. A key works
//     for a show that is a draft (rehearsal), announced or live.
//   - A reminder is sent once; moving an announced show's start makes it due
//     again.
//   - A visitor counts once a show. Followers belong to the host and live in
//     account.
//
// # Flash sales
//
// A lower price for so many units of an item, for minutes. Its state follows
// from its times: scheduled, countdown, running, ended; no sweep moves it. It
// ends by its time, by its last unit (for good: what comes back later is sold
// at the normal price), when it is cancelled, or with its show. One an item at
// a time. Orders placed in it keep its price.
//
// Tables: show_flash, show_release, live_show, show_item, show_pin, stream_key, show_reminder, show_visit.
package show
