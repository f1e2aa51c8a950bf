package realtime

import (
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
)

// run sends every room's tick until the hub is closed, and then what is left.
func (h *Hub) run() {
	t := time.NewTicker(Tick)
	defer t.Stop()
	var sends sync.WaitGroup
	for {
		select {
		case <-t.C:
			h.flush(&sends)
		case <-h.stop:
			sends.Wait()
			h.flush(&sends)
			sends.Wait()
			return
		}
	}
}

// flush sends what the rooms have collected, each room on its own: one with
// thousands of sockets, or a broker that hangs, must not hold the others up.
func (h *Hub) flush(sends *sync.WaitGroup) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, r := range h.rooms {
		switch {
		case r.sending:
		case len(r.waiting) > 0 || r.lost:
			events, lost := r.take()
			r.sending = true
			sends.Go(func() { h.send(name, events, lost) })
		case len(r.visitors) == 0:
			delete(h.rooms, name)
		}
	}
}

func (h *Hub) send(name string, events []event, lost bool) {
	_, err := h.node.Publish(name, frame(events, lost), centrifuge.WithHistory(h.opt.size, historyTTL))
	h.mu.Lock()
	r := h.room(name)
	r.sending = false
	if err != nil {
		r.lost = true // tried again every tick until the broker answers
	}
	h.mu.Unlock()
	if err != nil {
		h.log.Error("realtime: a tick was not taken", "room", name, "err", err)
	}
}
