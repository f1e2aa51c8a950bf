package id

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"sync"
	"time"

	"lindu.example/lindu/internal/clock"
)

// perSecond is how many numbers one Numbers makes of a second.
const perSecond = 10_000

// Numbers makes order numbers that come in the order of time, so that a crowd's
// orders are written side by side in the index of numbers and not all over it:
// day, second of the day, a random till, and a count. Two processes may have
// the same till; the database refuses the second of two equal numbers, and
// Another takes a new till. The zero value is ready.
type Numbers struct {
	mu     sync.Mutex
	second int64 // Unix, of the last number
	till   int
	next   int
}

// Next makes a number for an order placed now.
func (n *Numbers) Next(now time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch s := now.Unix(); {
	case n.second == 0 || s < n.second: // a clock that was put back must not meet its own numbers
		n.second, n.till, n.next = s, random(100), 0
	case s > n.second:
		n.second, n.next = s, 0
	case n.next == perSecond:
		n.till, n.next = random(100), 0
	}
	at := time.Unix(n.second, 0).In(clock.Shanghai)
	h, m, s := at.Clock()
	no := fmt.Sprintf("%08d%05d%02d%04d", clock.DayOf(at), h*3600+m*60+s, n.till, n.next)
	n.next++
	return no + string(rune('0'+luhn(no)))
}

// Another takes another till: a number was not free.
func (n *Numbers) Another() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.till, n.next = random(100), 0
}

func random(below int64) int {
	n, err := rand.Int(rand.Reader, big.NewInt(below))
	if err != nil {
		panic(err) // the system has no randomness: nothing may go on
	}
	return int(n.Int64())
}
