// Package relay knows the servers of other platforms that a show's picture can
// be sent on to, and which show uses which. The sending itself is package
// media/push; package flow brings the two together.
//
// # States
//
// A target is there or removed. For a show it is on or off; whether a link to
// it stands is no fact for a table and is asked of the pusher.
//
// # Rules
//
//   - Targets are the centre's and stay for the next show. At most MaxTargets,
//     at most MaxOn of them on for one show: each costs the whole uplink again.
//   - A stream key is a secret of the centre at another platform: sealed in the
//     table, never shown again, masked to its last four characters, in no audit
//     entry. A change without a new key keeps the old one.
//   - A target that is on for a show may be changed or switched at any time; a
//     removed one is off for all shows.
//   - Operators do all of it; each change is in the audit trail.
//
// Tables: relay_target, relay_use.
package relay
