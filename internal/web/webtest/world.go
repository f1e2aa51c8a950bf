package webtest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/job"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Start is the fake present of a new World: an evening in the berry season.
var Start = time.Date(2026, 9, 11, 19, 30, 0, 0, clock.Shanghai)

// World is a small centre for one test.
type World struct {
	Site    *site.Site
	Flow    *flow.Flow
	DB      *db.DB
	Vault   *vault.Vault
	Clock   *clock.Fake
	SMS     *Texts
	Gateway *Gateway
	Routes  []edge.Route // what was mounted, for tests that walk them

	t      testing.TB
	server *httptest.Server
	people int
}

// New makes a centre with the routes of the audiences under test.
func New(t testing.TB, audiences ...func(*site.Site) []edge.Route) *World {
	t.Helper()
	w := &World{t: t, Clock: clock.NewFake(Start), SMS: &Texts{}, Gateway: &Gateway{}}
	w.openDB()
	w.buildFlow()
	rooms := room.NewCache(w.DB, w.Flow.Rooms)
	w.Flow.Rooms = rooms
	w.Site = &site.Site{
		Flow: w.Flow, Rooms: rooms, DB: w.DB, Vault: w.Vault, Store: w.Flow.Store, Streams: noStreams{},
		Identity: &edge.Identity{DB: w.DB}, Log: w.Flow.Log,
		Centre: page.Centre{Name: "Lindu", LegalName: "Lindu Test County Centre", LicenceNo: "91230000TEST", ComplaintPhone: "12315"},
	}
	w.Site.Gateways = []string{w.Gateway.Name()}
	w.Site.StatementCut = statement.HalfMonth
	for _, routes := range audiences {
		w.Routes = append(w.Routes, routes(w.Site)...)
	}
	w.serve()
	return w
}

func (w *World) openDB() {
	d, err := db.Open(context.Background(), filepath.Join(w.t.TempDir(), "t.db"), db.Options{Clock: w.Clock, MaxConns: 4})
	w.must(err)
	w.t.Cleanup(func() { d.Close() })
	_, err = d.Migrate(context.Background())
	w.must(err)
	w.must(job.Migrate(context.Background(), d))
	w.DB = d
	w.Vault, err = vault.New(make([]byte, vault.KeySize))
	w.must(err)
}

func (w *World) buildFlow() {
	store, err := blob.NewDir(w.t.TempDir())
	w.must(err)
	w.Flow = &flow.Flow{
		DB: w.DB, Vault: w.Vault, Log: slog.New(slog.NewTextHandler(w.t.Output(), nil)),
		Gateways: map[string]payment.Gateway{w.Gateway.Name(): w.Gateway}, Rooms: silent{}, Words: review.Default(), Store: store, Films: store, SMS: w.SMS,
		Seller:    flow.Seller{LegalName: "Lindu Test County Centre", LicenceNo: "91230000TEST", ComplaintPhone: "12315"},
		UnpaidFor: 15 * time.Minute, TransferFor: 24 * time.Hour, ReceivedAfter: 15 * 24 * time.Hour, DoneAfter: 7 * 24 * time.Hour,
	}
	w.Flow.Desk = orderdesk.New(w.DB, orderdesk.Options{})
	w.t.Cleanup(func() {
		if err := w.Flow.Desk.Close(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
}

// serve puts the same chain before the routes as the server does, compression
// apart.
func (w *World) serve() {
	mux := http.NewServeMux()
	edge.Mount(mux, w.Site.Log, w.Site.RenderFault, w.Routes...)
	mux.Handle("/", edge.Guard(edge.Route{Access: edge.Anyone(), Handle: func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "fault.not_found")
	}}, w.Site.Log, w.Site.RenderFault))
	sameOrigin, err := edge.SameOrigin(w.Site.RenderFault)
	w.must(err)
	var h http.Handler = edge.LimitBody(func(*http.Request) bool { return false }, mux)
	h = w.Site.Identity.Middleware(sameOrigin(h))
	h = edge.Recover(w.Site.Log, w.Site.RenderFault, h)
	w.server = httptest.NewServer(edge.Headers(false, h))
	w.t.Cleanup(w.server.Close)
	w.Site.BaseURL, w.Flow.BaseURL = w.server.URL, w.server.URL
}

// URL is the address of the site.
func (w *World) URL() string { return w.server.URL }

// Update runs a change of the test's own.
func (w *World) Update(fn func(tx *db.Tx) error) {
	w.t.Helper()
	w.must(w.DB.Update(context.Background(), fn))
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// Person makes a user with roles and a browser they are signed in with.
func (w *World) Person(name string, roles ...actor.Role) *Client {
	w.t.Helper()
	w.people++
	var u account.User
	w.Update(func(tx *db.Tx) (err error) {
		u, err = account.Create(context.Background(), tx, w.Vault, System, fmt.Sprintf("138%08d", w.people), name, roles...)
		return err
	})
	return w.As(u.ID)
}

// As is a fresh browser signed in as a user.
func (w *World) As(u id.User) *Client {
	w.t.Helper()
	ctx := context.Background()
	c := w.Visitor()
	w.Update(func(tx *db.Tx) (err error) {
		c.Token, err = account.OpenSession(ctx, tx, u, "web", "webtest", "127.0.0.1")
		return err
	})
	users, err := account.Users(ctx, w.DB, u)
	w.must(err)
	c.User = users[u]
	c.SetCookie("lindu", c.Token)
	return c
}

// System is the actor of what a test sets up.
var System = actor.System("webtest")

// silent is a room nobody listens to.
type silent struct{}

func (silent) Publish(string, string, any) {}

// noStreams is a media hub without a picture.
type noStreams struct{}

func (noStreams) State(string) string                         { return "idle" }
func (noStreams) Health(string) (h site.StreamHealth, _ bool) { return h, false }
