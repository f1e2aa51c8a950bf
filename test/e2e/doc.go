// Package e2e tests the whole centre as people use it: the real binary with
// its demo world, ffmpeg publishing real video, real browsers. It needs
// ffmpeg and Chromium; without them its tests are skipped, or fail when
// LINDU_TEST_REQUIRE=1 (make test).
package e2e
