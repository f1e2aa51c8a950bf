// Package rtc takes a show's picture from browsers and hands it to browsers by
// WebRTC: WHIP in (RFC 9725), WHEP out (draft-ietf-wish-whep). It speaks SDP
// with its callers; the HTTP around it is web's.
//
// # A session
//
//	offer ──Publish, Play──▶ answered ──ICE and DTLS within 15 s──▶ connected ──▶ closed
//	                             └───────────too late──────────────────────────────┘
//
// It is closed by its peer, by End, by the stream's end, when it hears nothing
// for 25 s, or with the server. A publisher that closes leaves the stream away;
// the same owner may be back at once.
//
// # Rules
//
//   - One UDP port and one TCP port for everybody. ICE is lite: the server never
//     searches, it is found. Behind NAT the Public addresses are told instead of
//     the machine's own, so no TURN server is needed for a centre that can
//     forward two ports.
//   - Only H.264 and Opus are agreed on: everything behind the hub can carry them.
//   - Browsers make no key frames by themselves: the hub asks (Source.KeyFrame),
//     every 2 s and, at most once a second, when a viewer lost something.
//   - Viewers get pictures as they were sent, never coded again. A stream with
//     pictures out of order (B-frames) can't be sent this way: media.b_frames,
//     and the page falls back. AAC can't either: the picture comes without sound,
//     and Play says so.
//   - A slow viewer is dropped by the hub's queue and begins again at the newest
//     key frame; who can't keep up three times is sent away.
//   - Limits: MaxSessions in all, MaxPerIP an address, MaxViewers viewers (staff
//     apart), an offer of 64 KiB. Over them: media.full, media.rtc_full.
//
// Errors are faults: media.rtc_offer (Invalid) for what is no offer or has no
// codec in common, media.rtc_full (Unavailable), media.no_stream (NotFound),
// media.b_frames (Conflict), and what the hub says.
package rtc
