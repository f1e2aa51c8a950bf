// Package art holds the pictures and the show clip of the demo world.
//
// The county, its people and its goods are invented; everything here was drawn
// by this project (see gen/) and is under the repository's licence. Covers and
// clip carry a small label that says so; nothing else has lettering in it.
//
// Rules:
//   - Pictures are JPEG without metadata, each under 120 KB; products are
//     1200 x 1200, covers 1080 x 1440, portraits 600 x 600 pixels.
//   - The clip is H264 (Main, no B-frames, a key frame every two seconds) and
//     AAC-LC (44.1 kHz, mono), so a publisher can send its packets as they are;
//     picture and melody both end where they start.
//   - The SVG sources stand in src/ and are not embedded.
package art
