package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"

	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
	"lindu.example/lindu/internal/media/rtc"
	"lindu.example/lindu/internal/web/static"
)

// glassPage draws the time into a picture, publishes it by WHIP, watches it by
// WHEP, LL-HLS and HLS, reads the time back and posts how old it was.
//
//go:embed video_glass.html
var glassPage []byte

// glassWithin bounds the whole of it.
const glassWithin = 90 * time.Second

// ages are what the page posts: milliseconds from glass to glass, by path.
type ages struct {
	Whep  []float64 `json:"whep"`
	Low   []float64 `json:"low"`
	Plain []float64 `json:"plain"`
	Wrong string    `json:"wrong"`
}

// glass measures with a browser, and says in the lines why it could not.
func (v *Video) glass(ctx context.Context, out []VideoResult) {
	a, err := v.measureGlass(ctx)
	if err == nil && a.Wrong != "" {
		err = errors.New(a.Wrong)
	}
	for i := range out {
		list := map[string][]float64{"whep": a.Whep, "ll-hls": a.Low, "hls": a.Plain}[out[i].Path]
		if len(list) == 0 {
			out[i].note = fmt.Sprintf("no glass to glass: %v", err)
			continue
		}
		slices.Sort(list)
		out[i].Glass = new(float64)
		*out[i].Glass = round(list[len(list)/2], 0)
	}
}

func (v *Video) measureGlass(ctx context.Context) (a ages, err error) {
	name := v.Chromium
	if name == "" {
		name = "chromium"
	}
	browser, err := exec.LookPath(name)
	if err != nil {
		return a, errors.New("no chromium on this machine (--chromium)")
	}
	ctx, cancel := context.WithTimeout(ctx, glassWithin)
	defer cancel()
	quiet := slog.New(slog.DiscardHandler)
	hub := &media.Hub{Auth: nobody{}, Log: quiet}
	origin := &hls.Origin{Hub: hub, Log: quiet}
	srv := &rtc.Server{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Hub: hub, Log: quiet}
	if err := errors.Join(origin.Start(), hub.Start()); err != nil {
		return a, err
	}
	defer origin.Close()
	defer hub.Close()
	if err := srv.Start(); err != nil {
		return a, err
	}
	defer srv.Close()
	got := make(chan ages, 1)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return a, err
	}
	web := &http.Server{Handler: glassRoutes(origin, srv, got), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(ln) }()
	defer web.Close()
	dir, err := os.MkdirTemp("", "lindu-bench-")
	if err != nil {
		return a, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns",
		"--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
		"--user-data-dir="+dir, "http://"+ln.Addr().String()+"/")
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return a, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	select {
	case a = <-got:
		return a, nil
	case <-ctx.Done():
		return a, errors.New("the browser did not answer in time")
	}
}

// glassRoutes are what the page needs of the product.
func glassRoutes(origin http.Handler, srv *rtc.Server, got chan<- ages) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(glassPage)
	})
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static.Files)))
	mux.Handle("/live/", origin)
	session := func(at string, do func(context.Context, rtc.Offer) (rtc.Answer, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, rtc.MaxOffer))
			var ans rtc.Answer
			if err == nil {
				ans, err = do(r.Context(), rtc.Offer{Stream: videoStream, SDP: string(b), Remote: "bench", By: at, Staff: true})
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", "application/sdp")
			w.Header().Set("Location", at+"/"+ans.Session)
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, ans.SDP)
		}
	}
	mux.Handle("POST /whip", session("/whip", srv.Publish))
	mux.Handle("POST /whep", session("/whep", srv.Watch))
	for _, at := range []string{"/whip", "/whep"} {
		mux.HandleFunc("DELETE "+at+"/{session}", func(w http.ResponseWriter, r *http.Request) { srv.Leave(r.PathValue("session")) })
	}
	mux.HandleFunc("POST /ages", func(w http.ResponseWriter, r *http.Request) {
		var a ages
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&a); err != nil {
			a.Wrong = err.Error()
		}
		select {
		case got <- a:
		default:
		}
	})
	return mux
}
