package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/id"
)

// Serve is the hidden command of the server process. It tells its address in a
// line of JSON, and ends when its standard input does: with its parent.
type Serve struct {
	Noop    bool   `help:"Only the handler that does nothing."`
	Second  bool   `help:"Another server looks after the books."`
	Profile string `help:"Write a CPU profile there."`
}

// ready is the first line a server tells, spent the last.
type (
	ready struct {
		Addr string `json:"addr"`
	}
	spent struct {
		CPU time.Duration `json:"cpu"` // between the two
	}
)

// meet tells the address, waits for the end, and tells the CPU time between.
func meet(ctx context.Context, addr string) error {
	before := usage()
	if err := json.NewEncoder(os.Stdout).Encode(ready{addr}); err != nil {
		return err
	}
	<-ctx.Done()
	return json.NewEncoder(os.Stdout).Encode(spent{usage() - before})
}

// settleWithin bounds the wait for what a server does once it has started.
const settleWithin = 2 * time.Minute

// settle waits until the server has checked the books, as it does at its start
// and then once a minute: a run is too short to hold both fairly.
func settle(ctx context.Context, d *db.DB, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for {
		_, at, ok, err := fsck.LastRecent(ctx, d)
		if err != nil || ok && at.After(since) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("bench: the server did not settle")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Run serves.
func (s *Serve) Run(ctx context.Context, sets Sets) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent
		cancel()
	}()
	if s.Noop {
		return serveNoop(ctx)
	}
	cfg, err := config.Load("", func() []string { return nil }, sets)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, app.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	began := time.Now()
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Close())
	}
	if !s.Second { // one of several servers does what is done once a minute
		err = settle(ctx, a.DB, began)
	}
	if err == nil {
		if s.Profile != "" {
			defer profile(s.Profile)()
		}
		err = meet(ctx, strings.TrimPrefix(a.BaseURL(), "http://"))
	}
	return errors.Join(err, a.Close())
}

// serveNoop answers as many bytes as an order's answer is long: what HTTP and
// JSON alone cost on this machine.
func serveNoop(ctx context.Context) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	answer := map[string]string{"id": id.New[string](), "pad": strings.Repeat("x", 600)}
	srv := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var in struct {
			Show    string `json:"show"`
			Address string `json:"address"`
			Lines   []struct {
				Item  string `json:"item"`
				Units int64  `json:"units"`
				Price int64  `json:"price_fen"`
			} `json:"lines"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(rw).Encode(answer) // the load client may have left
	}), ReadHeaderTimeout: 10 * time.Second}
	go srv.Serve(ln) //nolint:errcheck // ends with Close below
	defer srv.Close()
	return meet(ctx, ln.Addr().String())
}

// profile writes a CPU profile until the function it gives is called.
func profile(path string) func() {
	f, err := os.Create(path)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: no profile:", err)
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}
}
