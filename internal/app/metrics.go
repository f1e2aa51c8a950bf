package app

import (
	"bufio"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
)

// metrics of the process. Labels are route patterns and outcomes, never shows
// or people: their number must not grow with use.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(a *App) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lindu_http_request_seconds", Help: "Time to answer a request, by route and status.",
			Buckets: []float64{.001, .005, .02, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
	}
	gauge := func(name, help string, fn func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, fn)
	}
	m.registry.MustRegister(m.requests,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("lindu_rtc_publishers", "Browsers and phones that send a picture now.", func() float64 { return float64(a.rtcStats().Publishers) }),
		gauge("lindu_rtc_viewers", "Viewers without delay now, staff apart.", func() float64 { return float64(a.rtcStats().Viewers) }),
		gauge("lindu_streams_live", "Pictures that move now.", func() float64 { return float64(a.liveStreams()) }),
		books{a.DB},
		moneyWaits{a.DB},
		records{a},
		links{a},
	)
	return m
}

// statusWriter remembers the status for logs and metrics and stays out of the
// way of sockets and flushes (http.ResponseController unwraps it).
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(s int) {
	if w.status == 0 {
		w.status = s
	}
	w.ResponseWriter.WriteHeader(s)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Hijack hands the connection to a socket's handler.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.status = http.StatusSwitchingProtocols
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Flush sends what is written so far.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap gives http.ResponseController the writer below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observe times requests by route pattern.
func (m *metrics) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sw := &statusWriter{ResponseWriter: w}
		start := time.Now()
		defer func() {
			route := r.Pattern
			if route == "" {
				route = "none"
			}
			m.requests.WithLabelValues(route, strconv.Itoa(sw.status)).Observe(time.Since(start).Seconds())
		}()
		next.ServeHTTP(sw, r)
	})
}

// serve answers /metrics to this machine only: figures of a shop are nobody
// else's business. A scraper elsewhere comes through a tunnel.
func (m *metrics) serve() edge.Handler {
	h := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return func(w http.ResponseWriter, r *http.Request) error {
		if !fromHere(r) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		h.ServeHTTP(w, r)
		return nil
	}
}

// fromHere tells whether a program of this machine asks, not somebody behind a
// proxy on it: that one passes on the public name, or says for whom it asks.
func fromHere(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	to, _ := netip.ParseAddr(strings.Trim(host, "[]")) // the zero address is no loopback
	return err == nil && from.Addr().Unmap().IsLoopback() && (host == "localhost" || to.IsLoopback())
}
