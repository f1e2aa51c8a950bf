package media

import (
	"slices"
	"sync"
)

// watcher hands state changes to one callback, in order, on its own goroutine.
// Of a stream that changes faster than the callback works only the newest
// state is kept, so what waits is never more than there are streams.
type watcher struct {
	fn func(streamID string, s State)

	mu      sync.Mutex
	order   []string
	pending map[string]State
	closed  bool
	wake    chan struct{}
}

// Watch calls fn with every change of a stream's state. A callback that is
// slow may miss states in between, never the last one. The returned function
// stops it and does not wait.
func (h *Hub) Watch(fn func(streamID string, s State)) (stop func()) {
	h.init()
	w := &watcher{fn: fn, pending: map[string]State{}, wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return func() {}
	}
	h.watchMu.Lock()
	defer h.watchMu.Unlock()
	h.watchers = append(slices.Clone(h.watchers), w)
	h.wg.Go(w.run)
	return func() {
		w.close()
		h.watchMu.Lock()
		defer h.watchMu.Unlock()
		h.watchers = slices.DeleteFunc(slices.Clone(h.watchers), func(o *watcher) bool { return o == w })
	}
}

// announce tells all watchers. It never waits for a callback.
func (h *Hub) announce(id string, s State) {
	h.watchMu.Lock()
	watchers := h.watchers
	h.watchMu.Unlock()
	for _, w := range watchers {
		w.add(id, s)
	}
}

func (w *watcher) add(id string, s State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	if _, ok := w.pending[id]; ok {
		w.order = slices.DeleteFunc(w.order, func(o string) bool { return o == id })
	}
	w.order = append(w.order, id)
	w.pending[id] = s
	w.poke()
}

func (w *watcher) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.poke()
}

func (w *watcher) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run ends after close, once all that waited was told.
func (w *watcher) run() {
	for range w.wake {
		for {
			id, s, ok, closed := w.next()
			if !ok {
				if closed {
					return
				}
				break
			}
			w.fn(id, s)
		}
	}
}

func (w *watcher) next() (id string, s State, ok, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.order) == 0 {
		return "", "", false, w.closed
	}
	id = w.order[0]
	w.order = w.order[1:]
	s = w.pending[id]
	delete(w.pending, id)
	return id, s, true, false
}
