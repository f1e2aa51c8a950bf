package paysim

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
)

//go:embed static
var static embed.FS

//go:embed columns.json
var columnsJSON []byte

// maxBody bounds a request.
const maxBody = 64 << 10

// Backoff is the wait before each try of a callback, quicker at the start than
// the providers' own (WeChat 15 s … 6 h, Alipay 4 min … 15 h).
var Backoff = []time.Duration{0, time.Second, 3 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 3 * time.Hour}

// Options of New. Only Keys are needed.
type Options struct {
	Keys    Keys
	File    string // remembers across restarts; empty: memory only
	Pages   string // where buyers reach the pages; empty: where the API is asked. May be a path of our site
	Clock   clock.Clock
	Log     *slog.Logger
	Backoff []time.Duration
	HTTP    *http.Client // sends callbacks
	// Certificates: WeChat signs with a platform certificate, as for merchants
	// enrolled before late 2024; else with its public key.
	Certificates bool
}

// Trouble is what goes wrong from now on.
type Trouble struct {
	Fail int           // this many calls are answered 500
	Slow time.Duration // before each answer
	Lose bool          // no callbacks
	Wait bool          // refunds are taken and not done until EndRefund
	// Serial is named instead of that of the key that WeChat signs with.
	Serial string
}

// Server plays both providers. It is an http.Handler; Close stops callbacks.
type Server struct {
	o    Options
	book *book
	mux  *http.ServeMux

	mu      sync.Mutex
	trouble Trouble
	// platforms are the certificates that are handed out, the oldest first;
	// signing is the one in use. None in public-key mode.
	platforms []platform
	signing   int

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// New makes the providers.
func New(o Options) (*Server, error) {
	if o.Keys.Merchant == nil || o.Keys.Provider == nil {
		return nil, errors.New("paysim: the keys are missing")
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Backoff == nil {
		o.Backoff = Backoff
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	b, err := openBook(o.File)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, book: b, mux: http.NewServeMux()}
	if o.Certificates {
		p, err := newPlatform(o.Keys.Provider, o.Clock.Now())
		if err != nil {
			return nil, err
		}
		s.platforms = []platform{p}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.routes()
	return s, nil
}

func (s *Server) routes() {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // embedded: a broken build
	}
	s.wechatRoutes()
	s.alipayRoutes()
	s.mux.HandleFunc("GET /cashier/{token}", s.getPage)
	s.mux.HandleFunc("POST /cashier/{token}", s.postPage)
	s.mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(files)))
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") }) //nolint:errcheck // nobody waits
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	s.mux.ServeHTTP(w, r)
}

// SetTrouble makes things go wrong; the zero Trouble ends it.
func (s *Server) SetTrouble(t Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = t
}

// FailRefund makes a refund that was taken never reach its buyer. It reports
// false for one that there is not.
func (s *Server) FailRefund(id string) (is bool, err error) {
	err = s.book.do(func() error {
		r := s.book.Refunds[id]
		if is = r != nil; is {
			r.State = abnormal
		}
		return nil
	})
	return is, err
}

// EndRefund brings a refund to its buyer that was taken only (Trouble.Wait), or
// that somebody has settled by hand. It reports false for one that there is not.
func (s *Server) EndRefund(id string) (is bool, err error) {
	err = s.book.do(func() error {
		r := s.book.Refunds[id]
		if is = r != nil; is {
			r.State = ""
			if t := s.book.Trades[r.Trade]; t != nil && t.Provider == alipay {
				r.At = s.o.Clock.Now() // its bill has what moved, on the day it moved
			}
		}
		return nil
	})
	return is, err
}

// Standing is a trade that was paid, as the provider's book has it.
type Standing struct {
	Trade, Provider          string
	Amount, Refunded, Shared money.Fen
	Refunds, Shares          int // how many there are of it
}

// Paid lists the trades that were paid.
func (s *Server) Paid() (out []Standing) {
	s.book.look(func() {
		at := map[string]*Standing{}
		for _, t := range s.book.Trades {
			if t.State == paid {
				at[t.ID] = &Standing{Trade: t.ID, Provider: t.Provider, Amount: t.Amount, Refunded: t.Refunded, Shared: t.Shared}
			}
		}
		for _, r := range s.book.Refunds {
			if x := at[r.Trade]; x != nil {
				x.Refunds++
			}
		}
		for _, x := range s.book.Shares {
			if y := at[x.Trade]; y != nil && len(x.Parts) > 0 {
				y.Shares++
			}
		}
		for _, x := range at {
			out = append(out, *x)
		}
	})
	return out
}

// refundState is how a refund begins.
func (s *Server) refundState() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble.Wait {
		return processing
	}
	return ""
}

// troubled slows a call down and reports whether it must fail.
func (s *Server) troubled(ctx context.Context) bool {
	s.mu.Lock()
	t := s.trouble
	if s.trouble.Fail > 0 {
		s.trouble.Fail--
	}
	s.mu.Unlock()
	if t.Slow > 0 {
		select {
		case <-time.After(t.Slow):
		case <-ctx.Done():
		}
	}
	return t.Fail > 0
}

// Close stops sending callbacks.
func (s *Server) Close() {
	s.book.mu.Lock() // callbacks start under this lock, so none starts after
	s.cancel()
	s.book.mu.Unlock()
	s.wg.Wait()
}

// Pay is what a buyer's money does: the trade is paid, and the shop is told
// times times. It reports false when it can't be paid any more.
func (s *Server) Pay(id string, times int) (bool, error) {
	s.mu.Lock()
	lose := s.trouble.Lose
	s.mu.Unlock()
	ok := false
	err := s.book.do(func() error {
		t := s.book.Trades[id]
		if t == nil || t.State != open || !s.o.Clock.Now().Before(t.Expires) {
			return nil
		}
		ok = true
		t.State, t.Ref, t.PaidAt = paid, newRef(), s.o.Clock.Now()
		if lose {
			return nil
		}
		for range times {
			s.tell(*t)
		}
		return nil
	})
	return ok && err == nil, err
}

// tell sends a callback until it is taken, given up, or the server stops. The
// caller holds the book's lock.
func (s *Server) tell(t trade) {
	if s.ctx.Err() != nil {
		return
	}
	event := newEvent()
	s.wg.Go(func() {
		for try, wait := range s.o.Backoff {
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(wait):
			}
			r, err := s.notice(t, event)
			if err == nil {
				err = s.post(r, t.Provider)
			}
			if err == nil || s.ctx.Err() != nil {
				return
			}
			s.o.Log.Warn("paysim: callback not taken", "trade", t.ID, "try", try+1, "err", err)
		}
	})
}

// notice is a provider's callback about a trade that was paid, signed anew.
func (s *Server) notice(t trade, event string) (*http.Request, error) {
	if t.Provider == wechat {
		return s.WechatNotice(WechatEvent{ID: event, Trade: t.ID, Ref: t.Ref, Amount: t.Amount, PaidAt: t.PaidAt, URL: t.Notify}, s.o.Clock.Now())
	}
	return s.AlipayNotice(AlipayEvent{ID: event, Trade: t.ID, Ref: t.Ref, Amount: t.Amount, PaidAt: t.PaidAt, URL: t.Notify}, s.o.Clock.Now())
}

// post sends a callback once.
func (s *Server) post(r *http.Request, provider string) error {
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	res, err := s.o.HTTP.Do(r.WithContext(ctx))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	switch {
	case err != nil:
		return err
	case provider == alipay && string(body) != "success":
		return errors.New("the shop did not say success")
	case res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent:
		return errors.New("status " + res.Status)
	}
	return nil
}
