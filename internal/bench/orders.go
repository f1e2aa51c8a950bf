package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"time"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/flow/fsck"
)

// Orders is `lindu bench orders`: buyers place orders of one hot product
// through the JSON API as fast as they are answered.
type Orders struct {
	JSON    bool          `name:"json" help:"Print one line of JSON."`
	DB      string        `name:"db" help:"postgres://… instead of SQLite; its tables are made there and stay." placeholder:"DSN"`
	Buyers  int           `help:"Buyers at once." default:"64"`
	Seconds time.Duration `name:"for" help:"How long each part runs." default:"5s"`
	Stock   int64         `help:"Units there are." default:"10000000"`
}

// OrdersResult is what it prints. Rates are per second, times milliseconds.
type OrdersResult struct {
	DB             string  `json:"db"`
	Buyers         int     `json:"buyers"`
	NoopPerS       float64 `json:"noop_per_s"` // handler that reads and answers JSON
	DeskPerS       float64 `json:"desk_per_s"` // whole orders, durable
	RatioNoop      float64 `json:"ratio_noop"`
	P50            float64 `json:"p50_ms"`
	P99            float64 `json:"p99_ms"`
	Accepted       int64   `json:"accepted"`
	RefusedFull    int64   `json:"refused_full"`
	RefusedSoldOut int64   `json:"refused_soldout"`
	Failed         int64   `json:"failed"`
	Oversold       int64   `json:"oversold"`
	Fsck           string  `json:"fsck"`
}

// Run measures and prints.
func (o *Orders) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "lindu-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cfg, err := config.Load("", func() []string { return nil }, []string{"http=127.0.0.1:0", "rtmp=", "data=" + dir, "db=" + o.DB})
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Close())
	}
	res, err := o.measure(ctx, a)
	if err := errors.Join(err, a.Close()); err != nil {
		return err
	}
	if o.JSON {
		return json.NewEncoder(os.Stdout).Encode(res)
	}
	fmt.Printf("%s, %d buyers: %.0f orders/s (%.2f of a handler that does nothing: %.0f/s), p50 %.1f ms, p99 %.1f ms\naccepted %d, queue full %d, sold out %d, failed %d, oversold %d, fsck %s\n",
		res.DB, res.Buyers, res.DeskPerS, res.RatioNoop, res.NoopPerS, res.P50, res.P99, res.Accepted, res.RefusedFull, res.RefusedSoldOut, res.Failed, res.Oversold, res.Fsck)
	return nil
}

func (o *Orders) measure(ctx context.Context, a *app.App) (OrdersResult, error) {
	res := OrdersResult{DB: string(a.DB.Dialect), Buyers: o.Buyers}
	w, err := makeWorld(ctx, a, o.Buyers, o.Stock)
	if err != nil {
		return res, err
	}
	noop, err := loadNoop(ctx, w, o.Seconds)
	if err != nil {
		return res, err
	}
	desk := load(ctx, w, a.BaseURL()+"/api/v1/orders", o.Seconds)
	res.NoopPerS, res.DeskPerS = round(noop.perSecond(), 0), round(desk.perSecond(), 0)
	res.RatioNoop = round(desk.perSecond()/max(noop.perSecond(), 1), 3)
	res.P50, res.P99 = round(desk.quantile(0.50), 1), round(desk.quantile(0.99), 1)
	res.Accepted, res.RefusedFull, res.RefusedSoldOut, res.Failed = desk.accepted, desk.full, desk.soldOut, desk.failed

	rep, err := fsck.Run(ctx, a.DB)
	if err != nil {
		return res, err
	}
	res.Fsck = "clean"
	if !rep.Clean() {
		res.Fsck = "findings"
	}
	res.Oversold = max(0, desk.units-o.Stock)
	return res, nil
}

// round keeps the digits that mean something.
func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
