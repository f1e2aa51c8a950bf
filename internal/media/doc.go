// Package media is the path of a show's picture: one hub between those who
// publish (rtmp, loop, rtc) and the sinks that carry the picture on
// (hls, rtc, the recorder, push to other platforms).
//
// # States of a stream
//
//	idle ──first key frame──▶ live ──no picture for 2 s, or publisher gone──▶ away
//	                           ▲                                               │
//	                           └───────────────next picture────────────────────┘
//	any ──Hub.End──▶ ended (forgotten after a while)
//
// A stream with video is live while pictures arrive: sound alone behind a
// frozen picture is away, because that is what the viewer sees. A stream
// without video is live while sound arrives. The watch runs on its own timer,
// so a half-open connection is noticed as fast as a closed one (2.25 s at most).
//
// # Rules
//
//   - Access units are normalised once, here: delimiters and parameter sets are
//     taken out of the unit, and the current SPS and PPS stand in front of every
//     IDR. A unit carries its own Format; no sink remembers one for it.
//   - Units are shared and never changed after they were delivered.
//   - A sink has a bounded queue (units and bytes). One that is too slow is
//     dropped with ErrSlow and may subscribe again; the publisher never waits.
//   - One publisher a stream. A second one is refused while the first delivers,
//     and takes its place as soon as it has been silent for AwayAfter; the same
//     Owner takes it at once, because a phone that changed its network is back
//     before the old connection is noticed to be dead.
//   - Sound is AAC or Opus, as the publisher sends it: nothing is re-encoded. A
//     sink that can carry only one of them looks at Format.Audio.Codec.
//   - A source that makes key frames only when asked (a browser) is asked every
//     KeyEvery, and once a second at most when a viewer needs one.
//   - Who may publish is asked of Auth, and whether a stream may be published
//     again after its end too: call End after the end was committed. Recheck
//     asks again for who publishes now; call it every few seconds where another
//     process may have changed the answer.
//
// # Wiring
//
//	hub := &media.Hub{Auth: shows, Clock: clk, Log: log}
//	hub.Watch(func(id string, s media.State) { … })        // e.g. tell the room
//	origin := &hls.Origin{Hub: hub, Clock: clk, Log: log}  // http.Handler for /live/
//	in := &rtmp.Server{Listen: ":1935", Hub: hub, Log: log}
//
//	err := origin.Start()    // before the first publisher, it taps the hub
//	err = hub.Start()
//	err = in.Start()
//	mux.Handle("/live/", origin)
//	…
//	in.Close(); hub.Close(); origin.Close()
package media
