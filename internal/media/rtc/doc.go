// Package rtc takes pictures in from browsers, phones and OBS by WHIP (RFC 9725)
// and gives them to those who must see them at once by WHEP (draft-ietf-wish-whep):
// WebRTC with one HTTP request, H.264 and Opus, nothing re-encoded.
//
// # A session
//
//	offer ─▶ checked ─▶ answered ─▶ connected ─▶ picture … ─▶ ended
//	  │limits   │words      │15 s        │15 s         │why is kept in the log;
//	  ▼         ▼           ▼            ▼             │who asks again is told
//	refused   refused     ended        ended
//
// # Rules
//
//   - One UDP and one TCP port for everybody. The server is ICE-lite (RFC 8445,
//     2.5): it answers checks and makes none, so it needs no STUN or TURN. TCP is
//     for networks that let no UDP through.
//   - The answer names the machine's own addresses, and Public, if set, before
//     them: behind NAT nobody reaches the others from outside.
//   - A publisher takes the stream when it is connected, not when it asks: who
//     can't get through pushes nobody out. The same Owner takes its own place at
//     once. A device that was replaced by another one of the same person is not
//     let in again by its own retries (Offer.By), or the two would take turns.
//   - Browsers make key frames only when asked: the hub asks every two seconds,
//     and once a second at most for viewers. After lost packets nothing is
//     delivered until the next key frame; a still picture is better than grey smear.
//   - Picture and sound share one time line, corrected once both have told their
//     sender's clock (RTCP sender reports).
//   - Viewers get what the publisher sends. AAC (RTMP) can't be heard here: they
//     see a silent picture. B-frames can't be shown here at all: they are refused
//     with words, and those who watch are let go.
//   - A viewer who joins is sent the pictures since the last key frame with their
//     times pushed together, so that the picture is there at once and in time.
//   - A viewer whose network can't carry the picture (a third of it lost for five
//     seconds, a TCP connection that stands still for three, falling behind four
//     times a minute) is let go; pages then watch by HLS, which adapts by waiting.
//   - A new publisher, a rotation, a change between RTMP and WHIP do not end a
//     viewer's session: its times go on, and every key frame carries its own header.
//
// # Limits
//
// Sessions of publishers, of viewers in all and of a show, of staff, of an
// address; 64 KiB and 16 media sections an offer; 15 s to connect, 15 s to the
// first picture, 10 s of silence; TCP connections in all and of an address.
package rtc
