package flow

import (
	"context"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/wechat"
)

// Mine is a payment as its buyer sees it while paying.
type Mine struct {
	payment.Payment
	No      string // of the order or gift
	Subject string // what the provider shows
	Back    string // path of our page that says how it stands
}

// MyPayment reads a payment of the asker's own order or gift. Fault NotFound
// for anybody else's.
func (f *Flow) MyPayment(ctx context.Context, who actor.Actor, p id.Payment) (Mine, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return Mine{}, err
	}
	x, err := payment.ByID(ctx, f.DB, p)
	if err != nil {
		return Mine{}, err
	}
	m := Mine{Payment: x}
	var owner id.User
	if x.Purpose == payment.ForGift {
		var g gift.Gift
		g, err = gift.ByID(ctx, f.DB, id.Gift(x.Order))
		owner, m.No, m.Subject, m.Back = g.User, g.No, g.NameZh+" · "+g.No, "/gifts/"+string(g.ID)
	} else {
		var o order.Order
		o, err = order.ByID(ctx, f.DB, x.Order)
		owner, m.No, m.Subject, m.Back = o.Buyer, o.No, subject(o), "/pay/return/"+string(o.ID)
	}
	switch {
	case err != nil:
		return Mine{}, err
	case owner != who.User:
		return Mine{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return m, nil
}

// inApp is a Gateway that takes money on a page inside its own app: the person
// is known there by an openid.
type inApp interface {
	payment.Gateway
	LoginURL(page, state string) string
	OpenID(ctx context.Context, code string) (string, error)
	Bridge(ctx context.Context, p payment.Payment, openID, subject string, expires time.Time) (wechat.Bridge, error)
}

// InApp says where the app asks who is paying, for a payment that is open. It
// comes back to page with a code for Bridge, and the payment's id as state.
// Faults: payment.unknown_gateway, payment.order_expired.
func (f *Flow) InApp(m Mine, page string) (string, error) {
	g, err := f.inApp(m)
	if err != nil {
		return "", err
	}
	return g.LoginURL(page, string(m.ID)), nil
}

// Bridge opens the payment for the person that the code stands for, and gives
// what the page hands to the app. A code works once.
func (f *Flow) Bridge(ctx context.Context, m Mine, code string) (wechat.Bridge, error) {
	g, err := f.inApp(m)
	if err != nil {
		return wechat.Bridge{}, err
	}
	openID, err := g.OpenID(ctx, code)
	if err != nil {
		return wechat.Bridge{}, err
	}
	return g.Bridge(ctx, m.Payment, openID, m.Subject, m.Expires)
}

func (f *Flow) inApp(m Mine) (inApp, error) {
	g, ok := f.Gateways[m.Gateway].(inApp)
	switch {
	case !ok:
		return nil, fault.New(fault.Invalid, "payment.unknown_gateway")
	case m.State != payment.StateOpen || !f.DB.Clock.Now().Before(m.Expires):
		return nil, fault.New(fault.Gone, "payment.order_expired")
	}
	return g, nil
}

// misfit tells whether a payment was opened for another kind of device than the
// buyer holds now: nobody can scan the phone that shows the code, and WeChat's
// pages work in their own browser only. Providers take a number for one way
// only, so it needs a new payment.
func misfit(ctx context.Context, g payment.Gateway, p payment.Payment) bool {
	if p.Gateway != wechat.Name || p.PayURL == "" {
		return false
	}
	was := payment.Phone
	switch {
	case strings.HasPrefix(p.PayURL, payment.QR):
		was = payment.PC
	case strings.HasSuffix(p.PayURL, "/pay/wechat/"+string(p.ID)):
		was = payment.WeChat
	}
	is := payment.DeviceOf(ctx).Kind
	if x, ok := g.(interface{ InApp() bool }); ok && !x.InApp() && is == payment.WeChat {
		is = payment.PC // the same code is shown
	}
	return was != is
}
