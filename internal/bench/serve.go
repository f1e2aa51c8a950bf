package bench

import (
	"context"
	"encoding/json"
	"errors"
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
	"lindu.example/lindu/internal/id"
)

// Serve is the hidden command of the server process. It tells its address in a
// line of JSON, and ends when its standard input does: with its parent.
type Serve struct {
	Noop    bool   `help:"Only the handler that does nothing."`
	Profile string `help:"Write a CPU profile there."`
}

type ready struct {
	Addr string `json:"addr"`
}

// Run serves.
func (s *Serve) Run(ctx context.Context, sets Sets) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent
		cancel()
	}()
	if s.Profile != "" {
		f, err := os.Create(s.Profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
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
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Close())
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready{strings.TrimPrefix(a.BaseURL(), "http://")}); err != nil {
		return errors.Join(err, a.Close())
	}
	<-ctx.Done()
	return a.Close()
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
	if err := json.NewEncoder(os.Stdout).Encode(ready{ln.Addr().String()}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
