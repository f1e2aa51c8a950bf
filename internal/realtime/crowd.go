package realtime

import (
	"maps"
	"slices"
)

// Online counts the different visitors in a room now.
func (h *Hub) Online(roomName string) int {
	if h.shared != nil {
		if n, ok := h.shared.count(roomName); ok {
			return n
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[roomName]; r != nil {
		return len(r.visitors)
	}
	return 0
}

// Visitors lists those on this node, at most limit. (Each node notes its own.)
func (h *Hub) Visitors(roomName string, limit int) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[roomName]
	if r == nil || limit <= 0 {
		return nil
	}
	out := make([]string, 0, min(limit, len(r.visitors)))
	for v := range maps.Keys(r.visitors) {
		if len(out) == limit {
			break
		}
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

func (h *Hub) join(roomName, visitor string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.room(roomName).visitors[visitor]++
}

func (h *Hub) leave(roomName, visitor string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[roomName]
	if r == nil {
		return
	}
	if r.visitors[visitor]--; r.visitors[visitor] <= 0 {
		delete(r.visitors, visitor)
	}
}
