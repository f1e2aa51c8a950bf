package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"lindu.example/lindu/client"
	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/app/demo/art"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/sandbox"
	"lindu.example/lindu/internal/show"
)

// Options of Run.
type Options struct {
	QuietBuyers bool // leave the simulated buyers out
	NoPicture   bool // leave the looping clip out
	JSON        bool // print one line of JSON once it serves
	Fresh       bool // throw the demo's data away first
	Out         io.Writer
	Log         *slog.Logger
}

// Serving is the line of JSON that Run prints.
type Serving struct {
	HTTP  string            `json:"http"`
	RTMP  string            `json:"rtmp"`
	Links map[string]string `json:"links"` // by role: signs in
	Show  ServingShow       `json:"show"`
}

// ServingShow is the running show.
type ServingShow struct {
	ID        id.Show `json:"id"`
	Page      string  `json:"page"`
	HLS       string  `json:"hls"`
	StreamKey string  `json:"stream_key"`
}

// world is everything that runs for a demo.
type world struct {
	o       Options
	a       *app.App
	built   *builder
	bank    *sandbox.Server
	bankWeb *http.Server
	played  *providers
	clips   []*loop.Publisher
	codes   sync.Map // sign-in codes by their id
	stop    context.CancelFunc
	wg      sync.WaitGroup
}

// Run serves the demo world until ctx ends.
func Run(ctx context.Context, cfg config.Config, o Options) error {
	if o.Fresh {
		if err := forget(cfg.Data); err != nil {
			return err
		}
	}
	brand(&cfg)
	w := &world{o: o}
	if err := w.start(ctx, cfg); err != nil {
		return errors.Join(err, w.close())
	}
	said, err := w.announce(ctx)
	if err != nil {
		return errors.Join(err, w.close())
	}
	if err := w.enliven(ctx, said); err != nil {
		return errors.Join(err, w.close())
	}
	if err := w.tell(said); err != nil {
		return errors.Join(err, w.close())
	}
	<-ctx.Done()
	return w.close()
}

// marker tells a demo's data folder from one that holds real people's orders.
const marker = "this-is-a-demo"

// forget throws a demo's data away, and nothing else.
func forget(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, marker)); errors.Is(err, os.ErrNotExist) {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			return fmt.Errorf("%s is no demo's data folder; it stays as it is", dir)
		}
		return nil
	}
	return os.RemoveAll(dir)
}

// brand gives the demo its names, where nobody has configured any.
func brand(cfg *config.Config) {
	d := config.Default().Centre
	if cfg.Centre != d {
		return
	}
	cfg.Centre = config.Centre{Name: "林都好货", LegalName: "林都县电子商务公共服务中心（演示）", LicenceNo: "91230700DEMO00001X",
		FoodLicenceNo: "JY0000000000DEMO", FoodLicenceTo: "2035-12-31", ICP: "演示 ICP 备 00000000 号", ComplaintPhone: "0000-12315", Address: "林都县演示路 1 号"}
	if cfg.Gift.LicenceNo == "" {
		cfg.Gift.LicenceNo = "演示网文（0000）0000-000 号"
	}
	if cfg.Payment.OfflineText == "" {
		cfg.Payment.OfflineText = "户名：林都县电子商务公共服务中心（演示）\n开户行：演示银行林都支行\n账号：0000 0000 0000 0000\n转账时请写上订单号。这是演示，请不要真的转账。"
	}
}

func (w *world) start(ctx context.Context, cfg config.Config) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(cfg.Data, marker), []byte("lindu demo --fresh throws this folder away\n"), 0o600); err != nil {
		return err
	}
	bankURL, keys, err := w.openBank(cfg)
	if err != nil {
		return err
	}
	o := app.Options{Log: w.o.Log, Demo: true,
		CodeMade:     func(c account.Code) { w.codes.Store(c.ID, c.Plain) },
		OnScreenCode: w.code,
		Extra:        []edge.Route{proxyRoute("/sandbox", func() string { return bankURL }), proxyRoute("/paysim", w.playedURL)},
		Gateways: func(base string) ([]payment.Gateway, error) {
			g, err := sandbox.NewGateway(sandbox.GatewayOptions{Keys: keys.ForMerchant(), API: bankURL, Pages: "/sandbox", Notify: base + "/pay/callback/" + sandbox.Name})
			if err != nil {
				return nil, err
			}
			if w.played, err = openProviders(cfg, base, w.o); err != nil {
				return nil, err
			}
			more, err := w.played.gateways(base)
			return append([]payment.Gateway{g}, more...), err
		}}
	if w.a, err = app.New(ctx, cfg, o); err != nil {
		return err
	}
	w.built = newBuilder(ctx, w.a)
	if err := w.built.build(); err != nil {
		return err
	}
	return w.a.Start()
}

func (w *world) code(codeID string) string {
	v, _ := w.codes.Load(codeID)
	s, _ := v.(string)
	return s
}

// openBank starts the payment provider as a server of its own.
func (w *world) openBank(cfg config.Config) (string, sandbox.Keys, error) {
	keys, err := sandbox.OpenKeys(filepath.Join(cfg.Data, "sandbox", "keys.json"))
	if err != nil {
		return "", keys, err
	}
	w.bank, err = sandbox.NewServer(sandbox.ServerOptions{Keys: keys.ForProvider(), File: filepath.Join(cfg.Data, "sandbox", "payments.jsonl"), Log: w.o.Log})
	if err != nil {
		return "", keys, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", keys, err
	}
	w.bankWeb = &http.Server{Handler: w.bank, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	go func() {
		if err := w.bankWeb.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			w.o.Log.Error("the sandbox stopped", "err", err)
		}
	}()
	return "http://" + ln.Addr().String(), keys, nil
}

// playedURL is where the played providers are, "" before they are started.
func (w *world) playedURL() string {
	if w.played == nil {
		return ""
	}
	return w.played.url
}

// announce makes a sign-in link for each role and a key for the running show.
func (w *world) announce(ctx context.Context) (Serving, error) {
	sid := w.built.shows["now"]
	s := Serving{HTTP: w.a.BaseURL(), RTMP: "rtmp://" + w.a.RTMPAddr() + "/live", Links: map[string]string{},
		Show: ServingShow{ID: sid, Page: w.a.BaseURL() + "/room/" + string(sid), HLS: w.a.BaseURL() + "/live/" + string(sid) + "/index.m3u8"}}
	start := map[string]string{"buyer": "/room/" + string(sid), "host": "/studio", "producer": "/farm"}
	err := w.a.DB.Update(ctx, func(tx *db.Tx) error {
		for _, p := range people[:visitors] {
			token, err := account.OpenSession(ctx, tx, w.built.users[p.key].ID, account.Web, "demo link", "")
			if err != nil {
				return err
			}
			next := start[p.key]
			if next == "" {
				next = "/desk"
			}
			if p.key == "teacher" {
				next = "/"
			}
			s.Links[p.key] = w.a.BaseURL() + "/enter?token=" + token + "&next=" + url.QueryEscape(next)
		}
		var err error
		s.Show.StreamKey, err = show.NewKey(ctx, tx, w.a.Vault, system, sid)
		return err
	})
	return s, err
}

// enliven starts the picture, the operator and the buyers.
func (w *world) enliven(ctx context.Context, s Serving) error {
	ctx, w.stop = context.WithCancel(ctx)
	if !w.o.NoPicture {
		if err := w.publish(ctx, s); err != nil {
			return err
		}
	}
	if w.o.QuietBuyers {
		return nil
	}
	token, err := w.operator(ctx)
	if err != nil {
		return err
	}
	p := &pilot{a: w.a, c: client.New(s.HTTP, token, nil), show: string(s.Show.ID), log: w.o.Log}
	w.wg.Go(func() { p.run(ctx) })
	other := &pilot{a: w.a, c: p.c, show: string(w.built.shows["second"]), log: w.o.Log, pinsOnly: true}
	w.wg.Go(func() { other.run(ctx) })
	crowd := &buyers{a: w.a, base: s.HTTP, show: string(s.Show.ID), log: w.o.Log, pay: payAt(s.HTTP)}
	cs, err := crowd.enlist(ctx)
	if err != nil {
		return err
	}
	second := *crowd // some are in the other room
	second.show = string(w.built.shows["second"])
	for i, c := range cs {
		in := crowd
		if i < inSecond {
			in = &second
		}
		w.wg.Go(func() { in.run(ctx, c) })
	}
	return nil
}

// publish sends the clip through the real RTMP port, as a host's OBS does, into
// both shows that run.
func (w *world) publish(ctx context.Context, s Serving) error {
	raw, err := art.Clip()
	if err != nil {
		return err
	}
	var second string
	err = w.a.DB.Update(ctx, func(tx *db.Tx) (err error) {
		second, err = show.NewKey(ctx, tx, w.a.Vault, system, w.built.shows["second"])
		return err
	})
	if err != nil {
		return err
	}
	for _, key := range []string{s.Show.StreamKey, second} {
		clip, err := loop.Parse(bytes.NewReader(raw), int64(len(raw))) // a clip is read by one publisher
		if err != nil {
			return err
		}
		p := &loop.Publisher{URL: s.RTMP + "/" + key, Clip: clip, Log: w.o.Log}
		if err := p.Start(); err != nil {
			return err
		}
		w.clips = append(w.clips, p)
	}
	return nil
}

func (w *world) operator(ctx context.Context) (token string, err error) {
	err = w.a.DB.Update(ctx, func(tx *db.Tx) (err error) {
		token, err = account.OpenSession(ctx, tx, w.built.users["operator"].ID, account.API, "demo operator", "")
		return err
	})
	return token, err
}

// payAt presses "pay" on the provider's page, as a person's browser does.
func payAt(base string) func(ctx context.Context, payURL string) error {
	hc := &http.Client{Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context, payURL string) error {
		u, err := url.Parse(base)
		if err != nil {
			return err
		}
		if u, err = u.Parse(payURL); err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader([]byte("do=pay")))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := hc.Do(req)
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode >= 400 {
			return fmt.Errorf("the sandbox answered %d", res.StatusCode)
		}
		return nil
	}
}

func (w *world) tell(s Serving) error {
	if w.o.JSON {
		e := json.NewEncoder(w.o.Out)
		e.SetEscapeHTML(false) // links are to be copied as they stand
		return e.Encode(s)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n  林都 Lindu — 演示中 · demo\n\n  %s\n\n", s.HTTP)
	fmt.Fprintf(&b, "  直播间 · live room   %s\n  推流 · OBS server    %s\n  推流码 · stream key  %s\n\n  登录链接 · sign in as\n", s.Show.Page, s.RTMP, s.Show.StreamKey)
	for _, p := range people[:visitors] {
		fmt.Fprintf(&b, "    %-10s %s\n", p.key, s.Links[p.key])
	}
	fmt.Fprintf(&b, "\n  Ctrl-C 结束 · ends it\n\n")
	_, err := w.o.Out.Write(b.Bytes())
	return err
}

func (w *world) close() error {
	if w.stop != nil {
		w.stop()
	}
	for _, c := range w.clips {
		c.Close()
	}
	w.wg.Wait()
	var errs []error
	if w.a != nil {
		errs = append(errs, w.a.Close())
	}
	errs = append(errs, w.played.close())
	if w.bankWeb != nil {
		errs = append(errs, w.bankWeb.Close())
	}
	if w.bank != nil {
		errs = append(errs, w.bank.Close())
	}
	return errors.Join(errs...)
}
