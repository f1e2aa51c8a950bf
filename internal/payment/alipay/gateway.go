package alipay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	sdk "github.com/smartwalle/alipay/v3"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
)

// Name of the gateway: in payments, and in the callback's address.
const Name = "alipay"

// Options of New.
type Options struct {
	App     string // app id
	Seller  string // seller id (2088…); callbacks of another one are refused
	Private string // our private key, PKCS#1 or PKCS#8, PEM or bare base64
	Public  string // Alipay's public key
	Notify  string // where Alipay calls back: https://…/pay/callback/alipay
	API     string // replaces the provider's address: the simulator
	Clock   clock.Clock
}

// Gateway implements payment.Gateway.
type Gateway struct {
	o      Options
	client *sdk.Client
	http   *http.Client
}

var _ payment.Gateway = (*Gateway)(nil)

// timeout of one call beside the caller's context.
const timeout = 8 * time.Second

// New checks the keys and makes a gateway.
func New(o Options) (*Gateway, error) {
	if o.App == "" || o.Seller == "" || o.Private == "" || o.Public == "" {
		return nil, errors.New("alipay: app id, seller id, our private key and Alipay's public key are needed")
	}
	if u, err := url.Parse(o.Notify); err != nil || u.Host == "" {
		return nil, fmt.Errorf("alipay: %q is no address", o.Notify)
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	g := &Gateway{o: o, http: &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	opts := []sdk.OptionFunc{sdk.WithHTTPClient(g.http), sdk.WithTimeLocation(clock.Shanghai)}
	if o.API != "" {
		opts = append(opts, sdk.WithProductionGateway(o.API))
	}
	var err error
	if g.client, err = sdk.New(o.App, o.Private, true, opts...); err != nil {
		return nil, errors.New("alipay: our private key can't be read") // the SDK's error may hold it
	}
	if err := g.client.LoadAliPayPublicKey(o.Public); err != nil {
		return nil, errors.New("alipay: Alipay's public key can't be read")
	}
	return g, nil
}

// Name implements payment.Gateway.
func (g *Gateway) Name() string { return Name }

// Pay implements payment.Gateway. No call is made: the address is signed.
func (g *Gateway) Pay(ctx context.Context, p payment.Payment, subject, returnURL string, expires time.Time) (string, error) {
	t := sdk.Trade{NotifyURL: g.o.Notify, ReturnURL: returnURL, Subject: subject, OutTradeNo: string(p.ID), TotalAmount: p.Amount.String(),
		TimeExpire: expires.In(clock.Shanghai).Format(time.DateTime), ProductCode: "FAST_INSTANT_TRADE_PAY"}
	var u *url.URL
	var err error
	if payment.DeviceOf(ctx).Kind == payment.PC {
		u, err = g.client.TradePagePay(sdk.TradePagePay{Trade: t})
	} else {
		t.ProductCode = "QUICK_WAP_WAY"
		u, err = g.client.TradeWapPay(sdk.TradeWapPay{Trade: t})
	}
	if err != nil {
		return "", down(errors.New("the address can't be signed"))
	}
	return u.String(), nil
}

// Query implements payment.Gateway.
func (g *Gateway) Query(ctx context.Context, p id.Payment) (payment.Notice, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res, err := g.client.TradeQuery(ctx, sdk.TradeQuery{OutTradeNo: string(p)})
	if err != nil {
		return payment.Notice{}, refused(err)
	}
	if err := problem(res.Error); err != nil {
		return payment.Notice{}, err
	}
	if res.OutTradeNo != string(p) {
		return payment.Notice{}, down(errors.New("the answer is about another payment"))
	}
	if res.TradeStatus != sdk.TradeStatusSuccess && res.TradeStatus != sdk.TradeStatusFinished {
		return payment.Notice{Payment: p}, nil
	}
	at, err := time.ParseInLocation(time.DateTime, res.SendPayDate, clock.Shanghai)
	if err != nil {
		at = g.o.Clock.Now()
	}
	return notice("query/"+string(p), string(p), res.TradeNo, res.TotalAmount, at)
}

// notice reads a payment that succeeded.
func notice(event, ours, ref, amount string, at time.Time) (payment.Notice, error) {
	fen, err := money.Parse(amount)
	if err != nil || fen <= 0 || fen > money.MaxFen {
		return payment.Notice{}, forged("a payment without its amount")
	}
	if !id.Valid(id.Payment(ours)) || ref == "" || len(ref) > 64 {
		return payment.Notice{}, forged("a payment without its numbers")
	}
	return payment.Notice{EventID: event, Payment: id.Payment(ours), Amount: fen, Ref: ref, Paid: true, At: at}, nil
}

// Close implements payment.Gateway.
func (g *Gateway) Close(ctx context.Context, p id.Payment) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res, err := g.client.TradeClose(ctx, sdk.TradeClose{OutTradeNo: string(p)})
	if err != nil {
		return refused(err)
	}
	err = problem(res.Error)
	switch {
	case errors.Is(err, payment.ErrUnknown):
		return nil // the buyer never went there
	case res.SubCode == "ACQ.TRADE_STATUS_ERROR": // paid, or closed before
		n, qerr := g.Query(ctx, p)
		if qerr == nil && n.Paid {
			return payment.ErrAlreadyPaid
		}
		return qerr
	}
	return err
}

// Refund implements payment.Gateway.
func (g *Gateway) Refund(ctx context.Context, r payment.Refund) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res, err := g.client.TradeRefund(ctx, sdk.TradeRefund{OutTradeNo: string(r.Payment), RefundAmount: r.Amount.String(), OutRequestNo: string(r.ID)})
	if err != nil {
		return "", refused(err)
	}
	if err := problem(res.Error); err != nil {
		if errors.Is(err, payment.ErrUnknown) {
			err = fmt.Errorf("%w: %w", payment.ErrRefused, err)
		}
		return "", err
	}
	if res.FundChange == "Y" {
		return res.TradeNo, nil // a refund has no number of its own
	}
	// Nothing moved by this call: it was done before, or is not done yet
	// (opendocs.alipay.com, alipay.trade.refund: then the state is to be asked).
	ref, err := g.RefundState(ctx, r)
	if errors.Is(err, payment.ErrUnknown) {
		return res.TradeNo, payment.ErrProcessing
	}
	return ref, err
}

// RefundState implements payment.Gateway. Alipay tells one that is under way
// and one that it does not know alike: both are ErrUnknown, and sending it again
// does no harm.
func (g *Gateway) RefundState(ctx context.Context, r payment.Refund) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res, err := g.client.TradeFastPayRefundQuery(ctx, sdk.TradeFastPayRefundQuery{OutTradeNo: string(r.Payment), OutRequestNo: string(r.ID)})
	if err != nil {
		return "", refused(err)
	}
	if err := problem(res.Error); err != nil {
		return "", err
	}
	if res.RefundStatus != "REFUND_SUCCESS" {
		return "", payment.ErrUnknown
	}
	return res.TradeNo, nil
}

// down is the fault of a provider that can't be used just now.
func down(err error) error {
	return fault.New(fault.Unavailable, "payment.gateway_down").After(5 * time.Second).Because(err)
}

// refused maps an error of the SDK; what is not Alipay's own answer is tried
// again.
func refused(err error) error {
	var e *sdk.Error
	if errors.As(err, &e) {
		return problem(*e)
	}
	return down(errors.New("the call did not get through or its answer did not verify"))
}

// problem maps Alipay's codes to ours (opendocs.alipay.com, error codes of each
// call).
func problem(e sdk.Error) error {
	if e.IsSuccess() {
		return nil
	}
	short := fmt.Errorf("%s %s", e.Code, e.SubCode)
	switch e.SubCode {
	case "ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST":
		return fmt.Errorf("%w: %w", payment.ErrUnknown, short)
	case "ACQ.TRADE_HAS_SUCCESS":
		return fmt.Errorf("%w: %w", payment.ErrAlreadyPaid, short)
	case "isp.bill_not_exist":
		return fmt.Errorf("%w: %w", payment.ErrNoBill, short)
	case "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.TRADE_STATUS_ERROR", "ACQ.INVALID_PARAMETER",
		"ACQ.REASON_TRADE_REFUND_FEE_ERR", "ACQ.TRADE_HAS_FINISHED", "ACQ.DISCORDANT_REPEAT_REQUEST":
		return fmt.Errorf("%w: %w", payment.ErrRefused, short)
	}
	return down(short)
}
