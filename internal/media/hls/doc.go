// Package hls is our own LL-HLS origin: it cuts a stream's picture into parts
// and segments of fragmented MP4 in memory and serves them over HTTP, to
// players and to any HTTP cache in between (RFC 8216bis).
//
// # Addresses, under /live/{stream}/
//
//	index.m3u8      the way in for hls.js: codecs, resolution, bandwidth
//	low.m3u8        low-latency playlist (blocking reload, parts, delta updates)
//	plain.m3u8      the same segments without low-latency tags: for native
//	                players (old iPhones, web views); 8 to 12 s behind, and there
//	                once three segments are
//	PREFIX-N.m4s    segment N; PREFIX-N.P.m4s its part P; PREFIX-iN.mp4 an init section
//
// # Rules
//
//   - Picture and sound are in one file: one request a part, and hls.js light,
//     which has no audio renditions, plays the sound.
//   - PART-TARGET and TARGETDURATION never change (native players stop when they
//     do). Parts are cut before they pass the target; a single picture that is
//     longer than it is declared as the target, while EXTINF stays true.
//   - A segment is cut at the first key frame after a second. Without one it is
//     cut at 4.4 s all the same, so EXT-X-INDEPENDENT-SEGMENTS is not claimed.
//   - A new publisher, new parameter sets, or a hole of more than 2 s is a
//     DISCONTINUITY with a new EXT-X-MAP. Media sequence and media time go on;
//     both begin at the present time, so even a restart of the server looks like
//     a jump ahead and not like an error.
//   - PROGRAM-DATE-TIME is the arrival of a run's first picture plus media time,
//     never the moment of writing, and never goes back.
//   - Missing sound is filled with silence (AAC-LC, Opus), or a player would wait for it.
//   - A playlist is rendered and compressed once a part, for everybody.
//   - Who waits is let go with the request, at the publisher's next part, or after
//     8 s: 503, or while the publisher is away the unchanged playlist, because
//     hls.js gives up on errors and a viewer should wait through the slate.
//   - Names carry a random prefix of the process: a cache never mixes two shows.
//
// # hls.js 1.7 (light build), for the room page
//
//	new Hls({
//	  lowLatencyMode: true,
//	  liveSyncDuration: 0.8,          // seconds behind the newest part
//	  liveMaxLatencyDuration: 5,      // beyond it, jump
//	  maxLiveSyncPlaybackRate: 1.3,   // or a stall is never caught up
//	  backBufferLength: 20,
//	})
//
// Choose hls.js first (Hls.isSupported()), also where canPlayType says "maybe":
// Chromium's own player ignores low latency. Fall back to plain.m3u8 on the
// <video>. When the stream is live again after it was away, set
// hls.targetLatency = 0.8: hls.js took the pause for a bad network and would
// stay a second further behind for each. On a fatal error load index.m3u8 again,
// with back-off (1, 2, 4 … 15 s); 404 means that nobody has published yet, 503
// that the first part is not cut.
//
// An edge (nginx, CDN) needs only the request URI with its query as key, a cache
// lock, and the Cache-Control headers sent here.
package hls
