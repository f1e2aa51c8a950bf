package realtime

import (
	"bytes"
	"encoding/json"
	"slices"
)

// event waits for its tick.
type event struct {
	kind string
	data json.RawMessage
}

// size of an event in a frame, about.
func (e event) size() int { return len(e.kind) + len(e.data) + 20 }

// room is what the hub knows of a room; Hub.mu guards it.
type room struct {
	waiting  []event
	bytes    int
	lost     bool           // events are gone: say so in the next tick
	sending  bool           // a tick is on its way; the next waits, so order holds
	visitors map[string]int // sockets by visitor
}

// put adds an event, making place if it must. It is false when that meant to
// give up the whole tick.
func (r *room) put(e event) bool {
	if e.kind == kindCount {
		r.drop(kindCount) // the new count says all
	}
	for len(r.waiting) >= maxEvents || r.bytes+e.size() > maxBytes {
		if !r.makePlace(e.kind) {
			if slices.Contains(expendable, e.kind) {
				return true // the least of all there is
			}
			first := !r.lost
			r.waiting, r.bytes, r.lost = nil, 0, true
			return !first
		}
	}
	r.waiting = append(r.waiting, e)
	r.bytes += e.size()
	return true
}

// makePlace drops the oldest event that is worth no more than one of kind.
func (r *room) makePlace(kind string) bool {
	for _, k := range expendable {
		if r.drop(k) {
			return true
		}
		if k == kind {
			break
		}
	}
	return false
}

// drop takes the oldest event of a kind out.
func (r *room) drop(kind string) bool {
	i := slices.IndexFunc(r.waiting, func(e event) bool { return e.kind == kind })
	if i < 0 {
		return false
	}
	r.bytes -= r.waiting[i].size()
	r.waiting = slices.Delete(r.waiting, i, i+1)
	return true
}

// take empties the tick.
func (r *room) take() (events []event, lost bool) {
	events, lost = r.waiting, r.lost
	r.waiting, r.bytes, r.lost = nil, 0, false
	return events, lost
}

// frame is a tick's publication.
func frame(events []event, lost bool) []byte {
	var b bytes.Buffer
	b.WriteString(`{"e":[`)
	if lost {
		events = slices.Insert(events, 0, event{KindLost, json.RawMessage(`{}`)})
	}
	for i, e := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		k, _ := json.Marshal(e.kind) // a string can't fail
		b.WriteString(`{"k":`)
		b.Write(k)
		b.WriteString(`,"d":`)
		b.Write(e.data)
		b.WriteByte('}')
	}
	b.WriteString(`]}`)
	return b.Bytes()
}
