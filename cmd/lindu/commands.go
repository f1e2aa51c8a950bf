package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"lindu.example/lindu/internal/api"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/app/demo"
	"lindu.example/lindu/internal/bench"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/i18n"
)

// addresses that several commands take as flags of their own; one that is not
// given leaves what the configuration says.
type addresses struct {
	HTTP string `name:"http" help:"Address of the site; port 0 picks a free one." placeholder:"ADDR"`
	// A pointer, because an empty one is an answer: no RTMP.
	RTMP *string `name:"rtmp" help:"Address pictures are taken at; an empty one turns RTMP off." placeholder:"ADDR"`
	Data string  `help:"Folder of database, pictures and keys." placeholder:"DIR"`
	DB   string  `name:"db" help:"postgres://… instead of SQLite in the data folder." placeholder:"DSN"`
}

func (a addresses) sets() []string {
	var out []string
	for key, v := range map[string]string{"http": a.HTTP, "data": a.Data, "db": a.DB} {
		if v != "" {
			out = append(out, key+"="+v)
		}
	}
	if a.RTMP != nil {
		out = append(out, "rtmp="+*a.RTMP)
	}
	return out
}

func (c *commands) load(sets ...string) (config.Config, error) {
	return config.Load(c.Config, os.Environ, append(c.Set, sets...))
}

type serveCmd struct{ addresses }

// Run serves until it is told to stop.
func (s *serveCmd) Run(ctx context.Context, c *commands) error {
	cfg, err := c.load(s.sets()...)
	if err != nil {
		return err
	}
	log := app.NewLog(os.Stderr, cfg.Log)
	slog.SetDefault(log)
	a, err := app.New(ctx, cfg, app.Options{Log: log})
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Close())
	}
	<-ctx.Done()
	return a.Close()
}

type demoCmd struct {
	addresses
	QuietBuyers bool `help:"Leave the simulated buyers out."`
	NoPicture   bool `help:"Leave the looping clip out: publish to the show yourself."`
	JSON        bool `name:"json" help:"Print one line of JSON once it serves."`
	Fresh       bool `help:"Throw the demo's data away first."`
}

// Run serves the demo world until it is told to stop.
func (d *demoCmd) Run(ctx context.Context, c *commands) error {
	if d.Data == "" {
		d.Data = "data/demo"
	}
	sets := append([]string{"rtmp=127.0.0.1:1935", "rtc.udp=127.0.0.1:0", "rtc.tcp=127.0.0.1:0", "log.level=warn"}, c.Set...)
	cfg, err := config.Load(c.Config, os.Environ, append(sets, d.sets()...))
	if err != nil {
		return err
	}
	return demo.Run(ctx, cfg, demo.Options{QuietBuyers: d.QuietBuyers, NoPicture: d.NoPicture, JSON: d.JSON, Fresh: d.Fresh, Out: os.Stdout, Log: app.NewLog(os.Stderr, cfg.Log)})
}

type migrateCmd struct{ addresses }

// Run migrates the database.
func (m *migrateCmd) Run(ctx context.Context, c *commands) error {
	cfg, err := c.load(m.sets()...)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, cfg.DSN(), db.Options{MaxConns: cfg.DBConns})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := app.Migrate(ctx, d); err != nil {
		return err
	}
	v, err := d.Version(ctx)
	if err == nil {
		fmt.Printf("schema %d on %s\n", v, d.Dialect)
	}
	return err
}

type fsckCmd struct {
	addresses
	JSON bool   `name:"json" help:"Print the report as JSON."`
	Lang string `help:"Language of the report." enum:"zh-CN,en" default:"en"`
}

// Run checks the books.
func (f *fsckCmd) Run(ctx context.Context, c *commands) error {
	cfg, err := c.load(f.sets()...)
	if err != nil {
		return err
	}
	d, err := existing(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	rep, err := fsck.Run(ctx, d)
	if err != nil {
		return err
	}
	films, err := app.CheckFilms(ctx, cfg, d)
	if err != nil {
		return err
	}
	vouchers, err := app.CheckVouchers(ctx, cfg, d)
	if err != nil {
		return err
	}
	rep.Checks = append(rep.Checks, films, vouchers)
	if f.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(rep); err != nil {
			return err
		}
	} else {
		printReport(rep, i18n.For(i18n.Lang(f.Lang)))
	}
	if !rep.Clean() {
		return errors.New("the records do not agree")
	}
	return nil
}

// existing opens a centre's database to read; it makes nothing.
func existing(ctx context.Context, cfg config.Config) (*db.DB, error) {
	if _, err := os.Stat(cfg.DSN()); cfg.DB == "" && err != nil {
		return nil, fmt.Errorf("there is no centre in %s (another folder: --data): %w", cfg.Data, err)
	}
	d, err := db.Open(ctx, cfg.DSN(), db.Options{MaxConns: cfg.DBConns})
	if err != nil {
		return nil, err
	}
	if v, err := d.Version(ctx); err != nil || v == 0 {
		return nil, errors.Join(errors.New("this database holds no centre yet; 'lindu migrate' or 'lindu serve' makes its tables"), d.Close())
	}
	return d, nil
}

func printReport(rep fsck.Report, p *i18n.Printer) {
	for _, k := range rep.Checks {
		mark := "ok  "
		if len(k.Findings) > 0 {
			mark = "BAD "
		}
		fmt.Printf("%s %-12d %s\n", mark, k.Rows, p.T(k.Name))
		for _, x := range k.Findings {
			fmt.Println("       ", x)
		}
	}
	fmt.Printf("%d checks of %d records in %.1f s: %d findings\n", len(rep.Checks), rep.Rows(), rep.Took.Seconds(), rep.Findings())
}

type benchCmd struct {
	Orders bench.Orders `cmd:"" help:"Orders through the JSON API, beside their peers."`
	Words  bench.Words  `cmd:"" help:"Chat lines against a large word list, beside plain search."`
	Ledger bench.Ledger `cmd:"" help:"Postings beside bare inserts, and the public log."`
	Video  bench.Video  `cmd:"" help:"Viewers of a show's picture, beside a bare file server."`
	Serve  bench.Serve  `cmd:"" hidden:""` // the processes that a run starts
	Load   bench.Load   `cmd:"" hidden:""`

	VideoServe bench.VideoServe `cmd:"" hidden:""`
	VideoLoad  bench.VideoLoad  `cmd:"" hidden:""`
}

type configCmd struct{}

// Run prints the example configuration.
func (configCmd) Run() error {
	_, err := fmt.Print(config.Example())
	return err
}

type openapiCmd struct{}

// Run prints the API's description.
func (openapiCmd) Run() error {
	a := &api.API{}
	a.Routes()
	b, err := a.Spec()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(b)
	return err
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	goVersion := ""
	if b, ok := debug.ReadBuildInfo(); ok {
		goVersion = b.GoVersion
	}
	_, err := fmt.Println("lindu", version, goVersion)
	return err
}
