package crash

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/client"
	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/paysim"
)

// Size of the till that is killed.
const (
	moneyCrowd   = 12
	moneyInTest  = 4  // kills of `make test`
	paidOfALife  = 25 // payments between two kills
	settleWithin = 3 * time.Minute
)

// TestKillWhileMoneyMoves kills the centre again and again while buyers pay at
// both providers (played by package paysim, which outlives it), take their money
// back, and producers are paid out of payments that are split. Callbacks come
// once, twice, or never. After the last start whatever the providers say was paid
// is settled once, every refund and every split has moved money once, and the
// books agree.
func TestKillWhileMoneyMoves(t *testing.T) {
	program := buildMoved(t)
	kills := cycles(t, moneyInTest)
	onEach(t, func(t *testing.T, c *centre) {
		m := newTills(c, program)
		m.start()
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(kills+1)*soon)
		defer cancel()
		var stop atomic.Bool
		var wg sync.WaitGroup
		defer wg.Wait()
		defer stop.Store(true)
		for _, b := range m.buyers {
			wg.Go(func() {
				for n := 0; !stop.Load(); n++ {
					m.buyAndPay(ctx, b, fmt.Sprintf("money-%03d-%06d", b.no, n))
				}
			})
		}
		for range kills {
			from := len(m.sim.Paid())
			waitFor(t, "payments", func() bool { return len(m.sim.Paid()) >= from+paidOfALife })
			pause(mostPause)
			m.kill()
			m.fsck()
			m.start()
		}
		stop.Store(true)
		wg.Wait() // until everybody's purchase has come to its end
		m.kill()
		m.fsck()
		m.start() // what comes now is by itself
		m.settled()
		m.askToStop()
		m.waitStopped()
		m.hold(kills)
		m.fsck()
	})
}

// tills is a sale with both providers, who outlive the centre.
type tills struct {
	*sale
	sim    *paysim.Server
	hc     *http.Client
	packer string       // token
	nuts   string       // item whose money the provider splits
	lost   atomic.Int64 // payments of which no callback was sent
}

func newTills(c *centre, program string) *tills {
	c.t.Helper()
	m := &tills{hc: crowdClient(moneyCrowd)}
	m.sale = prepare(c, moneyCrowd, plenty, m.stock)
	c.t.Cleanup(m.hc.CloseIdleConnections)
	keys, err := paysim.NewKeys()
	if err != nil {
		c.t.Fatal(err)
	}
	m.sim, err = paysim.New(paysim.Options{Keys: keys, Backoff: []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond}})
	if err != nil {
		c.t.Fatal(err)
	}
	web := httptest.NewServer(m.sim)
	c.t.Cleanup(func() { m.sim.Close(); web.Close() })
	file := func(name, text string) string {
		path := filepath.Join(c.t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			c.t.Fatal(err)
		}
		return path
	}
	c.binary, c.env, c.http = program, []string{"LINDU_TEST_PROVIDERS=" + web.URL}, fmt.Sprintf("127.0.0.1:%d", freePort(c.t))
	c.expect = func(line string) bool { return strings.Contains(line, "unsealed") }
	der, err := x509.MarshalPKCS8PrivateKey(keys.Merchant)
	if err != nil {
		c.t.Fatal(err)
	}
	key := file("merchant.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	public := file("provider.pem", keys.ProviderPEM())
	c.sets = []string{"base_url=http://" + c.http, "orders.done_after=1s",
		"payment.wechat.merchant=" + paysim.MerchantNo, "payment.wechat.app=" + paysim.AppID, "payment.wechat.serial=" + paysim.MerchantSerial,
		"payment.wechat.key_file=" + key, "payment.wechat.apiv3_key_file=" + file("apiv3.key", keys.APIv3),
		"payment.wechat.public_key_id=" + paysim.PublicKeyID, "payment.wechat.public_key_file=" + public,
		"payment.alipay.app=" + paysim.AlipayApp, "payment.alipay.seller=" + paysim.AlipaySeller, "payment.alipay.key_file=" + key, "payment.alipay.public_key_file=" + public}
	return m
}

// stock adds to the show what a split needs: goods so settled, and where their
// producer's part goes; and a packer.
func (m *tills) stock(shop *shoptest.Shop) {
	nuts := shop.Product(price, func(p *catalog.Product) {
		p.Name, p.Category, p.ReturnRule, p.Settlement = "Nuts", "nut", catalog.SevenDay, order.Split
	})
	shop.Lot(nuts, shop.Farm, plenty, func(n *lot.New) { n.BestBefore = 0 })
	m.nuts = string(shop.Item(nuts, price))
	one, two, packer := shop.Person(actor.Finance), shop.Person(actor.Finance), shop.Person(actor.Packer)
	shop.Do(func(tx *db.Tx) (err error) {
		ctx := context.Background()
		if err := payment.SetReceiver(ctx, tx, one, shop.Farm, "wechat", payment.Receiver{Account: "o-farmer-wang", Person: true}); err != nil {
			return err
		}
		if err := payment.ConfirmReceiver(ctx, tx, two, shop.Farm, "wechat", "o-farmer-wang", false); err != nil {
			return err
		}
		m.packer, err = account.OpenSession(ctx, tx, packer.User, account.API, "test", "")
		return err
	})
}

// buyAndPay is a purchase: order, payment at one of the providers, and then the
// money back, or the goods. What is not answered is asked again.
func (m *tills) buyAndPay(ctx context.Context, b buyer, key string) {
	want, gateway := m.wish(b), []string{"wechat", "alipay"}[rand.IntN(2)]
	split := rand.IntN(3) == 0
	if split {
		want.Lines, gateway = []client.WantLine{{Item: m.nuts, Units: 1, PriceFen: price}}, "wechat"
	}
	var o client.Order
	var p client.Payment
	m.until(ctx, "order", func() (err error) { o, err = m.client(b, m.hc).PlaceOrder(ctx, key, want); return err })
	m.until(ctx, "pay", func() (err error) { p, err = m.client(b, m.hc).Pay(ctx, o.ID, gateway); return err })
	if ctx.Err() != nil {
		return
	}
	if gateway == "alipay" { // it learns of a payment when the buyer comes to its cashier
		res, err := http.Get(p.PayURL)
		if err != nil {
			m.t.Error(err)
			return
		}
		res.Body.Close()
	}
	times := rand.IntN(3) // callbacks
	if times == 0 {
		m.lost.Add(1)
	}
	if ok, err := m.sim.Pay(p.ID, times); !ok || err != nil {
		m.t.Errorf("payment %s of order %s at %s: %v %v", p.ID, o.ID, gateway, ok, err)
		return
	}
	if times == 0 {
		return // the query will find it when all else is over
	}
	m.until(ctx, "paid", func() error {
		x, err := m.client(b, m.hc).Order(ctx, o.ID)
		if err == nil && x.State == "unpaid" {
			return errNotYet
		}
		return err
	})
	m.afterwards(ctx, b, o, split)
}

var errNotYet = errors.New("not yet")

// afterwards: the money goes back, or the goods are sent and received.
func (m *tills) afterwards(ctx context.Context, b buyer, o client.Order, split bool) {
	if !split && rand.IntN(2) == 0 {
		m.until(ctx, "cancel", func() error { _, err := m.client(b, m.hc).Cancel(ctx, o.ID); return err })
		return
	}
	if !split {
		return
	}
	base := func() string { at, _ := m.address(); return at }
	m.until(ctx, "ship", func() error {
		_, err := client.New(base(), m.packer, m.hc).Ship(ctx, o.ID, "shunfeng", "SF"+o.No)
		return already(err, "shipped")
	})
	m.until(ctx, "receive", func() error {
		_, err := m.client(b, m.hc).Receive(ctx, o.ID)
		return already(err, "received")
	})
}

// already takes for an answer that something was done by a try whose answer was
// lost.
func already(err error, word string) error {
	if code := client.Code(err); strings.Contains(code, word) || code == "order.state" {
		return nil
	}
	return err
}

// until asks again until there is an answer.
func (m *tills) until(ctx context.Context, what string, call func() error) {
	for ctx.Err() == nil {
		err := call()
		var refusal *client.Error
		if err == nil {
			return
		}
		if errors.As(err, &refusal) && refusal.Status < 500 && refusal.Status != http.StatusTooManyRequests {
			m.t.Errorf("%s: %v", what, err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// settled waits until nothing is left to be done by itself: what was paid is
// known, what goes back has gone, what is split is shared.
func (m *tills) settled() {
	m.t.Helper()
	d := m.beside()
	defer d.Close()
	left := func() (out string) {
		count := func(what, q string) {
			var n int
			if err := d.QueryRow(context.Background(), q).Scan(&n); err != nil {
				m.t.Fatal(err)
			}
			if n > 0 {
				out += fmt.Sprintf(" %d %s", n, what)
			}
		}
		count("refunds", `SELECT count(*) FROM refund WHERE state <> 'done'`)
		count("splits", `SELECT count(*) FROM split WHERE state <> 'done'`)
		known := map[string]bool{}
		for _, p := range m.payments(d) {
			known[p.id] = p.state == "paid"
		}
		unknown := 0
		for _, x := range m.sim.Paid() {
			if !known[x.Trade] {
				unknown++
			}
		}
		if unknown > 0 {
			out += fmt.Sprintf(" %d payments", unknown)
		}
		return out
	}
	for end := time.Now().Add(settleWithin); left() != ""; <-time.After(200 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("after %v there are left:%s\n%s", settleWithin, left(), m.process.log)
		}
	}
}

// taken is a payment as our books have it.
type taken struct {
	id, state        string
	amount, refunded int64
	refunds          int64 // done
	split            int64 // fen of splits done
	applied          int64 // callbacks and answers that changed something
}

func (m *tills) payments(d *db.DB) []taken {
	m.t.Helper()
	rows, err := d.Query(context.Background(), `
		SELECT p.id, p.state, p.amount_fen, p.refunded_fen,
			(SELECT count(*) FROM refund r WHERE r.payment_id = p.id AND r.state = 'done'),
			(SELECT CAST(coalesce(sum(x.amount_fen), 0) AS BIGINT) FROM split s JOIN split_part x ON x.split_id = s.id WHERE s.payment_id = p.id AND s.state = 'done'),
			(SELECT count(*) FROM payment_callback c WHERE c.payment_id = p.id AND c.outcome IN ('applied', 'late_refund'))
		FROM payment p ORDER BY p.id`)
	out, err := db.Collect(rows, err, func(r *db.Rows, x *taken) error {
		return r.Scan(&x.id, &x.state, &x.amount, &x.refunded, &x.refunds, &x.split, &x.applied)
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return out
}

// hold compares the providers' book with ours, payment by payment.
func (m *tills) hold(kills int) {
	m.t.Helper()
	d := m.beside()
	defer d.Close()
	ours := map[string]taken{}
	for _, p := range m.payments(d) {
		ours[p.id] = p
	}
	theirs := m.sim.Paid()
	refunds, shares := 0, 0
	for _, x := range theirs {
		p := ours[x.Trade]
		delete(ours, x.Trade)
		if p.state != "paid" || p.applied != 1 || p.amount != int64(x.Amount) {
			m.t.Errorf("paid at %s: %+v, and we have %+v", x.Provider, x, p)
		}
		if p.refunded != int64(x.Refunded) || p.refunds != int64(x.Refunds) || p.split != int64(x.Shared) || x.Shares > 1 {
			m.t.Errorf("moved at %s: %+v, and we have %+v", x.Provider, x, p)
		}
		refunds += x.Refunds
		shares += x.Shares
	}
	for _, p := range ours {
		if p.state == "paid" {
			m.t.Errorf("we say paid, no provider does: %+v", p)
		}
	}
	var sum, held int64
	if err := d.QueryRow(context.Background(), `SELECT CAST(coalesce(sum(balance_fen), 0) AS BIGINT) FROM ledger_account`).Scan(&sum); err != nil || sum != 0 {
		m.t.Errorf("all accounts add up to %d: %v", sum, err)
	}
	if err := d.QueryRow(context.Background(), `SELECT count(*) FROM payment_callback WHERE outcome = 'quarantined'`).Scan(&held); err != nil || held != 0 {
		m.t.Errorf("%d in quarantine: %v", held, err)
	}
	if refunds == 0 || shares == 0 || m.lost.Load() == 0 {
		m.t.Errorf("nothing was tested: %d refunds, %d splits, %d lost callbacks", refunds, shares, m.lost.Load())
	}
	m.t.Logf("kills %d, paid %d (%d without a callback), each settled once; refunds %d and splits %d, each once", kills+1, len(theirs), m.lost.Load(), refunds, shares)
}
