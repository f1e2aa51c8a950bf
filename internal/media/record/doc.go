// Package record keeps what streams show: a sink of the hub that appends groups
// of pictures to files, and hands finished files on to be kept for good.
//
// # A chunk
//
// A recording is a row of chunks of about a minute (ChunkFor, ChunkBytes). Each
// is a fragmented MP4 that plays by itself: the header of its run, then for
// each group of pictures a prft box (ISO/IEC 14496-12, 8.16.5: the world's time
// of the group) and its moof and mdat. A chunk can be read, dated and cut with
// nothing but itself.
//
//	spool/STREAM-CHUNK-RUN-KIND.open   is being written
//	spool/STREAM-CHUNK-RUN-KIND.mp4    is whole and waits to be kept
//
// STREAM is the stream's id, CHUNK and RUN ids of package id (a run is the chunks
// that share a header and follow each other without a hole), KIND what Want said.
//
// # Rules
//
//   - A group is written with one write when its next key frame comes. kill -9
//     loses the group under way (10 s at most, where a publisher sends no key
//     frames); a power cut what was written since the last fsync, SyncEvery.
//   - At start every .open file is scanned box by box, cut after its last whole
//     group, and becomes a .mp4; one without a group goes away.
//   - A new publisher, format or hole begins a new run, in a new file.
//   - A disk without MinFree bytes, or a write that fails, stops the recording
//     of the streams there, loudly; what is half written is cut off. It is tried
//     again every RetryAfter, and goes on at the next group when there is room.
//     The show never waits: the recorder is a sink like any other.
//   - A .mp4 leaves the spool only after Keep took it: that stores the file first
//     and notes it in the records after. Keep that fails is tried again, with
//     pauses up to a minute, also after a restart. So whatever keeps the files
//     may be away for as long as the spool's disk lasts.
//   - Who is recorded is asked of Want, again every second: a rehearsal that
//     becomes a show goes on in a new file of another kind.
package record
