package app

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"lindu.example/lindu/internal/api"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/realtime"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Limits of the HTTP server.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 2 * time.Minute // a picture over a village's uplink
	writeTimeout      = 2 * time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeader         = 64 << 10
)

func (a *App) buildEdges(o Options) error {
	a.Site = &site.Site{
		Flow: a.Flow, DB: a.DB, Vault: a.Vault, Store: a.Store, RT: a.rt, Rooms: a.rooms, Streams: streams{a.hub, a.recorder},
		Identity: &edge.Identity{DB: a.DB, Secure: a.cfg.Secure(), Proxies: a.cfg.Proxies},
		Log:      a.log, BaseURL: a.cfg.BaseURL, OnScreenCode: o.OnScreenCode,
		Centre:         a.centre(o.Demo),
		OfflineText:    a.cfg.Payment.OfflineText,
		StatementCut:   statement.Cut(a.cfg.Orders.StatementCut),
		CodeLimit:      edge.NewLimiter(10*time.Second, 10),
		ComplaintLimit: edge.NewLimiter(12*time.Minute, 5),
		LikeLimit:      edge.NewLimiter(500*time.Millisecond, 20),
		Recorder:       a.recordStatus,
		Sends:          a.pusher,
		FilmSpace:      a.filmSpace,
		Watch:          a.buildWatch(),
	}
	a.Site.Gateways = a.gateways
	a.Site.FastViewers = a.cfg.RTC.ViewersFirst && a.cfg.RTC.On() && a.cfg.RTC.MaxViewers > 0
	if a.cfg.Payment.OfflineText != "" {
		a.Site.Gateways = append(a.Site.Gateways, "offline")
	}
	a.api = &api.API{Flow: a.Flow, DB: a.DB, Vault: a.Vault, RT: a.rt, Rooms: a.rooms, Stream: a.Site.Streams.State, Log: a.log,
		OnScreenCode: o.OnScreenCode, CodeLimit: a.Site.CodeLimit}
	if err := web.UseAssets(); err != nil {
		return err
	}
	m := newMetrics(a)
	h, err := a.handler(m, append(a.routes(m), o.Extra...))
	if err != nil {
		return err
	}
	a.web = &http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader}
	return nil
}

// rtmpURL is what a host types into OBS; known once the port is bound.
func (a *App) rtmpURL() string {
	if a.cfg.RTMPURL != "" || a.ingest == nil {
		return a.cfg.RTMPURL
	}
	host := "127.0.0.1"
	if u, err := url.Parse(a.cfg.BaseURL); err == nil {
		host = u.Hostname()
	}
	_, port, err := net.SplitHostPort(a.ingest.Addr().String())
	if err != nil {
		return ""
	}
	return "rtmp://" + net.JoinHostPort(host, port) + "/live"
}

func (a *App) centre(demo bool) page.Centre {
	c := a.cfg.Centre
	return page.Centre{Name: c.Name, LegalName: c.LegalName, LicenceNo: c.LicenceNo, FoodLicenceNo: c.FoodLicenceNo,
		ICP: c.ICP, ComplaintPhone: c.ComplaintPhone, Address: c.Address, Demo: demo}
}

// routes is the one table of everything that can be asked of the centre.
func (a *App) routes(m *metrics) []edge.Route {
	own := []edge.Route{
		{Method: "GET", Path: "/healthz", Access: edge.Anyone(), Handle: plain("ok")},
		{Method: "GET", Path: "/readyz", Access: edge.Anyone(), Handle: a.readyz},
		{Method: "GET", Path: "/metrics", Access: edge.Anyone(), Handle: m.serve()},
		{Method: "GET", Path: "/live/", Access: edge.Anyone(), Raw: http.HandlerFunc(a.picture)},
		{Method: "GET", Path: "/rt/websocket", Access: edge.Anyone(), Raw: http.HandlerFunc(a.socket)},
	}
	own = append(own, a.rtcRoutes()...)
	return append(append(own, web.Routes(a.Site)...), a.api.Routes()...)
}

// Routes is the table, for the test that walks it.
func (a *App) Routes() []edge.Route { return a.routes(newMetrics(a)) }

func (a *App) handler(m *metrics, routes []edge.Route) (http.Handler, error) {
	a.render = func(w http.ResponseWriter, r *http.Request, f *fault.Error) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api.RenderFault(w, r, f)
			return
		}
		a.Site.RenderFault(w, r, f)
	}
	mux := http.NewServeMux()
	edge.Mount(mux, a.log, a.render, routes...)
	mux.Handle("/", edge.Guard(edge.Route{Access: edge.Anyone(), Handle: func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "fault.not_found")
	}}, a.log, a.render))

	sameOrigin, err := edge.SameOrigin(a.render, trusted(a.cfg.BaseURL)...)
	if err != nil {
		return nil, err
	}
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ContentTypes([]string{"text/html", "application/json", "application/problem+json", "text/calendar", "application/vnd.apple.mpegurl"}))
	if err != nil {
		return nil, err
	}
	var h http.Handler = m.observe(mux)
	h = edge.LimitBody(func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/pictures") || strings.HasSuffix(r.URL.Path, "/after-sale") || r.URL.Path == "/desk/words/import"
	}, h)
	h = a.Site.Identity.Middleware(sameOrigin(h))
	h = edge.Recover(a.log, a.render, h)
	h = edge.Headers(a.cfg.Secure(), h)
	return rawOrZip(zip(h), h), nil
}

// rawOrZip keeps sockets and media away from compression, which buffers, and
// what a program is answered that has placed an order or paid: it is short.
func rawOrZip(zipped, raw http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/api/") {
			raw.ServeHTTP(w, r)
			return
		}
		for _, p := range []string{"/live/", "/rt/", "/static/", "/media/"} {
			if strings.HasPrefix(r.URL.Path, p) {
				raw.ServeHTTP(w, r)
				return
			}
		}
		zipped.ServeHTTP(w, r)
	})
}

func trusted(base string) []string {
	if base == "" {
		return nil
	}
	return []string{base}
}

func plain(text string) edge.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err := fmt.Fprintln(w, text)
		return err
	}
}

// readyz tells a load balancer whether to send people here.
func (a *App) readyz(w http.ResponseWriter, r *http.Request) error {
	if !a.ready.Load() {
		return fault.New(fault.Unavailable, "fault.stopping").After(5 * time.Second)
	}
	if err := a.DB.Ping(r.Context()); err != nil {
		return fault.New(fault.Unavailable, "fault.stopping").Because(err)
	}
	return plain("ready")(w, r)
}

// socket opens the realtime connection of whoever asks.
func (a *App) socket(w http.ResponseWriter, r *http.Request) {
	a.rt.Handler().ServeHTTP(w, r.WithContext(realtime.WithVisitor(r.Context(), edge.Who(r).Name)))
}
