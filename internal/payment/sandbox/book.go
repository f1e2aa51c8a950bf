package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// States of a payment at the provider.
const (
	stateOpen   = "open"
	statePaid   = "paid"
	stateClosed = "closed"
)

// Limits of what the provider remembers.
const (
	maxPayments   = 20_000
	maxDeliveries = 5_000
)

var errFull = errors.New("sandbox: too many open payments")

// entry is a payment as the provider keeps it.
type entry struct {
	payRequest
	Token    string    `json:"token"`
	State    string    `json:"state"`
	Ref      string    `json:"ref,omitempty"`
	PaidAt   time.Time `json:"paid_at,omitzero"`
	Created  time.Time `json:"created"`
	Refunded money.Fen `json:"refunded,omitempty"`
}

// refunded is a refund as the provider keeps it.
type refunded struct {
	refundRequest
	Ref string    `json:"ref"`
	At  time.Time `json:"at,omitzero"`
}

// delivery is a callback that was not yet taken.
type delivery struct {
	Event string `json:"event"`
	URL   string `json:"url"`
	Body  string `json:"body"`
}

// line of the file: one of the fields is set.
type line struct {
	Payment *entry    `json:"p,omitempty"`
	Refund  *refunded `json:"r,omitempty"`
	Send    *delivery `json:"d,omitempty"`
	Taken   string    `json:"t,omitempty"` // event id
}

// book is the provider's memory, kept in a file of appended lines.
type book struct {
	mu       sync.Mutex
	payments map[id.Payment]*entry
	tokens   map[string]*entry
	order    []id.Payment // by age
	refunds  map[id.Refund]*refunded
	waiting  map[string]delivery
	file     *os.File
}

// openBook reads the file, if there is one, and writes it anew without what is
// outdated. An empty path keeps everything in memory.
func openBook(path string) (*book, error) {
	b := &book{payments: map[id.Payment]*entry{}, tokens: map[string]*entry{}, refunds: map[id.Refund]*refunded{}, waiting: map[string]delivery{}}
	if path == "" {
		return b, nil
	}
	if err := b.read(path); err != nil {
		return nil, err
	}
	if err := b.rewrite(path); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	var err error
	b.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)
	return b, err
}

func (b *book) read(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		var l line
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			// A crash may have cut the last line: what it said was never answered.
			if !sc.Scan() {
				break
			}
			return fmt.Errorf("sandbox: %s, line %d: %w", path, n, err)
		}
		b.apply(l)
	}
	return sc.Err()
}

// rewrite replaces the file by one with only what holds.
func (b *book) rewrite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".sandbox-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	w := json.NewEncoder(tmp)
	for _, p := range b.order {
		err = errors.Join(err, w.Encode(line{Payment: b.payments[p]}))
	}
	for _, r := range b.refunds {
		err = errors.Join(err, w.Encode(line{Refund: r}))
	}
	for _, d := range b.waiting {
		err = errors.Join(err, w.Encode(line{Send: &d}))
	}
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// apply changes the memory as a line says.
func (b *book) apply(l line) {
	switch {
	case l.Payment != nil:
		if b.payments[l.Payment.PaymentID] == nil {
			b.order = append(b.order, l.Payment.PaymentID)
		}
		b.payments[l.Payment.PaymentID] = l.Payment
		b.tokens[l.Payment.Token] = l.Payment
	case l.Refund != nil:
		if b.payments[l.Refund.PaymentID] != nil {
			b.refunds[l.Refund.RefundID] = l.Refund
		}
	case l.Send != nil:
		b.waiting[l.Send.Event] = *l.Send
	case l.Taken != "":
		delete(b.waiting, l.Taken)
	}
}

// write makes lines last, then true. The caller holds the lock.
func (b *book) write(ls ...line) error {
	if b.file != nil {
		var text strings.Builder
		w := json.NewEncoder(&text)
		for _, l := range ls {
			if err := w.Encode(l); err != nil {
				return err
			}
		}
		if _, err := b.file.WriteString(text.String()); err != nil {
			return err
		}
		if err := b.file.Sync(); err != nil { // money was taken: a power cut must not forget it
			return err
		}
	}
	for _, l := range ls {
		b.apply(l)
	}
	return nil
}

// room forgets the oldest payments that are settled when there are too many;
// errFull if none is. The caller holds the lock.
func (b *book) room(now time.Time) error {
	for len(b.payments) >= maxPayments {
		i := slices.IndexFunc(b.order, func(p id.Payment) bool {
			e := b.payments[p]
			return e.State != stateOpen || now.After(e.Expires)
		})
		if i < 0 {
			return errFull
		}
		p := b.order[i]
		delete(b.tokens, b.payments[p].Token)
		delete(b.payments, p)
		for r, x := range b.refunds {
			if x.PaymentID == p {
				delete(b.refunds, r)
			}
		}
		b.order = slices.Delete(b.order, i, i+1)
	}
	return nil
}

func (b *book) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil {
		return nil
	}
	f := b.file
	b.file = nil
	return errors.Join(f.Sync(), f.Close())
}
