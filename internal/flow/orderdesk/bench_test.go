package orderdesk_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// BenchmarkDesk places whole orders of one item by 256 callers, without HTTP.
// It reports orders a second and transactions; `lindu bench orders` measures
// the way through HTTP.
func BenchmarkDesk(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, group := range []int{1, orderdesk.DefaultGroup} {
			b.Run(fmt.Sprint(kind, "/group=", group), func(b *testing.B) {
				dsn := filepath.Join(b.TempDir(), "bench.db")
				if kind == "postgres" {
					dsn = dbtest.Postgres(b)
				}
				d, err := db.Open(context.Background(), dsn, db.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { d.Close() })
				if _, err := d.Migrate(context.Background()); err != nil {
					b.Fatal(err)
				}
				benchDesk(b, d, group)
			})
		}
	}
}

func benchDesk(b *testing.B, d *db.DB, group int) {
	s := shoptest.New(b, d)
	p := s.Product(1000)
	s.Lot(p, s.Farm, 1_000_000_000)
	item := s.Item(p, 900)
	k := orderdesk.New(d, orderdesk.Options{Group: group, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 256 {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				if _, err := k.Place(context.Background(), request(id.User(fmt.Sprint("u", n)), fmt.Sprint("key-", n), order.Line{Item: item, Units: 1, Price: 900})); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	b.ReportMetric(float64(k.Stats().Groups), "groups")
	if err := k.Close(context.Background()); err != nil {
		b.Error(err)
	}
	start := time.Now()
	rep, err := fsck.Run(context.Background(), d)
	if err != nil || !rep.Clean() {
		b.Errorf("%+v, %v", rep, err)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "checked/s")
}
