package paysim

import (
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

// maxTrades bounds the book.
const maxTrades = 5_000

// States of a trade.
const (
	open   = "open"
	paid   = "paid"
	closed = "closed"
)

// trade is a payment as the provider keeps it.
type trade struct {
	ID       string    `json:"id"` // out_trade_no
	Provider string    `json:"provider"`
	Way      string    `json:"way"` // NATIVE, MWEB, JSAPI, WAP, PAGE
	Amount   money.Fen `json:"amount"`
	Subject  string    `json:"subject"`
	Return   string    `json:"return,omitempty"`
	Notify   string    `json:"notify"`
	Expires  time.Time `json:"expires"`
	Created  time.Time `json:"created"`
	Token    string    `json:"token"`
	State    string    `json:"state"`
	Ref      string    `json:"ref,omitempty"`
	PaidAt   time.Time `json:"paid_at,omitzero"`
	Refunded money.Fen `json:"refunded,omitempty"`
	OpenID   string    `json:"openid,omitempty"`
	Share    bool      `json:"share,omitempty"` // may be shared with receivers
	Shared   money.Fen `json:"shared,omitempty"`
	Freed    bool      `json:"freed,omitempty"` // all of it is the merchant's or has been shared
}

// giveBack is a refund.
type giveBack struct {
	ID     string    `json:"id"`
	Trade  string    `json:"trade"`
	Amount money.Fen `json:"amount"`
	Ref    string    `json:"ref"`
	At     time.Time `json:"at"`
	State  string    `json:"state,omitempty"` // "" is with the buyer
}

// States of a refund that is not with the buyer.
const (
	processing = "processing" // taken
	abnormal   = "abnormal"   // taken, and the buyer's bank will not have it
)

// share is a split of a trade.
type share struct {
	ID    string      `json:"id"`
	Trade string      `json:"trade"`
	Ref   string      `json:"ref"`
	Parts []sharePart `json:"parts"`
}

type sharePart struct {
	Type    string    `json:"type"`
	Account string    `json:"account"`
	Amount  money.Fen `json:"amount"`
}

// book is what the providers remember. Every change is written whole to the
// file, if there is one, before it is answered.
type book struct {
	mu   sync.Mutex
	file string

	Trades    map[string]*trade
	Refunds   map[string]*giveBack
	Shares    map[string]*share
	Receivers map[string]bool
}

func openBook(file string) (*book, error) {
	b := &book{file: file, Trades: map[string]*trade{}, Refunds: map[string]*giveBack{}, Shares: map[string]*share{}, Receivers: map[string]bool{}}
	if file == "" {
		return b, nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return b, os.MkdirAll(filepath.Dir(file), 0o700)
	} else if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, b); err != nil {
		return nil, fmt.Errorf("paysim: %s: %w", file, err)
	}
	return b, nil
}

// do changes the book under its lock and keeps it; an error keeps it as it was
// on disk, and the caller must not have changed anything then.
func (b *book) do(fn func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := fn(); err != nil {
		return err
	}
	return b.keep()
}

func (b *book) keep() error {
	if b.file == "" {
		return nil
	}
	data, err := json.Marshal(b)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(b.file), ".paysim-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), b.file)
}

// look reads under the lock.
func (b *book) look(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn()
}

// room forgets the oldest settled trade when the book is full. The caller
// holds the lock.
func (b *book) room(now time.Time) bool {
	if len(b.Trades) < maxTrades {
		return true
	}
	var oldest *trade
	for _, t := range b.Trades {
		if (t.State != open || now.After(t.Expires)) && (oldest == nil || t.Created.Before(oldest.Created)) {
			oldest = t
		}
	}
	if oldest != nil {
		delete(b.Trades, oldest.ID)
	}
	return oldest != nil
}

// byToken finds the trade of a cashier's page. The caller holds the lock.
func (b *book) byToken(token string) *trade {
	for _, t := range b.Trades {
		if t.Token == token {
			return t
		}
	}
	return nil
}

// start writes a new trade; the same one again keeps its page. It reports false
// when the number stands for another trade, or the book is full.
func (b *book) start(t trade, now time.Time) (trade, bool, error) {
	ok := true
	err := b.do(func() error {
		if old := b.Trades[t.ID]; old != nil {
			ok = old.Amount == t.Amount && old.Provider == t.Provider && old.State == open
			if ok {
				old.OpenID, old.Way = t.OpenID, t.Way
			}
			t = *old
			return nil
		}
		if ok = b.room(now); !ok {
			return nil
		}
		t.Token, t.State, t.Created = id.Secret()[:32], open, now
		b.Trades[t.ID] = &t
		return nil
	})
	return t, ok, err
}

// refund gives back once by its id. why is "" when it did; fresh tells that it
// was this call.
func (b *book) refund(r giveBack, now time.Time) (out giveBack, fresh bool, why string, err error) {
	err = b.do(func() error {
		if old := b.Refunds[r.ID]; old != nil {
			if old.Trade != r.Trade || old.Amount != r.Amount {
				why = "other"
			}
			out = *old
			return nil
		}
		t := b.Trades[r.Trade]
		switch {
		case t == nil:
			why = "unknown"
		case t.State != paid:
			why = "unpaid"
		case r.Amount <= 0 || t.Refunded+r.Amount > t.Amount:
			why = "over"
		}
		if why != "" {
			return nil
		}
		t.Refunded += r.Amount
		r.Ref, r.At = refundRef(), now
		b.Refunds[r.ID] = &r
		out, fresh = r, true
		return nil
	})
	return out, fresh, why, err
}

func refundRef() string { return "5030" + id.Secret()[:24] }

// fee is what a provider keeps: 0.6 %, rounded half up.
func fee(f money.Fen) money.Fen { return (f*6 + 500) / 1000 }

// movement of a day's bill.
type movement struct {
	t  trade
	r  *giveBack
	at time.Time
}

func (m movement) key() string {
	if m.r != nil {
		return m.r.ID
	}
	return m.t.ID
}

// day lists what moved at a provider between two times, by time.
func (b *book) day(provider string, from, to time.Time) []movement {
	var out []movement
	in := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	b.look(func() {
		for _, t := range b.Trades {
			if t.Provider == provider && t.State == paid && in(t.PaidAt) {
				out = append(out, movement{t: *t, at: t.PaidAt})
			}
		}
		for _, r := range b.Refunds {
			if t := b.Trades[r.Trade]; t != nil && t.Provider == provider && in(r.At) {
				out = append(out, movement{t: *t, r: &giveBack{r.ID, r.Trade, r.Amount, r.Ref, r.At, r.State}, at: r.At})
			}
		}
	})
	slices.SortFunc(out, func(a, b movement) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		if (a.r == nil) != (b.r == nil) { // paid before given back
			if a.r == nil {
				return -1
			}
			return 1
		}
		return strings.Compare(a.key(), b.key()) // a bill made again is the same file
	})
	return out
}
