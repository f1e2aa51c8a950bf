package recon

import (
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Objects of a difference.
const (
	Pay    = "pay"
	Refund = "refund"
	Fee    = "fee"
)

// Kind of a difference; see doc.go.
type Kind string

// Kinds.
const (
	MissingThere Kind = "missing_there"
	MissingHere  Kind = "missing_here"
	Amount       Kind = "amount"
	Double       Kind = "double"
	FeeKept      Kind = "fee"
)

// Row of a bill.
type Row struct {
	Kind   string // Pay, Refund
	Ours   string
	Ref    string
	Day    clock.Day // of the bill
	Amount money.Fen
	Fee    money.Fen
	At     time.Time
}

// Movement of money as we have it: a payment that came, a refund that left, or
// money in quarantine.
type Movement struct {
	Kind   string // Pay, Refund
	ID     string
	Ref    string
	Order  id.Order
	Amount money.Fen
	At     time.Time
	Held   bool // in quarantine: known by its number, it waits for finance
}

// Difference between a bill and us.
type Difference struct {
	ID      string
	Gateway string
	Day     clock.Day
	What    string // natural key
	Kind    Kind
	Object  string
	Ours    string
	Ref     string
	Order   id.Order
	OursFen money.Fen
	Theirs  money.Fen
	State   string // open, settled, gone
	How     string
	Note    string
	Found   time.Time
	Done    time.Time
	By      id.User
}

// Day is what is compared: the rows of one bill and our movements of that day.
type Day struct {
	Day  clock.Day
	Rows []Row
	Ours []Movement // of the day, and those the rows name
	// There tells of our movements of the day whether any bill names them.
	There func(Movement) bool
	// Over: the next day's bill is in, so what no bill names is missing.
	Over bool
}

// Compare finds what does not agree, in the order of the bill.
func (d Day) Compare() []Difference {
	var out []Difference
	taken := map[int]bool{} // of d.Ours
	for _, r := range d.Rows {
		i, kind := d.match(r, taken)
		if i >= 0 && kind == "" {
			taken[i] = true
			if m := d.Ours[i]; m.Amount != r.Amount {
				out = append(out, d.difference(Amount, r, m))
			}
			continue
		}
		var m Movement
		if i >= 0 {
			m = d.Ours[i]
		}
		out = append(out, d.difference(kind, r, Movement{Order: m.Order}))
	}
	for _, m := range d.Ours {
		if d.Over && clock.DayOf(m.At) == d.Day && !d.There(m) {
			out = append(out, d.difference(MissingThere, Row{Kind: m.Kind, Ours: m.ID, Ref: m.Ref}, m))
		}
	}
	return out
}

// match finds what we have for a row: "" when it is that, else the kind of
// difference, and what it is a double of if so. A payment is known by its
// number and the provider's; a refund by its number, because some providers
// tell the answer and the bill different ones.
func (d Day) match(r Row, taken map[int]bool) (int, Kind) {
	same := -1
	for i, m := range d.Ours {
		if m.Kind != r.Kind {
			continue
		}
		if m.Held {
			if m.Ref == r.Ref && !taken[i] {
				return i, ""
			}
			continue
		}
		if m.ID != r.Ours {
			continue
		}
		same = i
		if !taken[i] && (m.Kind == Refund || m.Ref == "" || m.Ref == r.Ref) {
			return i, ""
		}
	}
	if same >= 0 {
		return same, Double
	}
	return -1, MissingHere
}

func (d Day) difference(k Kind, r Row, m Movement) Difference {
	x := Difference{Day: d.Day, Kind: k, Object: r.Kind, Ours: r.Ours, Ref: r.Ref, Order: m.Order, OursFen: m.Amount, Theirs: r.Amount}
	x.What = r.Kind + "/" + r.Ours + "/" + r.Ref + "/" + string(k)
	if k == MissingHere || k == Double {
		x.OursFen = 0
	}
	return x
}
