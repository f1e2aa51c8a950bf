package entry

import (
	"encoding/json"
	"fmt"
)

// MinHidden is how many entries of a kind with hidden amounts must come
// together before their sum is told: a sum of one would tell the one.
const MinHidden = 3

// Totals is the public part of a KindTotals entry: sums of the entries from
// From up to its own index.
type Totals struct {
	From  int64            `json:"from"`
	To    int64            `json:"to"`    // its own index
	Count map[string]int64 `json:"count"` // entries by kind
	Fen   map[string]int64 `json:"fen"`   // sums by class of the entries that tell theirs
	// Hidden are the kinds whose entries hide their amounts.
	Hidden map[string]Hidden `json:"hidden_sums,omitempty"`
}

// Hidden is the sum of entries of one kind that hide their amounts, from From
// on: it goes back behind the last totals where too few had come together. Fen
// is left out while there are fewer than MinHidden.
type Hidden struct {
	From  int64            `json:"from"`
	Count int64            `json:"count"`
	Fen   map[string]int64 `json:"fen,omitempty"`
}

// ReadTotals reads the public part of a KindTotals entry.
func (e Entry) ReadTotals() (Totals, error) {
	var t Totals
	if e.Kind != KindTotals {
		return t, fmt.Errorf("%w: %s is no totals", ErrForm, e.Kind)
	}
	if err := json.Unmarshal(e.Public, &t); err != nil {
		return t, fmt.Errorf("%w: totals: %w", ErrForm, err)
	}
	return t, nil
}

// Summing adds up the entries of a log in order, as the writer of totals and
// its verifiers do.
type Summing struct {
	From   int64 // index of the first entry since the last totals
	Count  map[string]int64
	Fen    map[string]int64
	Hidden map[string]Hidden // Fen is nil for a verifier, who can't see it
}

// NewSumming begins at the first entry.
func NewSumming() *Summing {
	return &Summing{Count: map[string]int64{}, Fen: map[string]int64{}, Hidden: map[string]Hidden{}}
}

// Add takes the next entry; hidden are its sums where it hides them and the
// adder knows them.
func (s *Summing) Add(e Entry, hidden map[string]int64) error {
	if e.Kind == KindTotals {
		t, err := e.ReadTotals()
		if err != nil {
			return err
		}
		s.next(t)
		return nil
	}
	sums, err := e.Sums()
	if err != nil {
		return err
	}
	s.Count[e.Kind]++
	if !sums.Hidden {
		for k, f := range sums.Fen {
			s.Fen[k] += f
		}
		return nil
	}
	h, ok := s.Hidden[e.Kind]
	if !ok {
		h.From = s.From
	}
	h.Count++
	if hidden != nil && h.Fen == nil {
		h.Fen = map[string]int64{}
	}
	for k, f := range hidden {
		h.Fen[k] += f
	}
	s.Hidden[e.Kind] = h
	return nil
}

// next begins anew after totals: what they told is over.
func (s *Summing) next(t Totals) {
	s.From = t.To + 1
	s.Count, s.Fen = map[string]int64{}, map[string]int64{}
	// What the totals themselves say decides: who began in the middle of the
	// log has not seen all that they cover.
	for k, h := range s.Hidden {
		said, ok := t.Hidden[k]
		if !ok || said.Count >= MinHidden {
			delete(s.Hidden, k)
			continue
		}
		h.From = said.From
		s.Hidden[k] = h
	}
}

// Totals are what an entry at the index to must say.
func (s *Summing) Totals(to int64) Totals {
	t := Totals{From: s.From, To: to, Count: s.Count, Fen: s.Fen}
	for k, h := range s.Hidden {
		if t.Hidden == nil {
			t.Hidden = map[string]Hidden{}
		}
		if h.Count < MinHidden {
			h.Fen = nil
		}
		t.Hidden[k] = h
	}
	return t
}
