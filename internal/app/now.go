//go:build !jumpclock

package app

import "lindu.example/lindu/internal/clock"

// newClock is the centre's clock.
func newClock() clock.Clock { return clock.System{} }
