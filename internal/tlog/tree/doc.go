// Package tree keeps the public log: a Merkle tree (RFC 6962) in a folder of
// tiles (C2SP tlog-tiles) that anybody may fetch, with a checkpoint signed by
// the centre. The rows it is made of are package tlog's; the folder can be
// thrown away and built again from them with the same root.
//
// # The follower
//
// One process follows: it holds a lock on the folder (the kernel lets go of it
// when the process dies) and the key that log_origin names. Again and again it
// places the leaves that wait, adds the day's totals, appends from the tree's
// own size on, and keeps the root. Places are written before anything is
// appended, and a batch is handed to Tessera in order and waited for, so
// after a kill -9 the tree's size says where to go on: nothing is appended
// twice, nothing left out. An index that comes back other than the place stops
// it with ErrOrder.
//
// At the start it holds the newest bundle of the tree against the rows
// (ErrForked), and a tree larger than the rows against a database that was
// restored from an older copy (ErrAhead; `lindu log adopt` takes the entries
// back in).
//
// # Keys
//
// The signing key is made at the first start (KeyFile). Who loses it can't
// continue the log: a new one begins with a new key, and everybody who holds an
// old checkpoint can still hold it against the new log's entries, because it
// is built from the same rows. Keep a copy of the key apart from the server.
// Witnesses (package verify) cosign checkpoints; Cosign takes only those whose
// keys are configured.
package tree
