// Package rtmp takes pictures in from OBS, ffmpeg and phone apps and gives
// them to the hub. The address is rtmp://host:port/live with the stream key in
// the field of its own (or rtmp://host:port/live/KEY as one).
//
// # A connection
//
//	accept ─▶ handshake and key ─▶ publish ─▶ pictures … ─▶ close
//	  │limits     │10 s, 64 KiB       │hub      │10 s a message
//	  ▼           ▼                    ▼         ▼
//	closed      closed               refused with words
//
// # Rules
//
//   - Until a key is accepted a connection may take ten seconds and 64 KiB in
//     all, so neither garbage nor a slow reader costs more than that.
//   - Afterwards every message must be whole within ten seconds; a dead phone is
//     off after that (viewers see the slate after two, from the hub).
//   - Who is refused reads why, in both languages: wrong key, second publisher,
//     another codec and what to choose instead. The words go out as the
//     description of an onStatus error, which OBS and ffmpeg write to their log.
//   - H.264 and AAC only, old and enhanced RTMP (FourCC) alike. Further tracks
//     of a multitrack publisher are ignored.
//   - Messages are read directly, not through gortmplib's Reader: that one first
//     collects two seconds of media, which would be two seconds more black
//     picture after every reconnect.
//   - What reaches the library's parser went through package wire, because the
//     parser can be made to end the process.
//   - Every connection is a goroutine of the server; Close tells the publishers
//     why, and waits.
package rtmp
