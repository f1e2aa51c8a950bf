package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"lindu.example/lindu/internal/id"
)

// figures of one part of a run.
type figures struct {
	took                            time.Duration
	accepted, full, soldOut, failed int64
	units                           int64
	ms                              []float64 // of the accepted ones
}

func (f figures) perSecond() float64 { return float64(f.accepted) / f.took.Seconds() }

func (f figures) quantile(q float64) float64 {
	if len(f.ms) == 0 {
		return 0
	}
	return f.ms[min(len(f.ms)-1, int(q*float64(len(f.ms))))]
}

// load has every buyer place orders one after the other, for d.
func load(ctx context.Context, w world, url string, d time.Duration) figures {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	hc := &http.Client{Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: len(w.buyers), DisableCompression: true}}
	defer hc.CloseIdleConnections()
	parts := make([]figures, len(w.buyers))
	var wg sync.WaitGroup
	start := time.Now()
	for i, b := range w.buyers {
		wg.Go(func() {
			body := fmt.Sprintf(`{"show":%q,"address":%q,"lines":[{"item":%q,"units":1,"price_fen":%d}]}`, w.show, b.address, w.item, w.price)
			for ctx.Err() == nil {
				parts[i].one(ctx, hc, url, b.token, body)
			}
		})
	}
	wg.Wait()
	all := figures{took: time.Since(start)}
	for _, p := range parts {
		all.accepted += p.accepted
		all.full += p.full
		all.soldOut += p.soldOut
		all.failed += p.failed
		all.units += p.units
		all.ms = append(all.ms, p.ms...)
	}
	slices.Sort(all.ms)
	return all
}

func (f *figures) one(ctx context.Context, hc *http.Client, url, token, body string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader([]byte(body)))
	if err != nil {
		f.failed++
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", id.New[string]())
	start := time.Now()
	res, err := hc.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			f.failed++
		}
		return
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	switch {
	case err != nil && ctx.Err() != nil:
	case res.StatusCode == http.StatusCreated:
		f.accepted++
		f.units++
		f.ms = append(f.ms, float64(time.Since(start).Microseconds())/1000)
	case res.StatusCode == http.StatusTooManyRequests:
		f.full++
	case bytes.Contains(b, []byte("order.sold_out")):
		f.soldOut++
	default:
		f.failed++
	}
}

// loadNoop measures a handler that reads the same JSON and answers as much as
// an order's answer is long: what HTTP alone costs on this machine.
func loadNoop(ctx context.Context, w world, d time.Duration) (figures, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return figures{}, err
	}
	answer := map[string]string{"id": id.New[string](), "pad": string(bytes.Repeat([]byte("x"), 600))}
	srv := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var in map[string]any
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
	return load(ctx, w, "http://"+ln.Addr().String()+"/", d), nil
}
