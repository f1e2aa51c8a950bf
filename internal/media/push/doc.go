// Package push sends the picture of a show on to other RTMP servers: the rooms
// of other platforms, or a second instance of this one.
//
// # States of a link (a stream and a target)
//
//	          ┌── idle ◀──────────── the stream is away for a while, or not there
//	Set ──▶ ──┤    │ first key frame
//	          │    ▼
//	          │ connecting ──▶ sending ──▶ (ended: the link is taken off by Set)
//	          │    │  │           │
//	          │    │  └─refused   │ closed, too slow, no answer
//	          │    ▼       │      ▼
//	          └── waiting ◀┴──────┘   tries again by itself, later each time
//
// Refused is waiting with another word: the server was reached and said no, so
// somebody should look at the key. What can't get better by itself (an address
// in a private network, no program for the sound) is tried again only every
// five minutes.
//
// # Rules
//
//   - Nothing a target does holds anything up: connecting and every write have a
//     deadline, what it sends is read and thrown away, and a link that lags
//     behind loses pictures at its own bounded queue (package media), from where
//     it goes on at the next key frame.
//   - Addresses are checked when the connection is made, after the name was
//     resolved, for every address it resolved to: private, loopback, link-local
//     and other special networks are refused unless AllowPrivate. Checking the
//     text beforehand would not do; a name can answer differently a second later.
//   - What a target sends goes through package wire before it is parsed.
//   - A stream key is in no log, no error and no list of processes. What a target
//     says is shown without the key, shortened, and as text.
//   - H.264 and AAC go out as they came in. Opus (a phone's sound) is turned into
//     AAC by an ffmpeg child, which has only its standard input and output: the
//     connection stays ours. It ends with its link.
//   - Times begin at zero with a connection and go on when the publisher comes
//     back, changes its picture or its clock jumps.
package push
