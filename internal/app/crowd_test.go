package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/client"
	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/web/webtest"
)

// onEach runs fn on a served centre of each database.
func onEach(t *testing.T, fn func(t *testing.T, a *app.App)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, openOn(t, "")) })
	t.Run("postgres", func(t *testing.T) { fn(t, openOn(t, dbtest.Postgres(t))) })
}

// openOn serves a centre on a database; "" is SQLite in its data folder. Its
// payment provider is a fake that opens payments: the real sandbox is tested
// with the demo.
func openOn(t *testing.T, dsn string) *app.App {
	t.Helper()
	cfg, err := config.Load("", func() []string { return nil }, []string{"http=127.0.0.1:0", "rtmp=", "rtc.udp=", "rtc.tcp=", "data=" + t.TempDir(), "db=" + dsn, "payment.offline_text=account 1"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Gateways: func(string) ([]payment.Gateway, error) {
		return []payment.Gateway{&webtest.Gateway{}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// shopOf sets up a live show on a served centre.
func shopOf(t *testing.T, a *app.App) *shoptest.Shop {
	t.Helper()
	s := shoptest.New(t, a.DB)
	s.Vault = a.Vault // addresses are sealed for this centre
	return s
}

// buyer is somebody with a token and an address.
type buyer struct {
	client  *client.Client
	user    id.User
	address string
}

func newBuyer(t *testing.T, a *app.App, s *shoptest.Shop, hc *http.Client) buyer {
	t.Helper()
	who, addr := s.Buyer()
	var token string
	s.Do(func(tx *db.Tx) (err error) {
		token, err = account.OpenSession(context.Background(), tx, who.User, account.API, "test", "")
		return err
	})
	return buyer{client: client.New(a.BaseURL(), token, hc), user: who.User, address: string(addr)}
}

// TestACrowdOnAFewBoxes has 300 buyers order one box each of the 100 that two
// farmers have, all at once over the real API, as people do when the host
// counts down: exactly 100 get one, 200 are told that it is sold out, and the
// books agree. A busy answer is tried again with the same key.
func TestACrowdOnAFewBoxes(t *testing.T) {
	const people, boxes = 300, 100
	onEach(t, func(t *testing.T, a *app.App) {
		s := shopOf(t, a)
		good := s.Product(3690)
		s.Lot(good, s.Farm, 60)
		s.Lot(good, s.Farm, boxes-60)
		item := s.Item(good, 3690)
		hc := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: people}}
		defer hc.CloseIdleConnections()
		crowd := make([]buyer, people)
		for i := range crowd {
			crowd[i] = newBuyer(t, a, s, hc)
		}
		want := func(b buyer) client.Want {
			return client.Want{Show: string(s.Show), Address: b.address, NoReturnOK: true, Lines: []client.WantLine{{Item: string(item), Units: 1, PriceFen: 3690}}}
		}
		orders := make([]client.Order, people)
		errs := make([]error, people)
		gate := make(chan struct{})
		var wg sync.WaitGroup
		for i, b := range crowd {
			wg.Go(func() {
				<-gate
				orders[i], errs[i] = placeUntilAnswered(t.Context(), b.client, fmt.Sprintf("crowd-%04d", i), want(b))
			})
		}
		close(gate)
		wg.Wait()

		accepted, ids := 0, map[string]bool{}
		for i, err := range errs {
			switch {
			case err == nil:
				accepted++
				ids[orders[i].ID] = true
			case client.Code(err) != "order.sold_out":
				t.Errorf("buyer %d: %v", i, err)
			}
		}
		if accepted != boxes || len(ids) != boxes {
			t.Errorf("%d accepted, %d different orders; want exactly %d", accepted, len(ids), boxes)
		}
		left, err := crowd[0].client.Show(t.Context(), string(s.Show))
		if err != nil {
			t.Fatal(err)
		}
		if it := left.Items[0]; it.Stock != 0 || it.State != "sold_out" {
			t.Errorf("the room shows %d left, %s", it.Stock, it.State)
		}
		// Whoever asks again with the key gets the order they have.
		for i := range crowd {
			if errs[i] != nil {
				continue
			}
			o, err := crowd[i].client.PlaceOrder(t.Context(), fmt.Sprintf("crowd-%04d", i), want(crowd[i]))
			if err != nil || o.ID != orders[i].ID {
				t.Errorf("asked again: %v %v, was %v", o.ID, err, orders[i].ID)
			}
			break
		}
		mustAgree(t, a)
	})
}

// placeUntilAnswered retries what the desk was too busy for.
func placeUntilAnswered(ctx context.Context, c *client.Client, key string, w client.Want) (client.Order, error) {
	for {
		o, err := c.PlaceOrder(ctx, key, w)
		var e *client.Error
		if !errors.As(err, &e) || e.Status != http.StatusTooManyRequests {
			return o, err
		}
		select {
		case <-ctx.Done():
			return o, ctx.Err()
		case <-time.After(time.Duration(max(1, e.RetryAfter)) * time.Second):
		}
	}
}

// mustAgree recomputes the books.
func mustAgree(t *testing.T, a *app.App) {
	t.Helper()
	rep, err := fsck.Run(t.Context(), a.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rep.Checks {
		for _, f := range c.Findings {
			t.Errorf("fsck: %s: %s", c.Name, f)
		}
	}
}
