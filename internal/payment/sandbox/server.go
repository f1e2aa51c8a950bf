package sandbox

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"lindu.example/lindu/internal/clock"
)

//go:embed static
var static embed.FS

// maxBody bounds a request.
const maxBody = 64 << 10

// Backoff is the wait before each try of a callback, after WeChat Pay's
// (15 s … 6 h, given up within a day), quicker at the start for a demo.
var Backoff = []time.Duration{0, time.Second, 3 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
	5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

// ServerOptions of NewServer. Only Keys are needed.
type ServerOptions struct {
	Keys    Keys
	File    string // remembers across restarts; empty: memory only
	Clock   clock.Clock
	Log     *slog.Logger
	Backoff []time.Duration // of callbacks; nil: Backoff
	HTTP    *http.Client    // sends callbacks
}

// Server is the provider. It is an http.Handler; Close stops its callbacks.
type Server struct {
	o    ServerOptions
	book *book
	mux  *http.ServeMux

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	slots  chan struct{} // callbacks on their way at once
}

// NewServer makes a provider and goes on with the callbacks that an earlier
// one did not get rid of.
func NewServer(o ServerOptions) (*Server, error) {
	if o.Keys.ProviderPrivate == nil {
		return nil, errors.New("sandbox: the provider's private key is missing")
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
	s := &Server{o: o, book: b, mux: http.NewServeMux(), slots: make(chan struct{}, 8)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.routes()
	b.mu.Lock() // a callback taken at once changes the map
	defer b.mu.Unlock()
	for _, d := range b.waiting {
		s.send(d)
	}
	return s, nil
}

func (s *Server) routes() {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // embedded: a broken build
	}
	s.mux.HandleFunc("POST /v1/pay", s.api(s.postPay))
	s.mux.HandleFunc("GET /v1/payments/{id}", s.api(s.getPayment))
	s.mux.HandleFunc("POST /v1/payments/{id}/close", s.api(s.postClose))
	s.mux.HandleFunc("POST /v1/refunds", s.api(s.postRefund))
	s.mux.HandleFunc("GET /v1/bills/{day}", s.api(s.getBill))
	s.mux.HandleFunc("GET /pay/{token}", s.getPage)
	s.mux.HandleFunc("POST /pay/{token}", s.postPage)
	s.mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(files)))
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	s.mux.ServeHTTP(w, r)
}

// Close stops sending callbacks; those not yet taken are sent after the next
// start if there is a file.
func (s *Server) Close() error {
	s.book.mu.Lock() // pay starts callbacks under this lock, so none starts after
	s.cancel()
	s.book.mu.Unlock()
	s.wg.Wait()
	return s.book.close()
}

// api wraps a call of the merchant: size, signature, signed answer.
func (s *Server) api(fn func(r *http.Request, body []byte) (any, *refusal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			s.answer(w, http.StatusRequestEntityTooLarge, problem{codeParam, "the body is too large"})
			return
		}
		if err := s.o.Keys.verifyRequest(r, body, s.o.Clock.Now()); err != nil {
			s.answer(w, http.StatusUnauthorized, problem{codeSign, err.Error()})
			return
		}
		out, no := fn(r, body)
		if no != nil {
			s.answer(w, no.status, problem{no.code, no.message})
			return
		}
		s.answer(w, http.StatusOK, out)
	}
}

// refusal is why a call is turned down.
type refusal struct {
	status  int
	code    string
	message string
}

func bad(message string) *refusal { return &refusal{http.StatusBadRequest, codeParam, message} }

func unknown() *refusal {
	return &refusal{http.StatusNotFound, codeUnknown, "no such payment of this merchant"}
}

func system(err error) *refusal {
	if errors.Is(err, errFull) {
		return &refusal{http.StatusTooManyRequests, codeFull, err.Error()}
	}
	return &refusal{http.StatusInternalServerError, codeSystem, "the provider can't just now"}
}

func (s *Server) answer(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.o.Log.Error("sandbox: answer", "err", err)
		status, b = http.StatusInternalServerError, []byte(`{"code":"`+codeSystem+`"}`)
	}
	for k, v := range s.o.Keys.SignMessage(b, s.o.Clock.Now()) {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(b) //nolint:errcheck // the merchant has gone; it will ask again
}
