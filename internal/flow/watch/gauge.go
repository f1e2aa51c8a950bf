package watch

import "time"

// gauge says whether something is the case. It turns only after the opposite
// has held for a while, so that what swings around a threshold is told once.
type gauge struct {
	up      bool
	since   time.Time // when it went up
	pending time.Time // since when the opposite has held; zero: it does not
}

// see takes one look: is and gone are the two thresholds, and between them
// nothing changes. after and calm are how long each must hold.
func (g *gauge) see(now time.Time, is, gone bool, after, calm time.Duration) {
	turns := !g.up && is || g.up && gone
	if !turns {
		g.pending = time.Time{}
		return
	}
	if g.pending.IsZero() || now.Before(g.pending) {
		g.pending = now
	}
	wait := after
	if g.up {
		wait = calm
	}
	if now.Sub(g.pending) < wait {
		return
	}
	g.up, g.pending = !g.up, time.Time{}
	if g.up {
		g.since = now
	}
}

// crowd remembers how many were there during the last minute.
type crowd struct {
	at  []time.Time
	n   []int
	ref int // the height from which it fell, while that is told
}

const (
	window     = time.Minute
	maxSamples = 64
)

// add takes a sample and gives the highest of the window.
func (c *crowd) add(now time.Time, online int) (peak int) {
	if k := len(c.at); k > 0 && now.Before(c.at[k-1]) {
		c.at, c.n = nil, nil // the clock was set back
	}
	c.at, c.n = append(c.at, now), append(c.n, online)
	for len(c.at) > maxSamples || now.Sub(c.at[0]) > window {
		c.at, c.n = c.at[1:], c.n[1:]
	}
	for _, n := range c.n {
		peak = max(peak, n)
	}
	return peak
}
