package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

type object = map[string]any

// AskCode has a sign-in code sent to a phone.
func (c *Client) AskCode(ctx context.Context, phone string) (out SignInCode, err error) {
	err = c.do(ctx, http.MethodPost, "/codes", nil, object{"phone": phone}, &out)
	return out, err
}

// SignIn opens a session and gives its token.
func (c *Client) SignIn(ctx context.Context, codeID, code string) (token string, u User, err error) {
	var out struct {
		Token string `json:"token"`
		User  User   `json:"user"`
	}
	err = c.do(ctx, http.MethodPost, "/sessions", nil, object{"code_id": codeID, "code": code}, &out)
	return out.Token, out.User, err
}

// SignOut ends the session of the token.
func (c *Client) SignOut(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "/sessions/current", nil, nil, nil)
}

// Me is who holds the token.
func (c *Client) Me(ctx context.Context) (out User, err error) {
	err = c.do(ctx, http.MethodGet, "/me", nil, nil, &out)
	return out, err
}

// Addresses are one's own.
func (c *Client) Addresses(ctx context.Context) ([]Address, error) {
	var out struct {
		Addresses []Address `json:"addresses"`
	}
	err := c.do(ctx, http.MethodGet, "/addresses", nil, nil, &out)
	return out.Addresses, err
}

// AddAddress adds to one's book.
func (c *Client) AddAddress(ctx context.Context, a Address) (out Address, err error) {
	err = c.do(ctx, http.MethodPost, "/addresses", nil, a, &out)
	return out, err
}

// Shows lists live and announced shows.
func (c *Client) Shows(ctx context.Context) ([]Show, error) {
	var out struct {
		Shows []Show `json:"shows"`
	}
	err := c.do(ctx, http.MethodGet, "/shows", nil, nil, &out)
	return out.Shows, err
}

// Show reads a show with its tray.
func (c *Client) Show(ctx context.Context, show string) (out Show, err error) {
	err = c.do(ctx, http.MethodGet, "/shows/"+seg(show), nil, nil, &out)
	return out, err
}

// Chat reads a room's last messages.
func (c *Client) Chat(ctx context.Context, show string) ([]Message, error) {
	var out struct {
		Messages []Message `json:"messages"`
	}
	err := c.do(ctx, http.MethodGet, "/shows/"+seg(show)+"/chat", nil, nil, &out)
	return out.Messages, err
}

// Say says something in a room.
func (c *Client) Say(ctx context.Context, show, body string) (out Message, err error) {
	err = c.do(ctx, http.MethodPost, "/shows/"+seg(show)+"/chat", nil, object{"body": body}, &out)
	return out, err
}

// Quote prices lines to a province.
func (c *Client) Quote(ctx context.Context, province string, lines ...WantLine) (out Quote, err error) {
	err = c.do(ctx, http.MethodPost, "/quote", nil, object{"province": province, "lines": lines}, &out)
	return out, err
}

// PlaceOrder places an order. key is made once a wish and kept for retries.
func (c *Client) PlaceOrder(ctx context.Context, key string, w Want) (out Order, err error) {
	err = c.do(ctx, http.MethodPost, "/orders", http.Header{"Idempotency-Key": {key}}, w, &out)
	return out, err
}

// Orders lists one's own, the newest first; state "" for all.
func (c *Client) Orders(ctx context.Context, state string, limit int) ([]Order, error) {
	q := url.Values{"limit": {fmt.Sprint(limit)}}
	if state != "" {
		q.Set("state", state)
	}
	var out struct {
		Orders []Order `json:"orders"`
	}
	err := c.do(ctx, http.MethodGet, "/orders?"+q.Encode(), nil, nil, &out)
	return out.Orders, err
}

// Order reads an order.
func (c *Client) Order(ctx context.Context, order string) (out Order, err error) {
	err = c.do(ctx, http.MethodGet, "/orders/"+seg(order), nil, nil, &out)
	return out, err
}

// Pay opens a payment of an order at a gateway.
func (c *Client) Pay(ctx context.Context, order, gateway string) (out Payment, err error) {
	err = c.do(ctx, http.MethodPost, "/orders/"+seg(order)+"/pay", nil, object{"gateway": gateway}, &out)
	return out, err
}

// Cancel cancels an order that was not shipped.
func (c *Client) Cancel(ctx context.Context, order string) (out Order, err error) {
	err = c.do(ctx, http.MethodPost, "/orders/"+seg(order)+"/cancel", nil, nil, &out)
	return out, err
}

// Receive says that an order has arrived.
func (c *Client) Receive(ctx context.Context, order string) (out Order, err error) {
	err = c.do(ctx, http.MethodPost, "/orders/"+seg(order)+"/receive", nil, nil, &out)
	return out, err
}

// Ship notes an order's parcel (packer).
func (c *Client) Ship(ctx context.Context, order, carrier, trackingNo string) (out Order, err error) {
	err = c.do(ctx, http.MethodPost, "/orders/"+seg(order)+"/ship", nil, object{"carrier": carrier, "tracking_no": trackingNo}, &out)
	return out, err
}

// MoveShow announces, starts, ends or cancels a show (operator, its host).
func (c *Client) MoveShow(ctx context.Context, show, state string) error {
	return c.do(ctx, http.MethodPost, "/shows/"+seg(show)+"/state", nil, object{"state": state}, nil)
}

// Pin explains an item now; "" for none (operator, the show's host).
func (c *Client) Pin(ctx context.Context, show, item string) error {
	return c.do(ctx, http.MethodPost, "/shows/"+seg(show)+"/pin", nil, object{"item": item}, nil)
}

// SetItem changes an item (operator).
func (c *Client) SetItem(ctx context.Context, item string, ch ItemChange) (out Item, err error) {
	err = c.do(ctx, http.MethodPatch, "/items/"+seg(item), nil, ch, &out)
	return out, err
}

// Release puts more units of an item up for sale (operator).
func (c *Client) Release(ctx context.Context, item string, units int64) (out Item, err error) {
	err = c.do(ctx, http.MethodPost, "/items/"+seg(item)+"/release", nil, object{"units": units}, &out)
	return out, err
}

// HideMessage takes a message out of sight (moderator, operator).
func (c *Client) HideMessage(ctx context.Context, message string) error {
	return c.do(ctx, http.MethodPost, "/messages/"+seg(message)+"/hide", nil, nil, nil)
}

// ProducerBalance is what a producer is owed (the producer, finance, overseer).
func (c *Client) ProducerBalance(ctx context.Context, producer string) (out Balance, err error) {
	err = c.do(ctx, http.MethodGet, "/producers/"+seg(producer)+"/balance", nil, nil, &out)
	return out, err
}
