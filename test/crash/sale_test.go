package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/client"
	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// sale is a live show with one product of so many units, and a crowd.
type sale struct {
	*centre
	stock  int64
	want   client.Want // without the address
	buyers []buyer
}

// buyer is somebody with a token and an address.
type buyer struct {
	no      int
	user    id.User
	token   string
	address string
}

// price of the one product, in fen.
const price = 3690

// onEach runs fn for a centre on each database.
func onEach(t *testing.T, fn func(t *testing.T, c *centre)) {
	t.Helper()
	run := func(t *testing.T, dsn string) {
		c := &centre{t: t, dir: t.TempDir(), dsn: dsn}
		t.Cleanup(c.end)
		fn(t, c)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "") })
	t.Run("postgres", func(t *testing.T) { run(t, dbtest.Postgres(t)) })
}

// prepare fills the centre's data folder before it is served. The stock lies
// in three lots, so that an allocation done by halves shows. more adds to it.
func prepare(c *centre, buyers int, stock int64, more ...func(*shoptest.Shop)) *sale {
	c.t.Helper()
	d, v := c.open()
	defer d.Close()
	shop := shoptest.New(c.t, d)
	shop.Vault = v
	good := shop.Product(price)
	for _, units := range []int64{stock / 3, stock / 3, stock - 2*(stock/3)} {
		shop.Lot(good, shop.Farm, units)
	}
	item := shop.Item(good, price)
	s := &sale{centre: c, stock: stock, want: client.Want{Show: string(shop.Show), NoReturnOK: true,
		Lines: []client.WantLine{{Item: string(item), Units: 1, PriceFen: price}}}}
	for _, fn := range more {
		fn(shop)
	}
	for i := range buyers {
		who, address := shop.Buyer()
		b := buyer{no: i, user: who.User, address: string(address)}
		shop.Do(func(tx *db.Tx) (err error) {
			b.token, err = account.OpenSession(context.Background(), tx, who.User, account.API, "test", "")
			return err
		})
		s.buyers = append(s.buyers, b)
	}
	return s
}

// open opens the centre's database while it is not served.
func (c *centre) open() (*db.DB, *vault.Vault) {
	c.t.Helper()
	cfg, err := config.Load("", func() []string { return nil }, []string{"data=" + c.dir, "db=" + c.dsn})
	if err != nil {
		c.t.Fatal(err)
	}
	d, v, err := app.Open(context.Background(), cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	return d, v
}

// wish is what a buyer wants under every key.
func (s *sale) wish(b buyer) client.Want {
	w := s.want
	w.Address = b.address
	return w
}

// client is a buyer's, of the centre as it serves now.
func (s *sale) client(b buyer, hc *http.Client) *client.Client {
	base, _ := s.address()
	return client.New(base, b.token, hc)
}

// booked is an order as the books have it.
type booked struct {
	id    string
	buyer id.User
	key   string
	state string
	total int64
	units int64
}

// books reads every order and what the lots have given away, while the centre
// is not served.
func (s *sale) books() (orders []booked, reserved int64) {
	s.t.Helper()
	d, _ := s.open()
	defer d.Close()
	ctx := context.Background()
	rows, err := d.Query(ctx, `
		SELECT o.id, o.buyer_id, o.idem_key, o.state, o.total_fen, CAST(sum(l.units) AS BIGINT)
		FROM sale_order o JOIN order_line l ON l.order_id = o.id
		GROUP BY o.id, o.buyer_id, o.idem_key, o.state, o.total_fen ORDER BY o.id`)
	orders, err = db.Collect(rows, err, func(r *db.Rows, b *booked) error {
		return r.Scan(&b.id, &b.buyer, &b.key, &b.state, &b.total, &b.units)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var n int64
	if err := d.QueryRow(ctx, `SELECT count(*) FROM sale_order`).Scan(&n); err != nil || n != int64(len(orders)) {
		s.t.Errorf("%d orders, %d of them with lines: %v", n, len(orders), err)
	}
	if err := d.QueryRow(ctx, `SELECT CAST(COALESCE(sum(units), 0) AS BIGINT) FROM order_share`).Scan(&reserved); err != nil {
		s.t.Fatal(err)
	}
	return orders, reserved
}

// ack is what a buyer was told of a key: this order, for this much.
type ack struct {
	id    string
	buyer id.User
	total int64
}

// hold compares what buyers were told with the books. It gives how many of
// the acknowledged orders are missing or another's, and how many units were
// sold beyond the stock; extra are orders that nobody was told of.
func (s *sale) hold(told map[string]ack, orders []booked) (missing int, oversold int64, extra []booked) {
	s.t.Helper()
	byKey := map[string]booked{}
	var units int64
	for _, o := range orders {
		if first, twice := byKey[o.key]; twice {
			s.t.Errorf("key %s has two orders: %s and %s", o.key, first.id, o.id)
		}
		byKey[o.key] = o
		units += o.units
		if _, ok := told[o.key]; !ok {
			extra = append(extra, o)
		}
		if o.units != 1 || o.state != "unpaid" {
			s.t.Errorf("order %s has %d units and is %s", o.id, o.units, o.state)
		}
	}
	for key, a := range told {
		if o := byKey[key]; o.id != a.id || o.buyer != a.buyer || o.total != a.total {
			missing++
			s.t.Errorf("key %s: the buyer was told %+v, the books have %+v", key, a, o)
		}
	}
	return missing, max(0, units-s.stock), extra
}

// crowdClient is the HTTP client of many buyers.
func crowdClient(buyers int) *http.Client {
	return &http.Client{Timeout: soon, Transport: &http.Transport{MaxIdleConnsPerHost: buyers}}
}

func keyOf(b buyer, n int) string { return fmt.Sprintf("sale-%03d-%06d", b.no, n) }

// deafOrder sends an order and never reads the answer, as a phone in a tunnel
// does. It returns once the order is in the buyer's list: committed, and its
// answer lost when the process dies. The connection stays open until hangUp.
func (s *sale) deafOrder(b buyer, key string, hc *http.Client) (order string, hangUp func()) {
	s.t.Helper()
	me := s.client(b, hc)
	before, err := me.Orders(s.t.Context(), "", 1)
	if err != nil {
		s.t.Fatal(err)
	}
	conn := s.dial()
	req := s.request(b, key)
	if err := req.Write(conn); err != nil {
		s.t.Fatal(err)
	}
	waitFor(s.t, "the order whose answer nobody reads", func() bool {
		list, err := me.Orders(s.t.Context(), "", 1)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(list) == 0 || len(before) > 0 && list[0].ID == before[0].ID {
			return false
		}
		order = list[0].ID
		return true
	})
	return order, func() { conn.Close() }
}

// dial connects to the centre.
func (s *sale) dial() net.Conn {
	s.t.Helper()
	base, _ := s.address()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(soon)); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

// request is a buyer's order as it goes over the wire.
func (s *sale) request(b buyer, key string) *http.Request {
	body, err := json.Marshal(s.wish(b))
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	base, _ := s.address()
	req, err := http.NewRequest(http.MethodPost, base+"/api/v1/orders", bytes.NewReader(body))
	if err != nil {
		panic(err) // the address was served a moment ago
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+b.token)
	req.Header.Set("Idempotency-Key", key)
	return req
}
