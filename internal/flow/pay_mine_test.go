package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/wechat"
)

// ways answers like WeChat Pay, by device, without anything behind it.
type ways struct {
	payment.Gateway
	closed *[]id.Payment
}

func (w ways) Name() string { return wechat.Name }

func (w ways) Pay(ctx context.Context, p payment.Payment, _, _ string, _ time.Time) (string, error) {
	switch payment.DeviceOf(ctx).Kind {
	case payment.WeChat:
		return "https://shop.example/pay/wechat/" + string(p.ID), nil
	case payment.Phone:
		return "https://wx.example/h5?prepay_id=" + string(p.ID), nil
	}
	return payment.QR + "weixin://wxpay/bizpayurl?pr=" + string(p.ID), nil
}

func (w ways) Close(_ context.Context, p id.Payment) error {
	*w.closed = append(*w.closed, p)
	return nil
}

func (w ways) LoginURL(page, state string) string {
	return "https://login.example?" + page + "&" + state
}

func (w ways) OpenID(_ context.Context, code string) (string, error) { return "openid-" + code, nil }

func (w ways) Bridge(_ context.Context, p payment.Payment, openID, subject string, _ time.Time) (wechat.Bridge, error) {
	return wechat.Bridge{Package: string(p.ID) + openID, NonceStr: subject}, nil
}

// noApp has no secret of an app.
type noApp struct{ ways }

func (noApp) InApp() bool { return false }

// A buyer who goes on with another device gets a payment that works there, and
// the one before can't be paid any more.
func TestAnotherDeviceNeedsAnotherPayment(t *testing.T) {
	eachTill(t, func(b *till) {
		var closed []id.Payment
		b.Gateways[wechat.Name] = ways{b.Gateways["sandbox"], &closed}
		who, o := b.order(1)
		start := func(kind string) payment.Payment {
			p, err := b.StartPayment(payment.WithDevice(b.Context(), payment.Device{Kind: kind}), who, o.ID, wechat.Name)
			if err != nil {
				b.Fatal(err)
			}
			return p
		}
		pc := start(payment.PC)
		if again := start(payment.PC); again.ID != pc.ID || len(closed) != 0 || !strings.HasPrefix(pc.PayURL, payment.QR) {
			b.Errorf("%+v, closed %v", again, closed)
		}
		app := start(payment.WeChat)
		phone := start(payment.Phone)
		if app.ID == pc.ID || phone.ID == app.ID || len(closed) != 2 || closed[0] != pc.ID || closed[1] != app.ID {
			b.Errorf("%s %s %s, closed %v", pc.ID, app.ID, phone.ID, closed)
		}
		b.Gateways[wechat.Name] = noApp{ways{b.Gateways["sandbox"], &closed}}
		if code := start(payment.WeChat); code.ID == phone.ID {
			b.Error("a phone's payment stays in WeChat")
		} else if again := start(payment.PC); again.ID == code.ID {
			b.Errorf("the address inside WeChat stays on a PC: %s", again.PayURL)
		} else if inside := start(payment.WeChat); inside.ID != again.ID {
			b.Error("without the app's secret a code stays a code inside WeChat")
		}
		if n := b.count(`SELECT count(*) FROM payment WHERE state = 'open'`); n != 1 {
			b.Errorf("%d payments can be paid", n)
		}
	})
}

func TestMyPaymentIsTheBuyersOnly(t *testing.T) {
	eachTill(t, func(b *till) {
		var closed []id.Payment
		b.Gateways[wechat.Name] = ways{b.Gateways["sandbox"], &closed}
		who, o := b.order(1)
		p, err := b.StartPayment(payment.WithDevice(b.Context(), payment.Device{Kind: payment.WeChat}), who, o.ID, wechat.Name)
		if err != nil {
			b.Fatal(err)
		}
		other, _ := b.Buyer()
		_, err = b.MyPayment(b.Context(), other, p.ID)
		b.wantKey(err, "fault.not_found")
		_, err = b.MyPayment(b.Context(), who, "nope")
		b.wantKey(err, "fault.not_found")
		m, err := b.MyPayment(b.Context(), who, p.ID)
		if err != nil || m.No != o.No || m.Back != "/pay/return/"+string(o.ID) {
			b.Fatalf("%+v %v", m, err)
		}
		if to, err := b.InApp(m, "https://shop.example/x"); err != nil || !strings.HasSuffix(to, "&"+string(p.ID)) {
			b.Errorf("%s %v", to, err)
		}
		if br, err := b.Bridge(b.Context(), m, "c"); err != nil || br.Package != string(p.ID)+"openid-c" || !strings.Contains(br.NonceStr, o.No) {
			b.Errorf("%+v %v", br, err)
		}
		b.now.Add(kept)
		_, err = b.Bridge(b.Context(), m, "c")
		b.wantKey(err, "payment.order_expired")
		m.Gateway = "sandbox"
		_, err = b.InApp(m, "x")
		b.wantKey(err, "payment.unknown_gateway")
	})
}
