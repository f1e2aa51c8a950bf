package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/h5"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
)

// currency of everything we sell.
const currency = "CNY"

// Pay implements payment.Gateway, by the way that fits the buyer's device.
func (g *Gateway) Pay(ctx context.Context, p payment.Payment, subject, returnURL string, expires time.Time) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	split, err := g.split(ctx, p)
	if err != nil {
		return "", err
	}
	switch d := payment.DeviceOf(ctx); {
	case d.Kind == payment.WeChat && g.o.Secret != "":
		// Opened when the openid is known: see OpenID and Bridge.
		return g.o.Site + "/pay/wechat/" + string(p.ID), nil
	case d.Kind == payment.Phone:
		return g.onPhone(ctx, p, subject, returnURL, expires, d.IP, split)
	}
	return g.byCode(ctx, p, subject, expires, split)
}

func (g *Gateway) split(ctx context.Context, p payment.Payment) (bool, error) {
	if g.o.Split == nil {
		return false, nil
	}
	return g.o.Split(ctx, p)
}

func (g *Gateway) byCode(ctx context.Context, p payment.Payment, subject string, expires time.Time, split bool) (string, error) {
	svc := native.NativeApiService{Client: g.client}
	res, _, err := svc.Prepay(ctx, native.PrepayRequest{
		Appid: core.String(g.o.App), Mchid: core.String(g.o.Merchant), Description: core.String(subject), OutTradeNo: core.String(string(p.ID)),
		TimeExpire: core.Time(expires), NotifyUrl: core.String(g.o.Notify), SettleInfo: &native.SettleInfo{ProfitSharing: core.Bool(split)},
		Amount: &native.Amount{Total: core.Int64(int64(p.Amount)), Currency: core.String(currency)},
	})
	if err != nil {
		return "", refused(err)
	}
	return payment.QR + str(res.CodeUrl), nil
}

func (g *Gateway) onPhone(ctx context.Context, p payment.Payment, subject, returnURL string, expires time.Time, ip string, split bool) (string, error) {
	svc := h5.H5ApiService{Client: g.client}
	res, _, err := svc.Prepay(ctx, h5.PrepayRequest{
		Appid: core.String(g.o.App), Mchid: core.String(g.o.Merchant), Description: core.String(subject), OutTradeNo: core.String(string(p.ID)),
		TimeExpire: core.Time(expires), NotifyUrl: core.String(g.o.Notify), SettleInfo: &h5.SettleInfo{ProfitSharing: core.Bool(split)},
		Amount:    &h5.Amount{Total: core.Int64(int64(p.Amount)), Currency: core.String(currency)},
		SceneInfo: &h5.SceneInfo{PayerClientIp: core.String(ip), H5Info: &h5.H5Info{Type: core.String("Wap"), AppName: core.String(g.o.SiteName), AppUrl: core.String(g.o.Site)}},
	})
	if err != nil {
		return "", refused(err)
	}
	return str(res.H5Url) + "&redirect_url=" + url.QueryEscape(returnURL), nil
}

// InApp tells whether buyers inside WeChat pay there; without the app's secret
// they are shown a code.
func (g *Gateway) InApp() bool { return g.o.Secret != "" }

// LoginURL is where WeChat's browser asks the person's openid for us and comes
// back to page with ?code= and the state.
func (g *Gateway) LoginURL(page, state string) string {
	q := url.Values{"appid": {g.o.App}, "redirect_uri": {page}, "response_type": {"code"}, "scope": {"snsapi_base"}, "state": {state}}
	at := "https://open.weixin.qq.com"
	if g.o.Login != "" {
		at = g.o.Login
	}
	return at + "/connect/oauth2/authorize?" + q.Encode() + "#wechat_redirect"
}

// OpenID trades the code of LoginURL for the person's openid.
func (g *Gateway) OpenID(ctx context.Context, code string) (string, error) {
	at := "https://api.weixin.qq.com"
	if g.o.Login != "" {
		at = g.o.Login
	}
	q := url.Values{"appid": {g.o.App}, "secret": {g.o.Secret}, "code": {code}, "grant_type": {"authorization_code"}}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/sns/oauth2/access_token?"+q.Encode(), nil)
	if err != nil {
		return "", down(errors.New("address of the openid"))
	}
	// Not through elsewhere: this is another address. Its error holds the
	// secret, so it goes no further.
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", down(errors.New("openid: no answer"))
	}
	defer res.Body.Close()
	var out struct {
		OpenID string `json:"openid"`
		Code   int    `json:"errcode"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&out); err != nil || out.OpenID == "" || len(out.OpenID) > 128 {
		return "", down(fmt.Errorf("openid: error %d", out.Code))
	}
	return out.OpenID, nil
}

// Bridge is what WeixinJSBridge.invoke("getBrandWCPayRequest") is given.
type Bridge struct {
	AppID     string `json:"appId"`
	TimeStamp string `json:"timeStamp"`
	NonceStr  string `json:"nonceStr"`
	Package   string `json:"package"`
	SignType  string `json:"signType"`
	PaySign   string `json:"paySign"`
}

// Bridge opens the payment for the person and signs what the page hands over.
func (g *Gateway) Bridge(ctx context.Context, p payment.Payment, openID, subject string, expires time.Time) (Bridge, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	split, err := g.split(ctx, p)
	if err != nil {
		return Bridge{}, err
	}
	svc := jsapi.JsapiApiService{Client: g.client}
	res, _, err := svc.PrepayWithRequestPayment(ctx, jsapi.PrepayRequest{
		Appid: core.String(g.o.App), Mchid: core.String(g.o.Merchant), Description: core.String(subject), OutTradeNo: core.String(string(p.ID)),
		TimeExpire: core.Time(expires), NotifyUrl: core.String(g.o.Notify), SettleInfo: &jsapi.SettleInfo{ProfitSharing: core.Bool(split)},
		Amount: &jsapi.Amount{Total: core.Int64(int64(p.Amount)), Currency: core.String(currency)},
		Payer:  &jsapi.Payer{Openid: core.String(openID)},
	})
	if err != nil {
		return Bridge{}, refused(err)
	}
	return Bridge{str(res.Appid), str(res.TimeStamp), str(res.NonceStr), str(res.Package), str(res.SignType), str(res.PaySign)}, nil
}

// Query implements payment.Gateway.
func (g *Gateway) Query(ctx context.Context, p id.Payment) (payment.Notice, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	svc := native.NativeApiService{Client: g.client}
	t, _, err := svc.QueryOrderByOutTradeNo(ctx, native.QueryOrderByOutTradeNoRequest{OutTradeNo: core.String(string(p)), Mchid: core.String(g.o.Merchant)})
	if err != nil {
		return payment.Notice{}, refused(err)
	}
	if str(t.OutTradeNo) != string(p) || str(t.Mchid) != g.o.Merchant {
		return payment.Notice{}, down(errors.New("the answer is about another payment"))
	}
	if s := str(t.TradeState); s != "SUCCESS" && s != "REFUND" {
		return payment.Notice{Payment: p}, nil
	}
	return g.notice("query/"+string(p), t)
}

// notice reads a payment that succeeded.
func (g *Gateway) notice(event string, t *payments.Transaction) (payment.Notice, error) {
	at, err := time.Parse(time.RFC3339, str(t.SuccessTime))
	switch {
	case str(t.Mchid) != g.o.Merchant:
		return payment.Notice{}, forged("another merchant's payment")
	case str(t.Appid) != g.o.App:
		return payment.Notice{}, forged("another app's payment")
	case t.Amount == nil || t.Amount.Total == nil || *t.Amount.Total <= 0 || *t.Amount.Total > int64(money.MaxFen):
		return payment.Notice{}, forged("a payment without its amount")
	case t.Amount.Currency != nil && *t.Amount.Currency != currency:
		return payment.Notice{}, forged("a payment in another currency")
	case !id.Valid(id.Payment(str(t.OutTradeNo))) || str(t.TransactionId) == "" || len(str(t.TransactionId)) > 64 || err != nil:
		return payment.Notice{}, forged("a payment without its numbers")
	}
	return payment.Notice{EventID: event, Payment: id.Payment(str(t.OutTradeNo)), Amount: money.Fen(*t.Amount.Total), Ref: str(t.TransactionId), Paid: true, At: at}, nil
}

// Close implements payment.Gateway.
func (g *Gateway) Close(ctx context.Context, p id.Payment) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	svc := native.NativeApiService{Client: g.client}
	if _, err := svc.CloseOrder(ctx, native.CloseOrderRequest{OutTradeNo: core.String(string(p)), Mchid: core.String(g.o.Merchant)}); err != nil {
		err = refused(err)
		if errors.Is(err, payment.ErrUnknown) {
			return nil
		}
		return err
	}
	return nil
}

// Refund implements payment.Gateway.
func (g *Gateway) Refund(ctx context.Context, r payment.Refund) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	svc := refunddomestic.RefundsApiService{Client: g.client}
	res, _, err := svc.Create(ctx, refunddomestic.CreateRequest{
		OutTradeNo: core.String(string(r.Payment)), OutRefundNo: core.String(string(r.ID)),
		Amount: &refunddomestic.AmountReq{Refund: core.Int64(int64(r.Amount)), Total: core.Int64(int64(r.Of)), Currency: core.String(currency)},
	})
	if err != nil {
		err = refused(err)
		if errors.Is(err, payment.ErrUnknown) {
			err = fmt.Errorf("%w: %w", payment.ErrRefused, err)
		}
		return "", err
	}
	return g.refunded(res)
}

// RefundState implements payment.Gateway.
func (g *Gateway) RefundState(ctx context.Context, r payment.Refund) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	svc := refunddomestic.RefundsApiService{Client: g.client}
	res, _, err := svc.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: core.String(string(r.ID))})
	if err != nil {
		return "", refused(err)
	}
	return g.refunded(res)
}

func (g *Gateway) refunded(r *refunddomestic.Refund) (string, error) {
	if r.Status == nil {
		return "", down(errors.New("a refund without its state"))
	}
	switch *r.Status {
	case refunddomestic.STATUS_SUCCESS:
		return str(r.RefundId), nil
	case refunddomestic.STATUS_PROCESSING:
		return str(r.RefundId), payment.ErrProcessing
	case refunddomestic.STATUS_ABNORMAL:
		return str(r.RefundId), payment.ErrUndelivered
	}
	return "", fmt.Errorf("%w: refund %s", payment.ErrRefused, *r.Status)
}

// str is an optional text of the SDK.
func str(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}
