// Package recording is what was kept of shows: which files, of which minute, for
// how long, and the clips cut out of them. The files are in a blob store; this
// is their list, and the list is what is believed: a file is noted after it was
// stored (flow.KeepChunk) and marked as deleted before it goes.
//
// # Kinds
//
//	live       what the public saw: from "start" to "end" of a show
//	rehearsal  before the start (kept only where the centre asks for it)
//	practice   a practice room
//
// # How long (flow.ExpireRecordings; Order 117 art. 16, law.md section 4)
//
//	class      what                             kept                        not less than
//	sold       live, with an order              Rules.Sold after the last    3 years
//	                                            order of it was finished
//	shown      live, without one                Rules.Shown after its end    3 years
//	practice   a practice room                  Rules.Practice
//	rehearsal  before the start                 Rules.Rehearsal
//
// The sale of goods by live video is to be kept three years from its end on also
// where nothing was sold (网络交易监督管理办法 art. 20). While an order of the show
// is unfinished or a case of it open, and while the show is locked, nothing of it
// is deleted. The row of a deleted file stays, with its SHA-256.
//
// # States of a clip
//
//	queued ──made──▶ ready ──▶ deleted
//	   └──no picture there──▶ failed ──▶ deleted
//
// # Rules
//
//   - Chunks, locks and clips are read by everybody who may see the show; that is
//     for the caller to check.
//   - Locking needs Service or Operator and a reason; taking a lock away needs
//     Admin and a reason. Both are in the audit trail.
//   - A show has at most MaxClips clips that are not deleted; a clip is MaxClip
//     long at most.
//
// Tables: recording_chunk, recording_lock, recording_clip.
package recording
