package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/client"
)

// pay presses "pay" on the provider's page of a payment.
func (c *centre) pay(t testing.TB, payURL string) {
	t.Helper()
	u, err := url.Parse(c.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	if u, err = u.Parse(payURL); err != nil {
		t.Fatal(err)
	}
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: step}
	res, err := hc.Post(u.String(), "application/x-www-form-urlencoded", strings.NewReader("do=pay"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		b, _ := io.ReadAll(res.Body)
		t.Fatalf("the provider answers %d to pay: %.300s", res.StatusCode, b)
	}
}

// signUp signs a phone in with the code that the demo gives in its answer.
func (c *centre) signUp(t testing.TB, phone string) *client.Client {
	t.Helper()
	cl := client.New(c.HTTP, "", nil)
	code, err := cl.AskCode(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := cl.SignIn(t.Context(), code.ID, code.Plain)
	if err != nil {
		t.Fatal(err)
	}
	return cl.As(token)
}

// home is an address of the client's own.
func home(t testing.TB, cl *client.Client) client.Address {
	t.Helper()
	a, err := cl.AddAddress(t.Context(), client.Address{Name: "李小满", Phone: "13800001234", Province: "黑龙江", City: "哈尔滨市", District: "南岗区", Detail: "学府路52号3单元501", Default: true})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wants is one unit of an item of the running show.
func (c *centre) wants(it client.Item, address string, units int64) client.Want {
	return client.Want{Show: c.Show.ID, Address: address, NoReturnOK: true, Lines: []client.WantLine{{Item: it.ID, Units: units, PriceFen: it.PriceFen}}}
}

// refused wants a refusal of a status and a code.
func refused(t *testing.T, what string, err error, status int, code string) {
	t.Helper()
	e, ok := err.(*client.Error)
	if !ok || e.Status != status || e.Code != code || e.Title == "" {
		t.Errorf("%s: %v, want %d %s", what, err, status, code)
	}
}

// TestProgramsSellAndBuy is the whole trade through the JSON API with the Go
// client: a code, an address, the tray, a price, an order that is placed once,
// paid at the provider's, and owed to the farmer; what the operator does; and
// what is refused.
func TestProgramsSellAndBuy(t *testing.T) {
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	ctx := t.Context()
	buyer := c.signUp(t, "13811110001")

	t.Run("sign in", func(t *testing.T) {
		me, err := buyer.Me(ctx)
		if err != nil || me.ID == "" || len(me.Roles) != 1 || me.Roles[0] != "buyer" {
			t.Errorf("%+v %v", me, err)
		}
		anon := client.New(c.HTTP, "", nil)
		code, err := anon.AskCode(ctx, "+86 138-1111-0002")
		if err != nil {
			t.Fatal(err)
		}
		wrong := "000000"
		if code.Plain == wrong {
			wrong = "111111"
		}
		_, _, err = anon.SignIn(ctx, code.ID, wrong)
		refused(t, "a wrong code", err, 422, "account.code_wrong")
		if _, _, err := anon.SignIn(ctx, code.ID, code.Plain); err != nil {
			t.Errorf("the right code after a wrong one: %v", err)
		}
		if _, _, err = anon.SignIn(ctx, code.ID, code.Plain); err == nil {
			t.Error("a code worked twice")
		}
		if _, err := anon.AskCode(ctx, "13811110002"); err == nil || err.(*client.Error).Status != 429 || err.(*client.Error).RetryAfter < 1 {
			t.Errorf("a second code within a minute: %v", err)
		}
		_, err = anon.Me(ctx)
		refused(t, "nobody's me", err, 401, "fault.sign_in")
		_, err = anon.As(strings.Repeat("f", 64)).Me(ctx)
		refused(t, "a made-up token's me", err, 401, "fault.sign_in")
	})

	shows, err := buyer.Shows(ctx)
	if err != nil || len(shows) < 3 || shows[0].ID != c.Show.ID || shows[0].State != "live" {
		t.Fatalf("shows: %v %+v", err, shows)
	}
	show, err := buyer.Show(ctx, c.Show.ID)
	if err != nil || len(show.Items) != 7 || show.Pinned != show.Items[0].ID {
		t.Fatalf("show: %v %+v", err, show)
	}
	for i, it := range show.Items {
		if it.No != i+1 || it.PriceFen <= 0 || it.Name == "" || len(it.Producers) == 0 {
			t.Errorf("item %d: %+v", i, it)
		}
	}
	berries := show.Items[0]
	addr := home(t, buyer)
	if addr.Phone != "138****1234" {
		t.Errorf("the phone comes back as %q", addr.Phone)
	}

	t.Run("quote, place, again, another body, cancel", func(t *testing.T) {
		q, err := buyer.Quote(ctx, "黑龙江", client.WantLine{Item: berries.ID, Units: 2, PriceFen: berries.PriceFen})
		if err != nil || q.GoodsFen != 2*berries.PriceFen || q.TotalFen != q.GoodsFen+q.FreightFen || !q.NoReturn || !q.Deliver {
			t.Fatalf("quote: %+v %v", q, err)
		}
		w := c.wants(berries, addr.ID, 2)
		o, err := buyer.PlaceOrder(ctx, "program-0001", w)
		if err != nil || o.State != "unpaid" || o.TotalFen != q.TotalFen || o.FreightFen != q.FreightFen || o.Expires == nil || len(o.No) != 20 {
			t.Fatalf("order: %+v %v", o, err)
		}
		again, err := buyer.PlaceOrder(ctx, "program-0001", w)
		if err != nil || again.ID != o.ID {
			t.Errorf("the same key again: %v %v, want %v", again.ID, err, o.ID)
		}
		w.Lines[0].Units = 1
		_, err = buyer.PlaceOrder(ctx, "program-0001", w)
		refused(t, "the key with another body", err, 409, "order.key_reused")
		w.NoReturnOK = false
		_, err = buyer.PlaceOrder(ctx, "program-0002", w)
		refused(t, "fresh goods without the tick", err, 422, "order.no_return_tick")
		w.NoReturnOK = true
		w.Lines[0].PriceFen--
		_, err = buyer.PlaceOrder(ctx, "program-0003", w)
		refused(t, "a price that is not today's", err, 409, "order.price_changed")
		eventually(t, step, "two fewer in the room", func() bool { return c.item(t, 1).Stock == berries.Stock-2 })
		if x, err := buyer.Cancel(ctx, o.ID); err != nil || x.State != "closed" || x.CloseReason != "cancelled" {
			t.Errorf("cancel: %+v %v", x, err)
		}
		eventually(t, step, "the two back in the room", func() bool { return c.item(t, 1).Stock == berries.Stock })
		_, err = buyer.Pay(ctx, o.ID, "sandbox")
		refused(t, "paying a cancelled order", err, 410, "payment.order_closed")
	})

	t.Run("pay, and the farmer is owed", func(t *testing.T) {
		owed := c.owed(t)
		o, err := buyer.PlaceOrder(ctx, "program-0004", c.wants(berries, addr.ID, 1))
		if err != nil {
			t.Fatal(err)
		}
		p, err := buyer.Pay(ctx, o.ID, "sandbox")
		if err != nil || p.AmountFen != o.TotalFen {
			t.Fatalf("pay: %+v %v", p, err)
		}
		if p2, err := buyer.Pay(ctx, o.ID, "sandbox"); err != nil || p2.ID != p.ID {
			t.Errorf("asked to pay twice: %+v %v, want the open payment", p2, err)
		}
		c.pay(t, p.PayURL)
		eventually(t, step, "the order is paid", func() bool {
			x, err := buyer.Order(ctx, o.ID)
			return err == nil && x.State == "paid"
		})
		if got := c.owed(t) - owed; got != berries.PriceFen {
			t.Errorf("farmers are owed %d more, want the goods price %d", got, berries.PriceFen)
		}
		list, err := buyer.Orders(ctx, "paid", 10)
		if err != nil || len(list) != 1 || list[0].ID != o.ID {
			t.Errorf("my paid orders: %+v %v", list, err)
		}
		other := c.signUp(t, "13811110003")
		_, err = other.Order(ctx, o.ID)
		refused(t, "another's order", err, 404, "fault.not_found")
		shipped, err := c.as("packer").Ship(ctx, o.ID, "shunfeng", "SF1234567890123")
		if err != nil || shipped.State != "shipped" {
			t.Fatalf("ship: %+v %v", shipped, err)
		}
		if x, err := buyer.Receive(ctx, o.ID); err != nil || x.State != "received" {
			t.Errorf("receive: %+v %v", x, err)
		}
	})

	t.Run("balances are not for everybody", func(t *testing.T) {
		for _, p := range c.producers(t) {
			_, err := buyer.ProducerBalance(ctx, p)
			refused(t, "a buyer reads a balance", err, 403, "fault.denied")
		}
		mine := 0
		for _, p := range c.producers(t) {
			if _, err := c.as("producer").ProducerBalance(ctx, p); err == nil {
				mine++
			} else {
				refused(t, "another producer's balance", err, 404, "fault.not_found")
			}
		}
		if mine != 1 {
			t.Errorf("the producer reads %d balances, want the own one", mine)
		}
	})

	t.Run("chat", func(t *testing.T) {
		_, err := buyer.Say(ctx, c.Show.ID, strings.Repeat("长", 10_000))
		if e, ok := err.(*client.Error); !ok || e.Status != 422 {
			t.Errorf("10,000 characters: %v", err)
		}
		const markup = `<img src=x onerror=alert(1)><script>alert(2)</script>`
		if m, err := buyer.Say(ctx, c.Show.ID, markup); err != nil || m.Body != markup {
			t.Errorf("markup: %+v %v; it must stay the text it is", m, err)
		}
		_, err = buyer.Say(ctx, c.Show.ID, "another line at once")
		if e, ok := err.(*client.Error); !ok || e.Status != 429 || e.RetryAfter < 1 {
			t.Errorf("two lines at once: %v", err)
		}
		if _, html := get(t, c.Show.Page); strings.Contains(html, "<img src=x") || strings.Contains(html, "<script>alert") {
			t.Error("the room's page holds the markup")
		}
		var msgs []client.Message
		eventually(t, step, "the line, as it was typed, alone in the room", func() bool {
			msgs, err = buyer.Chat(ctx, c.Show.ID)
			return err == nil && len(msgs) == 1 && msgs[0].Body == markup
		})
		if err := buyer.HideMessage(ctx, msgs[0].ID); err == nil {
			t.Error("a buyer hid a message")
		}
		if err := c.as("moderator").HideMessage(ctx, msgs[0].ID); err != nil {
			t.Error(err)
		}
		eventually(t, step, "the hidden line gone", func() bool {
			msgs, err := buyer.Chat(ctx, c.Show.ID)
			return err == nil && len(msgs) == 0
		})
	})

	t.Run("the operator's hand", func(t *testing.T) {
		op := c.as("operator")
		it := c.item(t, 2)
		price := it.PriceFen - 100
		if got, err := op.SetItem(ctx, it.ID, client.ItemChange{PriceFen: &price}); err != nil || got.PriceFen != price {
			t.Errorf("price: %+v %v", got, err)
		}
		low := int64(1)
		if _, err := op.SetItem(ctx, it.ID, client.ItemChange{PriceFen: &low}); err == nil {
			t.Error("a price below every lot's floor was taken")
		}
		off := "off"
		if got, err := op.SetItem(ctx, it.ID, client.ItemChange{State: &off}); err != nil || got.State != "off" {
			t.Errorf("off: %+v %v", got, err)
		}
		_, err := buyer.PlaceOrder(ctx, "program-0005", c.wants(client.Item{ID: it.ID, PriceFen: price}, addr.ID, 1))
		refused(t, "an item that is off", err, 409, "order.item_off")
		six := c.item(t, 6)
		if got, err := op.Release(ctx, six.ID, 5); err != nil || got.Stock != six.Stock+5 {
			t.Errorf("release: %+v %v, want %d", got, err, six.Stock+5)
		}
		if err := op.Pin(ctx, c.Show.ID, six.ID); err != nil {
			t.Error(err)
		}
		eventually(t, step, "the pinned item", func() bool {
			s, err := buyer.Show(ctx, c.Show.ID)
			return err == nil && s.Pinned == six.ID
		})
		refused(t, "a buyer pins", buyer.Pin(ctx, c.Show.ID, six.ID), 403, "fault.denied")
		refused(t, "an overseer pins", c.as("overseer").Pin(ctx, c.Show.ID, six.ID), 403, "fault.denied")
	})

	t.Run("bad input", func(t *testing.T) { badInput(t, c, buyer, addr.ID) })

	if out, err := c.fsck(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

// item reads one of the show's by its number.
func (c *centre) item(t testing.TB, no int) client.Item {
	t.Helper()
	s, err := client.New(c.HTTP, "", nil).Show(t.Context(), c.Show.ID)
	if err != nil {
		t.Fatal(err)
	}
	return s.Items[no-1]
}

// badInput sends what no program of ours would.
func badInput(t *testing.T, c *centre, buyer *client.Client, address string) {
	it := c.item(t, 3)
	for i, units := range []int64{-1, 0, 100, 1 << 62} {
		_, err := buyer.PlaceOrder(t.Context(), "program-bad-"+string(rune('a'+i)), c.wants(it, address, units))
		if e, ok := err.(*client.Error); !ok || e.Status != 422 || len(e.Fields) == 0 {
			t.Errorf("%d units: %v", units, err)
		}
		if _, err := buyer.Quote(t.Context(), "黑龙江", client.WantLine{Item: it.ID, Units: units}); err == nil || err.(*client.Error).Status != 422 {
			t.Errorf("a quote of %d units: %v", units, err)
		}
	}
	const nobody = "0123456789abcdef0123456789abcdef"
	_, err := buyer.Show(t.Context(), nobody)
	refused(t, "no show", err, 404, "fault.not_found")
	_, err = buyer.Order(t.Context(), nobody)
	refused(t, "no order", err, 404, "fault.not_found")
	_, err = buyer.PlaceOrder(t.Context(), "program-bad-x", c.wants(client.Item{ID: nobody, PriceFen: 1}, address, 1))
	if e, ok := err.(*client.Error); !ok || e.Status != 422 && e.Status != 404 && e.Status != 409 {
		t.Errorf("no such item: %v", err)
	}
	_, err = buyer.PlaceOrder(t.Context(), "program-bad-y", c.wants(it, nobody, 1))
	refused(t, "no such address", err, 422, "order.address_missing")

	for name, x := range map[string]struct {
		path, kind, body string
		status           int
	}{
		"garbage":             {"/orders", "application/json", "\x00\xff{{{", 400},
		"half a body":         {"/orders", "application/json", `{"lines":[`, 400},
		"a list for a body":   {"/orders", "application/json", `[]`, 422},
		"a text for a number": {"/orders", "application/json", `{"address":"x","lines":[{"item":"x","units":"many"}]}`, 422},
		"unknown fields":      {"/orders", "application/json", `{"address":"x","lines":[{"item":"x","units":1,"price_fen":1}],"total_fen":1}`, 422},
		"2 MB":                {"/orders", "application/json", `{"note":"` + strings.Repeat("x", 2<<20) + `"}`, 413},
		"no key":              {"/orders", "application/json", `{"address":"` + address + `","lines":[{"item":"` + it.ID + `","units":1,"price_fen":1}]}`, 422},
		"a form":              {"/codes", "application/x-www-form-urlencoded", `phone=13811110009`, 415},
		"no phone":            {"/codes", "application/json", `{"phone":"12345"}`, 422},
	} {
		req, err := http.NewRequestWithContext(context.Background(), "POST", c.HTTP+"/api/v1"+x.path, strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", x.kind)
		req.Header.Set("Authorization", "Bearer "+c.token("buyer"))
		if name != "no key" {
			req.Header.Set("Idempotency-Key", "program-raw-0001")
		}
		res, err := (&http.Client{Timeout: step}).Do(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		res.Body.Close()
		if res.StatusCode != x.status {
			t.Errorf("%s: %d, want %d: %.200s", name, res.StatusCode, x.status, b)
		}
		problem(t, name, res, b)
	}
	end := time.Now().Add(step)
	for _, path := range []string{"/api/v1/nothing", "/api/v1/shows/not-an-id", "/api/v1/shows/" + nobody} {
		res, err := http.Get(c.HTTP + path)
		if err != nil || time.Now().After(end) {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		problem(t, path, res, b)
	}
}

// problem checks the shape of a refusal (RFC 9457).
func problem(t *testing.T, name string, res *http.Response, b []byte) {
	t.Helper()
	var p struct {
		Type, Title, Code string
		Status            int
	}
	if err := json.Unmarshal(b, &p); err != nil || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: no problem details (%s): %.200s", name, res.Header.Get("Content-Type"), b)
		return
	}
	if p.Type != "about:blank" || p.Title == "" || p.Code == "" || p.Status != res.StatusCode {
		t.Errorf("%s: %.300s, status %d", name, b, res.StatusCode)
	}
}
