package orderdesk

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/order"
)

// ErrAgain is the cause of a refusal that its key was answered with before.
var ErrAgain = errors.New("order desk: answered before")

// again is the answer a key was given before, if it was.
func (g *groupTx) again(key order.Key, hash string) (outcome, bool) {
	if first, ok := g.known[key]; ok {
		if first.IdemHash != hash {
			return outcome{err: fault.New(fault.Conflict, "order.key_reused")}, true
		}
		first = first.First()
		first.Again = true
		return outcome{order: first}, true
	}
	if r, ok := g.refused[key]; ok {
		if r.Hash != hash {
			return outcome{err: fault.New(fault.Conflict, "order.key_reused")}, true
		}
		return outcome{err: unpack(r.Fault)}, true
	}
	return outcome{}, false
}

// Answered is the answer that a key got before, if it has one, without a place
// in the queue: for a request that can't be taken any more. Faults are those of
// Place.
func Answered(ctx context.Context, q db.Querier, key order.Key, hash string) (o order.Order, ok bool, err error) {
	g := groupTx{}
	if g.known, g.refused, err = order.ByKeys(ctx, q, []order.Key{key}); err != nil {
		return o, false, err
	}
	out, ok := g.again(key, hash)
	return out.order, ok, out.err
}

// refuse remembers a refusal that was decided. What is wrong with a request
// whatever the shop looks like (kind Invalid) decides nothing: it is said again
// each time, and the key stays free.
func (g *groupTx) refuse(key order.Key, r *Request, err error) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return
	}
	g.noteGone(r, f)
	if f.Kind != fault.Conflict || key.Key == "" {
		return
	}
	x := order.Refusal{Key: key, Hash: r.Order.IdemHash, Fault: pack(f)}
	g.refusals = append(g.refusals, x)
	g.refused[key] = x // the same key again in this group gets the same answer
}

// stored is a fault as it is kept.
type stored struct {
	Kind  fault.Kind     `json:"kind"`
	Key   string         `json:"key"`
	Field string         `json:"field,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

func pack(f *fault.Error) string {
	b, err := json.Marshal(stored{f.Kind, f.Key, f.Field, f.Args})
	if err != nil {
		panic(err) // arguments are strings and numbers
	}
	return string(b)
}

func unpack(text string) error {
	var s stored
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&s); err != nil {
		return err
	}
	f := fault.New(s.Kind, s.Key)
	f.Field = s.Field
	for k, v := range s.Args {
		if n, ok := v.(json.Number); ok { // only whole numbers are put in
			i, err := n.Int64()
			if err != nil {
				return err
			}
			v = i
		}
		if f.Args == nil {
			f.Args = map[string]any{}
		}
		f.Args[k] = v
	}
	return f.Because(ErrAgain)
}
