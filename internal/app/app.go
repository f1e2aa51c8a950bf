package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/api"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/watch"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/job"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/media/rtc"
	"lindu.example/lindu/internal/media/rtmp"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/realtime"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/sms"
	"lindu.example/lindu/internal/tlog/tree"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/site"
)

// gcPercent is how much the heap may grow between two collections.
const gcPercent = 400

// Options are what a configuration file can't hold: the demo world's parts.
type Options struct {
	Log *slog.Logger
	// SMS replaces the configured sender.
	SMS sms.Sender
	// Gateways makes payment gateways for the site at an address, in the order
	// buyers see them.
	Gateways func(baseURL string) ([]payment.Gateway, error)
	// CodeMade takes sign-in codes instead of the SMS sender, and OnScreenCode
	// gives them back to the page: the demo only.
	CodeMade     func(account.Code)
	OnScreenCode func(codeID string) string
	// Demo labels every page and opens /enter.
	Demo bool
	// Extra routes, mounted with the others.
	Extra []edge.Route
}

// App is a running centre.
type App struct {
	cfg     config.Config
	log     *slog.Logger
	started time.Time

	DB    *db.DB
	Vault *vault.Vault
	Store blob.Store
	films blob.Store
	Flow  *flow.Flow
	Site  *site.Site

	hub        *media.Hub
	origin     *hls.Origin
	recorder   *record.Recorder // nil where nothing is recorded
	ingest     *rtmp.Server
	pusher     *push.Pusher // sends shows on to other platforms
	rtc        *rtc.Server  // nil where it is turned off
	rt         *realtime.Hub
	rooms      *room.Cache
	jobs       *job.Queue
	publog     *tree.Log // nil where another process follows
	api        *api.API
	gateways   []string // in the order buyers see them
	web        *http.Server
	ln         net.Listener
	render     edge.ErrorRenderer
	filesWrong atomic.Int64 // kept files that are not what was noted
	begun      sync.Map     // shows whose picture is public, see picture

	ready atomic.Bool
	stop  context.CancelFunc
	done  chan struct{}
	sent  chan struct{} // closed when nothing is looked after to send on
}

// Open opens what a command works on without serving: the database, migrated,
// and the vault.
func Open(ctx context.Context, cfg config.Config) (*db.DB, *vault.Vault, error) {
	v, err := vault.Open(cfg.KeyFile)
	if err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, cfg.DSN(), db.Options{Clock: newClock(), MaxConns: cfg.DBConns})
	if err != nil {
		return nil, nil, err
	}
	if err := Migrate(ctx, d); err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return d, v, nil
}

// Migrate brings our tables and the job queue's to the newest version.
func Migrate(ctx context.Context, d *db.DB) error {
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	if err := job.Migrate(ctx, d); err != nil {
		return err
	}
	if err := promise.LogVersions(ctx, d); err != nil { // the founding promises come with the tables
		return err
	}
	return fund.LogPaid(ctx, d)
}

// New builds a centre and binds its addresses; Start begins to serve.
func New(ctx context.Context, cfg config.Config, o Options) (_ *App, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	a := &App{cfg: cfg, log: o.Log, started: time.Now(), done: make(chan struct{})}
	a.tellUnsealed(cfg.Unsealed...)
	if a.DB, a.Vault, err = Open(ctx, cfg); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.DB.Close())
		}
	}()
	if a.Store, err = blob.NewDir(cfg.Data + "/files"); err != nil {
		return nil, err
	}
	if a.films, err = openFilms(cfg); err != nil {
		return nil, err
	}
	if a.ln, err = net.Listen("tcp", cfg.HTTP); err != nil {
		return nil, fmt.Errorf("the site can't be served at %s (another address: --http): %w", cfg.HTTP, err)
	}
	if cfg.BaseURL == "" {
		a.cfg.BaseURL = baseURL(a.ln.Addr(), cfg.TLS.Cert != "")
	}
	if err = a.buildPlatform(o); err != nil {
		return nil, errors.Join(err, a.ln.Close())
	}
	if err = a.buildFlow(o); err != nil {
		return nil, errors.Join(err, a.ln.Close())
	}
	if err = a.buildEdges(o); err != nil {
		return nil, errors.Join(err, a.ln.Close())
	}
	return a, nil
}

// baseURL is the address of the site as a browser on this machine reaches it.
func baseURL(addr net.Addr, tls bool) string {
	scheme := "http"
	if tls {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func (a *App) buildPlatform(o Options) (err error) {
	a.hub = &media.Hub{Auth: keys{a.DB}, Clock: a.DB.Clock, Log: a.log, MaxStreams: a.cfg.Live.MaxPublishers}
	a.origin = &hls.Origin{Hub: a.hub, Clock: a.DB.Clock, Log: a.log}
	if a.cfg.RTMP != "" {
		a.ingest = &rtmp.Server{Listen: a.cfg.RTMP, Hub: a.hub, Log: a.log}
	}
	a.buildRTC()
	a.rt, err = realtime.New(realtime.Options{Log: a.log, Redis: a.cfg.Redis, MaxConns: a.cfg.Live.MaxSockets, CanJoin: a.canJoin, Origins: trusted(a.cfg.BaseURL)})
	if err != nil {
		return err
	}
	a.jobs = job.New(a.DB, a.log)
	return nil
}

func (a *App) buildFlow(o Options) error {
	a.rooms = room.NewCache(a.DB, a.rt)
	a.Flow = &flow.Flow{
		DB: a.DB, Vault: a.Vault, Log: a.log, Rooms: a.rooms, Media: pictures{a.hub, a.origin}, Jobs: a.jobs,
		Words: review.New(), Store: a.Store, SMS: o.SMS, BaseURL: a.cfg.BaseURL,
		UnpaidFor: a.cfg.Orders.UnpaidFor, FlashUnpaidFor: a.cfg.Orders.FlashUnpaid, MaxUnpaid: a.cfg.Orders.MaxUnpaid, TransferFor: a.transferFor(), ReceivedAfter: a.cfg.Orders.ReceivedAfter, DoneAfter: a.cfg.Orders.DoneAfter,
		ClaimWithin: a.cfg.Orders.ClaimWithin, SinglePerson: a.cfg.Payment.SinglePerson,
		Seller:   flow.Seller{LegalName: a.cfg.Centre.LegalName, LicenceNo: a.cfg.Centre.LicenceNo, FoodLicenceNo: a.cfg.Centre.FoodLicenceNo, FoodLicenceUntil: a.cfg.Centre.FoodLicenceTo, ComplaintPhone: a.cfg.Centre.ComplaintPhone},
		Gifts:    gift.Rules{Licence: a.cfg.Gift.LicenceNo, MaxOne: money.Yuan(a.cfg.Gift.MaxYuan), MaxDay: money.Yuan(a.cfg.Gift.DayYuan)},
		Gateways: map[string]payment.Gateway{}, CodeMade: o.CodeMade,
	}
	if a.Flow.SMS == nil {
		a.Flow.SMS = a.sender()
	}
	gs, err := a.gatewaysOf(a.cfg)
	if err == nil && o.Gateways != nil {
		var more []payment.Gateway
		more, err = o.Gateways(a.cfg.BaseURL)
		gs = append(gs, more...)
	}
	if err != nil {
		return err
	}
	for _, g := range gs {
		if a.Flow.Gateways[g.Name()] == nil {
			a.Flow.Gateways[g.Name()] = g
			a.gateways = append(a.gateways, g.Name())
		}
	}
	a.Flow.Desk = orderdesk.New(a.DB, orderdesk.Options{Queue: a.cfg.Orders.Queue, Group: a.cfg.Orders.Group, Writers: a.cfg.Orders.Writers, Changed: func(products []id.Product) {
		a.Flow.StockTaken(context.Background(), products...)
	}})
	a.Flow.Films, a.Flow.Retention, a.Flow.KeepRehearsals = a.films, retention(a.cfg.Recording), a.cfg.Recording.Rehearsals
	a.Flow.FFmpeg = ffmpeg(a.cfg.Recording.FFmpeg)
	a.buildRecorder()
	a.buildPusher()
	a.hub.Watch(a.streamChanged)
	return nil
}

// transferFor is how long an order waits for a bank transfer, 0 where no
// account for it is configured.
func (a *App) transferFor() time.Duration {
	if a.cfg.Payment.OfflineText == "" {
		return 0
	}
	return a.cfg.Orders.TransferFor
}

// sender is the configured way to send a text.
func (a *App) sender() sms.Sender {
	if a.cfg.SMS.WebhookURL == "" {
		return noSMS{}
	}
	return &sms.Webhook{URL: a.cfg.SMS.WebhookURL, Secret: a.cfg.SMS.WebhookSecret}
}

// noSMS refuses: a centre without a provider must say so and not pretend.
type noSMS struct{}

func (noSMS) Send(context.Context, string, string) error {
	return fault.New(fault.Unavailable, "sms.none")
}

// keys says which show a stream key may publish to.
type keys struct{ db *db.DB }

// Authorize implements media.Auth. The fault's words are what the publisher's
// program shows.
func (k keys) Authorize(ctx context.Context, key string) (string, error) {
	s, err := show.ByKey(ctx, k.db, key)
	if err != nil {
		return "", err // a fault: the ingest puts it into words
	}
	return string(s.ID), nil
}

// canJoin lets anybody listen to a show that is announced, and to another one
// whom its page lets in.
func (a *App) canJoin(ctx context.Context, visitor, room string) error {
	s, err := show.ByID(ctx, a.DB, id.Show(trimRoom(room)))
	if err != nil {
		return err
	}
	if s.Public() {
		return nil
	}
	u, err := account.Users(ctx, a.DB, id.User(visitor))
	if err != nil {
		return err
	}
	if me, ok := u[id.User(visitor)]; ok && me.State == account.Active && rehearses(me.Actor("web"), s) {
		return nil
	}
	return fault.New(fault.NotFound, "fault.not_found")
}

// Start begins to serve and returns at once.
func (a *App) Start() error {
	if os.Getenv("GOGC") == "" {
		// The heap is small and a crowd's garbage is much: with Go's own
		// default the collector takes a fifth of the machine in a flash sale.
		debug.SetGCPercent(gcPercent)
	}
	if err := a.origin.Start(); err != nil {
		return err
	}
	if a.recorder != nil {
		if err := a.recorder.Start(); err != nil {
			return err
		}
	}
	if err := a.hub.Start(); err != nil {
		return err
	}
	if a.ingest != nil {
		if err := a.ingest.Start(); err != nil {
			return fmt.Errorf("RTMP can't be taken at %s (another address: --rtmp): %w", a.cfg.RTMP, err)
		}
		a.Site.RTMPURL = a.rtmpURL()
	}
	if err := a.startRTC(); err != nil {
		return err
	}
	if err := a.openLog(context.Background()); err != nil {
		return err
	}
	a.sweeps()
	if err := a.jobs.Start(context.Background()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.stop = cancel
	go func() {
		defer close(a.done)
		var looks sync.WaitGroup
		looks.Go(func() { a.every(ctx, watch.Every, "alerts", a.Site.Watch.Look) })
		looks.Go(func() { a.every(ctx, overEvery, "shows that are over", a.endedElsewhere) })
		looks.Go(func() { a.every(ctx, askEvery, "who may send a picture", a.hub.Recheck) })
		a.watch(ctx)
		looks.Wait()
	}()
	a.sent = make(chan struct{})
	go func() {
		defer close(a.sent)
		a.sending(ctx)
	}()
	go func() {
		var err error
		if a.cfg.TLS.Cert != "" {
			err = a.web.ServeTLS(a.ln, a.cfg.TLS.Cert, a.cfg.TLS.Key)
		} else {
			err = a.web.Serve(a.ln)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the site stopped", "err", err)
		}
	}()
	a.ready.Store(true)
	a.log.Info("serving", "http", a.cfg.BaseURL, "rtmp", a.RTMPAddr(), "db", a.DB.Dialect)
	return nil
}

// BaseURL is where the site is.
func (a *App) BaseURL() string { return a.cfg.BaseURL }

// RTMPAddr is where pictures are taken, "" if nowhere.
func (a *App) RTMPAddr() string {
	if a.ingest == nil {
		return ""
	}
	return a.ingest.Addr().String()
}

// System is the actor of what the centre does by itself.
var System = actor.System("lindu")

const (
	// closeWithin bounds each step of a graceful stop.
	closeWithin = 15 * time.Second
	// answerWithin is how long requests under way may take then. Whoever still
	// holds on, a request half sent say, is cut: it was never answered.
	answerWithin = 8 * time.Second
)

// Close stops the centre; see the package comment for the order.
func (a *App) Close() error {
	a.ready.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), 2*closeWithin)
	defer cancel()
	var errs []error
	if a.ingest != nil {
		a.ingest.Close()
	}
	if a.rtc != nil {
		a.rtc.Close()
	}
	a.pusher.Close()
	a.hub.Close()
	if a.recorder != nil {
		a.recorder.Close()
	}
	a.origin.Close()
	errs = append(errs, a.rt.Close(ctx))
	step, cancelStep := context.WithTimeout(ctx, answerWithin)
	if err := a.web.Shutdown(step); errors.Is(err, context.DeadlineExceeded) {
		a.log.Info("requests that did not end were cut")
		errs = append(errs, a.web.Close())
	} else {
		errs = append(errs, err)
	}
	cancelStep()
	if a.stop != nil {
		a.stop()
		<-a.done
		<-a.sent
	}
	errs = append(errs, a.Flow.Desk.Close(ctx))
	a.Flow.WaitStock()
	errs = append(errs, a.Flow.WriteClicks(ctx))
	errs = append(errs, a.jobs.Stop(ctx))
	if a.publog != nil {
		errs = append(errs, a.publog.Close(ctx))
	}
	errs = append(errs, a.DB.Close())
	a.log.Info("stopped")
	return errors.Join(errs...)
}
