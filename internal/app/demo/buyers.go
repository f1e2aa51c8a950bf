package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"lindu.example/lindu/client"
	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// How lively the demo's buyers are.
const (
	crowd    = 12
	inSecond = 4 // of them, in the second room
	restMin  = 20 * time.Second
	restSpan = 70 * time.Second
)

// buyers are people of the demo who use the real API over HTTP: they read the
// room, talk, order and pay at the sandbox.
type buyers struct {
	a    *app.App
	base string
	show string
	log  *slog.Logger
	pay  func(ctx context.Context, payURL string) error
}

// enlist makes the crowd's accounts and gives a client each.
func (b *buyers) enlist(ctx context.Context) ([]*client.Client, error) {
	hc := &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: crowd}}
	var out []*client.Client
	for i := range crowd {
		var token string
		err := b.a.DB.Update(ctx, func(tx *db.Tx) error {
			u, err := account.Create(ctx, tx, b.a.Vault, system, fmt.Sprintf("1990001%04d", i), buyerNames[i%len(buyerNames)])
			if err != nil {
				return err
			}
			token, err = account.OpenSession(ctx, tx, u.ID, account.API, "demo buyer", "")
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, client.New(b.base, token, hc))
	}
	return out, nil
}

// run lets one buyer live until ctx ends.
func (b *buyers) run(ctx context.Context, c *client.Client) {
	rest := time.NewTimer(time.Duration(rand.Int64N(int64(restSpan))))
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
		}
		if err := b.act(ctx, c); err != nil && ctx.Err() == nil {
			// A refusal (sold out, too fast) is part of life; anything else is news.
			if client.Code(err) == "" {
				b.log.Warn("demo buyer", "err", err)
			}
		}
		rest.Reset(restMin + time.Duration(rand.Int64N(int64(restSpan))))
	}
}

func (b *buyers) act(ctx context.Context, c *client.Client) error {
	s, err := c.Show(ctx, b.show)
	if err != nil || s.State != "live" {
		return err
	}
	if rand.IntN(10) < 4 {
		_, err := c.Say(ctx, b.show, questions[rand.IntN(len(questions))])
		return err
	}
	it, ok := choose(s)
	if !ok {
		return nil
	}
	return b.buy(ctx, c, it)
}

// choose mostly takes what is explained just now, like people do.
func choose(s client.Show) (client.Item, bool) {
	var on []client.Item
	for _, it := range s.Items {
		if it.State != "on_sale" {
			continue
		}
		on = append(on, it)
		if it.ID == s.Pinned {
			on = append(on, it, it)
		}
	}
	if len(on) == 0 {
		return client.Item{}, false
	}
	return on[rand.IntN(len(on))], true
}

func (b *buyers) buy(ctx context.Context, c *client.Client, it client.Item) error {
	addr, err := b.home(ctx, c)
	if err != nil {
		return err
	}
	o, err := c.PlaceOrder(ctx, id.New[string](), client.Want{Show: b.show, Address: addr, NoReturnOK: it.ReturnRule != "seven_day",
		Lines: []client.WantLine{{Item: it.ID, Units: 1 + rand.Int64N(2), PriceFen: it.PriceFen}}})
	if err != nil {
		return err
	}
	if rand.IntN(10) == 0 {
		return nil // changes their mind; the order expires
	}
	p, err := c.Pay(ctx, o.ID, "sandbox")
	if err != nil {
		return err
	}
	return b.pay(ctx, p.PayURL)
}

func (b *buyers) home(ctx context.Context, c *client.Client) (string, error) {
	have, err := c.Addresses(ctx)
	if err != nil {
		return "", err
	}
	if len(have) > 0 {
		return have[0].ID, nil
	}
	h := homes[rand.IntN(len(homes))]
	a, err := c.AddAddress(ctx, client.Address{Name: "演示" + string([]rune(strings.Repeat("甲乙丙丁戊", 3))[rand.IntN(15)]), Phone: "19900000099",
		Province: h.province, City: h.city, District: h.district, Detail: h.detail, Default: true})
	return a.ID, err
}
