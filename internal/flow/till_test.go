package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/job"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/sandbox"
)

// till is a shop with a real payment provider behind it, over HTTP both ways.
type till struct {
	*testing.T
	*shoptest.Shop
	*flow.Flow
	DB       *db.DB
	keys     sandbox.Keys
	now      *clock.Fake
	provider *sandbox.Server
	callback string // our address for callbacks
	item     id.Item
	lot      id.Lot
}

const (
	price   = money.Fen(2990)
	stocked = 100              // units in the lot
	enough  = 20 * time.Second // to wait for what happens by itself; only a failure takes it
	kept    = 15 * time.Minute // an order waits for its payment
	aDay    = 24 * time.Hour   // about
	late    = 3 * aDay         // a callback, three days late
	arrives = 15 * aDay        // a parcel, by itself
	settles = 7 * aDay         // the after-sale window
)

// eachTill runs fn on every database.
func eachTill(t *testing.T, fn func(b *till)) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) { fn(newTill(t, d)) })
}

func newTill(t *testing.T, d *db.DB) *till {
	t.Helper()
	b := &till{T: t, Shop: shoptest.New(t, d), DB: d, now: d.Clock.(*clock.Fake)}
	berries := b.Product(price)
	b.lot = b.Lot(berries, b.Farm, stocked)
	b.item = b.Item(berries, price)
	var err error
	if b.keys, err = sandbox.NewKeys(); err != nil {
		t.Fatal(err)
	}
	b.provider, err = sandbox.NewServer(sandbox.ServerOptions{Keys: b.keys.ForProvider(), Clock: b.now, Backoff: []time.Duration{0, 10 * time.Millisecond, 100 * time.Millisecond, time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	pages := httptest.NewServer(b.provider)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pay/callback/{gateway}", func(w http.ResponseWriter, r *http.Request) {
		b.HandleCallback(r.Context(), r.PathValue("gateway"), w, r)
	})
	shop := httptest.NewServer(mux)
	b.callback = shop.URL + "/pay/callback/sandbox"
	g, err := sandbox.NewGateway(sandbox.GatewayOptions{Keys: b.keys.ForMerchant(), API: pages.URL, Notify: b.callback, Clock: b.now})
	if err != nil {
		t.Fatal(err)
	}
	b.Flow = &flow.Flow{DB: d, Vault: b.Shop.Vault, Log: slog.New(slog.DiscardHandler), Desk: orderdesk.New(d, orderdesk.Options{}),
		Gateways: map[string]payment.Gateway{g.Name(): g}, UnpaidFor: kept, ReceivedAfter: arrives, DoneAfter: settles, BaseURL: "https://shop.example"}
	t.Cleanup(func() {
		b.books()
		if err := b.provider.Close(); err != nil {
			t.Error(err)
		}
		shop.Close()
		pages.Close()
		if err := b.Desk.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return b
}

// books checks every invariant at the end of every test.
func (b *till) books() {
	b.Helper()
	rep, err := fsck.Run(context.Background(), b.DB)
	if err != nil {
		b.Error(err)
	}
	for _, c := range rep.Checks {
		for _, f := range c.Findings {
			b.Errorf("fsck %s: %s", c.Name, f)
		}
	}
}

// order places an order of units by a new buyer.
func (b *till) order(units int64) (actor.Actor, order.Order) {
	b.Helper()
	who, at := b.Buyer()
	o, err := b.PlaceOrder(b.Context(), who, flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Item: b.item, Units: units, Price: price}}})
	if err != nil {
		b.Fatal(err)
	}
	return who, o
}

func (b *till) start(who actor.Actor, o order.Order) payment.Payment {
	b.Helper()
	p, err := b.StartPayment(b.Context(), who, o.ID, "sandbox")
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// press presses a button of the provider's page.
func (b *till) press(p payment.Payment, do string) {
	b.Helper()
	res, err := http.PostForm(p.PayURL, url.Values{"do": {do}})
	if err != nil {
		b.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b.Fatalf("%s: status %d", do, res.StatusCode)
	}
}

// tell sends a callback made by the test and gives the status of the answer.
func (b *till) tell(e sandbox.Event, spoil func(h http.Header, body []byte) []byte) int {
	body, err := json.Marshal(e)
	if err != nil {
		b.Error(err)
	}
	h := b.keys.SignMessage(body, b.now.Now())
	if spoil != nil {
		body = spoil(h, body)
	}
	r, err := http.NewRequest("POST", b.callback, bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return 0
	}
	r.Header = h
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func (b *till) event(p payment.Payment) sandbox.Event {
	return sandbox.PaidEvent(id.New[string](), b.keys.Merchant, p.ID, p.Amount, "SBX-"+string(p.ID), b.now.Now())
}

func (b *till) read(o order.Order) order.Order {
	b.Helper()
	x, err := order.ByID(context.Background(), b.DB, o.ID)
	if err != nil {
		b.Fatal(err)
	}
	return x
}

// until waits for what happens by itself.
func (b *till) until(what string, is func() bool) {
	b.Helper()
	for end := time.Now().Add(enough); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	b.Fatal("never came: " + what)
}

func (b *till) balance(path string, want money.Fen) {
	b.Helper()
	got, err := ledger.Balance(context.Background(), b.DB, path)
	if err != nil || got != want {
		b.Errorf("%s is %d, want %d (%v)", path, got, want, err)
	}
}

func (b *till) count(query string, args ...any) (n int64) {
	b.Helper()
	if err := b.DB.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *till) wantKey(err error, key string) {
	b.Helper()
	if !fault.HasKey(err, key) {
		b.Errorf("%v, want %s", err, key)
	}
}

// owed is what the farm is owed for orders paid.
func (b *till) owed(want money.Fen) {
	b.Helper()
	b.balance("producer/local/"+string(b.Farm)+"/owed", -want)
}

// startJobs runs the sweeps that are kicked, as the centre does.
func (b *till) startJobs() {
	b.Helper()
	if err := job.Migrate(b.Context(), b.DB); err != nil {
		b.Fatal(err)
	}
	b.Jobs = job.New(b.DB, slog.New(slog.DiscardHandler))
	b.Jobs.Handle(flow.SweepRefunds, func(ctx context.Context) error { _, err := b.SendRefunds(ctx); return err })
	if err := b.Jobs.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := b.Jobs.Stop(context.Background()); err != nil {
			b.Error(err)
		}
	})
}
