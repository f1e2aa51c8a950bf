package alipay

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/payment"
)

// maxAge of a callback: Alipay repeats one for 25 hours and keeps its first
// notify_time; a day more for clocks and nights.
const maxAge = 49 * time.Hour

func forged(why string) error {
	return fault.New(fault.Denied, "payment.forged").Because(errors.New("alipay: " + why))
}

// Verify implements payment.Gateway.
func (g *Gateway) Verify(r *http.Request, body []byte, now time.Time) (payment.Notice, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return payment.Notice{}, forged("a callback that is no form")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form) > 100 {
		return payment.Notice{}, forged("a body of another form")
	}
	for _, v := range form {
		if len(v) != 1 { // what is signed and what is read must be the same
			return payment.Notice{}, forged("a field that comes twice")
		}
	}
	// A certificate named by a stranger would have the SDK fetch it.
	if t := form.Get("sign_type"); t != "RSA2" || form.Has("alipay_cert_sn") {
		return payment.Notice{}, forged("a signature of another kind")
	}
	n, err := g.client.DecodeNotification(r.Context(), form)
	if err != nil {
		return payment.Notice{}, forged("the signature does not fit")
	}
	at, err := time.ParseInLocation(time.DateTime, n.NotifyTime, clock.Shanghai)
	if err != nil {
		return payment.Notice{}, forged("a callback without its time")
	}
	if d := now.Sub(at); d > maxAge || d < -maxAge {
		return payment.Notice{}, fault.New(fault.Denied, "payment.stale")
	}
	return g.read(n, at)
}

// read reads a callback whose signature was checked. One about a refund or a
// closing is taken and changes nothing: its Notice is not Paid.
func (g *Gateway) read(n *sdk.Notification, at time.Time) (payment.Notice, error) {
	switch {
	case n.AppId != g.o.App:
		return payment.Notice{}, forged("another app's payment")
	case n.SellerId != g.o.Seller:
		return payment.Notice{}, forged("another seller's payment")
	case len(n.NotifyId) < 8 || len(n.NotifyId) > 128:
		return payment.Notice{}, forged("an event without its id")
	case n.TradeStatus != sdk.TradeStatusSuccess && n.TradeStatus != sdk.TradeStatusFinished, n.OutBizNo != "", n.GmtRefund != "":
		return payment.Notice{EventID: n.NotifyId}, nil
	}
	if paid, err := time.ParseInLocation(time.DateTime, n.GmtPayment, clock.Shanghai); err == nil {
		at = paid
	}
	return notice(n.NotifyId, n.OutTradeNo, n.TradeNo, n.TotalAmount, at)
}

// Ack implements payment.Gateway: Alipay wants the word "success", and asks
// again after anything else.
func (g *Gateway) Ack(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	switch f := fault.Of(err); {
	case err == nil:
		io.WriteString(w, "success") //nolint:errcheck // it will come again
	case f.Kind == fault.Denied:
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, "fail") //nolint:errcheck // a stranger has gone
	case f.Kind == fault.TooLarge:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "fail") //nolint:errcheck // it will come again
	}
}
