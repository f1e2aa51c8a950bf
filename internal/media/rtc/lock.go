package rtc

import "sync"

// lock runs one function at a time.
type lock struct{ mu sync.Mutex }

func (l *lock) do(fn func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fn()
}

// chanSSRC is a track's number on the wire, once it is known.
type chanSSRC struct {
	mu    sync.Mutex
	ssrc  uint32
	known bool
}

func (c *chanSSRC) set(n uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ssrc, c.known = n, true
}

func (c *chanSSRC) get() (uint32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ssrc, c.known
}
