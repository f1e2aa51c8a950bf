// Package wire stands between the network and the RTMP library and lets through
// what its parser can bear, in both directions: from publishers (rtmp) and from
// the servers we send to (push). Neither is trusted.
//
// The library (gortmplib 1.0.2) reads nested AMF0 values by recursion without a
// limit, and five bytes make a level (pkg/amf0/data.go, strict arrays): one
// message of 10 MiB, its own limit, overflows the goroutine's stack, which ends
// the whole process and can't be recovered from.
//
// # Rules
//
//   - A message of AMF0 (commands and data; RTMP 1.0, 7.1.1 and 7.1.2) is at most
//     MaxCommand bytes long, so a parser of it is at most MaxCommand/5 levels deep.
//     Any other control message is shorter still.
//   - Pieces of a message are at least 64 bytes, so that a large one is not kept
//     as millions of slices; what is begun and not whole is at most MaxPending
//     bytes over all chunk streams.
//   - The guard counts along (RTMP 1.0, 5.3) and changes nothing. What it can't
//     follow it refuses: encrypted RTMP (version 6), chunk stream ids over 63,
//     abort messages. Nobody sends them; who wants encryption uses RTMPS.
package wire
