// Package loop publishes a clip for ever, as an encoder would: through the real
// RTMP port, in real time, with times that go on over the seam. The demo's show
// and tests get their picture from it.
//
// # Rules
//
//   - The clip is an MP4 or a fragmented MP4 with H.264, and AAC or no sound;
//     it begins with a key frame. Anything else is refused by New.
//   - One turn is as long as the picture; sound that is longer is cut there.
//   - When the server sends it away or the connection breaks it comes again,
//     after 0.5 s, then twice as long each time, up to 10 s.
//   - After a pause of the machine it goes on in real time and does not send
//     what it missed in a burst.
package loop
