package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
)

// said is an answer as a program sees it.
type said struct {
	status          int
	body            string
	replayed, retry string
}

// say posts an order by hand.
func say(t *testing.T, a *app.App, token, key, body string) said {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.BaseURL()+"/api/v1/orders", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return said{res.StatusCode, string(b), res.Header.Get("Idempotent-Replayed"), res.Header.Get("Retry-After")}
}

// serveAt serves a centre whose data outlives it.
func serveAt(t *testing.T, dir, dsn string, sets ...string) *app.App {
	t.Helper()
	cfg, err := config.Load("", func() []string { return nil }, append([]string{"http=127.0.0.1:0", "rtmp=", "rtc.udp=", "rtc.tcp=", "data=" + dir, "db=" + dsn}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	return a
}

func signedIn(t *testing.T, s *shoptest.Shop) (who actor.Actor, at id.Address, token string) {
	t.Helper()
	who, at = s.Buyer()
	s.Do(func(tx *db.Tx) (err error) {
		token, err = account.OpenSession(context.Background(), tx, who.User, account.API, "test", "")
		return err
	})
	return who, at, token
}

// TestSameKeySameAnswer over HTTP, byte for byte, whatever has become of the
// order and the shop since, also after a restart.
func TestSameKeySameAnswer(t *testing.T) {
	for name, dsn := range map[string]func(*testing.T) string{"sqlite": func(*testing.T) string { return "" }, "postgres": func(t *testing.T) string { return dbtest.Postgres(t) }} {
		t.Run(name, func(t *testing.T) {
			dir, at := t.TempDir(), dsn(t)
			a := serveAt(t, dir, at)
			s := shopOf(t, a)
			good := s.Product(3690)
			s.Lot(good, s.Farm, 3)
			item := s.Item(good, 3690)
			who, address, token := signedIn(t, s)
			body := func(units int) string {
				return fmt.Sprintf(`{"show":%q,"address":%q,"no_return_ok":true,"lines":[{"item":%q,"units":%d,"price_fen":3690}]}`, s.Show, address, item, units)
			}
			long := strings.Repeat("k", 255)
			first := say(t, a, token, long, body(2))
			if first.status != http.StatusCreated || first.replayed != "" {
				t.Fatalf("%+v", first)
			}
			few := say(t, a, token, "another-key", body(2))
			if few.status != http.StatusConflict || few.replayed != "" || !strings.Contains(few.body, "order.few_left") {
				t.Fatalf("%+v", few)
			}
			first.replayed, few.replayed = "true", "true"
			o := id.Order(first.body[strings.Index(first.body, `"id":"`)+6:][:32])
			for round := range 2 {
				if got := say(t, a, token, long, body(2)); got != first {
					t.Errorf("round %d: %+v\nfirst %+v", round, got, first)
				}
				if got := say(t, a, token, "another-key", body(2)); got != few {
					t.Errorf("round %d: %+v\nfirst %+v", round, got, few)
				}
				for _, key := range []string{long, "another-key"} {
					if got := say(t, a, token, key, body(1)); got.status != http.StatusConflict || !strings.Contains(got.body, "order.key_reused") {
						t.Errorf("round %d, another body: %+v", round, got)
					}
				}
				if got := say(t, a, token, long+"k", body(1)); got.status != http.StatusUnprocessableEntity {
					t.Errorf("a key of 256: %+v", got)
				}
				// The order is cancelled, its goods are back, and the server starts anew.
				if round == 0 {
					if _, err := a.Flow.CancelOrder(t.Context(), who, o); err != nil {
						t.Error(err)
					}
					if err := a.Close(); err != nil {
						t.Fatal(err)
					}
					a = serveAt(t, dir, at)
				}
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAFullDeskSaysWhenToComeBack: 429 with Retry-After, nothing is decided,
// and the same key is taken later.
func TestAFullDeskSaysWhenToComeBack(t *testing.T) {
	a := serveAt(t, t.TempDir(), "", "orders.queue=1", "orders.group=1")
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := shopOf(t, a)
	good := s.Product(3690)
	s.Lot(good, s.Farm, 10)
	item := s.Item(good, 3690)
	_, address, token := signedIn(t, s)
	body := fmt.Sprintf(`{"show":%q,"address":%q,"no_return_ok":true,"lines":[{"item":%q,"units":1,"price_fen":3690}]}`, s.Show, address, item)

	held, free, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() { // somebody else writes for long
		done <- a.DB.Update(context.Background(), func(*db.Tx) error { close(held); <-free; return nil })
	}()
	<-held
	answers := make(chan said, 2)
	for i := range 2 { // one for the writer, one to wait
		go func() { answers <- say(t, a, token, fmt.Sprint("waiting-", i), body) }()
		for until := time.Now().Add(20 * time.Second); time.Now().Before(until); {
			if st := a.Flow.Desk.Stats(); int(st.Taken)+st.Waiting == i+1 && st.Taken == 1 {
				break
			}
		}
	}
	full := say(t, a, token, "one-too-many", body)
	if full.status != http.StatusTooManyRequests || full.retry != "1" || !strings.Contains(full.body, "order.busy") {
		t.Errorf("%+v", full)
	}
	close(free)
	if err := <-done; err != nil {
		t.Error(err)
	}
	for range 2 {
		if got := <-answers; got.status != http.StatusCreated {
			t.Errorf("%+v", got)
		}
	}
	if got := say(t, a, token, "one-too-many", body); got.status != http.StatusCreated || got.replayed != "" {
		t.Errorf("again: %+v", got)
	}
}
