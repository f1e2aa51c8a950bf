package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
)

// Name of the gateway: in payments, and in the callback's address.
const Name = "sandbox"

// GatewayOptions of NewGateway.
type GatewayOptions struct {
	Keys   Keys
	API    string // address of the provider's API, "http://127.0.0.1:9090"
	Pages  string // address of its pages as buyers reach them; empty: API. May be a path of our site, "/sandbox"
	Notify string // where the provider calls back: "https://…/pay/callback/sandbox"
	Clock  clock.Clock
	HTTP   *http.Client
}

// Gateway is our side of the provider.
type Gateway struct{ o GatewayOptions }

var _ payment.Gateway = (*Gateway)(nil)

// callTimeout bounds one call beside the caller's context.
const callTimeout = 5 * time.Second

// NewGateway makes our side.
func NewGateway(o GatewayOptions) (*Gateway, error) {
	if o.Keys.MerchantPrivate == nil || !webAddress(o.API) || !webAddress(o.Notify) {
		return nil, errors.New("sandbox: the merchant's key, the API's address or the callback's address is missing")
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if o.Pages == "" {
		o.Pages = o.API
	}
	o.API, o.Pages = strings.TrimRight(o.API, "/"), strings.TrimRight(o.Pages, "/")
	return &Gateway{o}, nil
}

// Name implements payment.Gateway.
func (g *Gateway) Name() string { return Name }

// Pay implements payment.Gateway.
func (g *Gateway) Pay(ctx context.Context, p payment.Payment, subject, returnURL string, expires time.Time) (string, error) {
	in := payRequest{PaymentID: p.ID, AmountFen: p.Amount, Subject: subject, ReturnURL: returnURL, NotifyURL: g.o.Notify, Expires: expires}
	var out payAnswer
	if err := g.call(ctx, http.MethodPost, "/v1/pay", in, &out); err != nil {
		return "", err
	}
	return g.o.Pages + "/" + out.PagePath, nil
}

// Query implements payment.Gateway. A paid payment is one event, however often
// it is asked for.
func (g *Gateway) Query(ctx context.Context, p id.Payment) (payment.Notice, error) {
	var out standing
	if err := g.call(ctx, http.MethodGet, "/v1/payments/"+string(p), nil, &out); err != nil {
		return payment.Notice{}, err
	}
	if out.PaymentID != p {
		return payment.Notice{}, down(errors.New("the answer is about another payment"))
	}
	return out.notice("query/" + string(p)), nil
}

// Close implements payment.Gateway.
func (g *Gateway) Close(ctx context.Context, p id.Payment) error {
	err := g.call(ctx, http.MethodPost, "/v1/payments/"+string(p)+"/close", struct{}{}, nil)
	if errors.Is(err, payment.ErrUnknown) {
		return nil
	}
	return err
}

// Refund implements payment.Gateway.
func (g *Gateway) Refund(ctx context.Context, r payment.Refund) (string, error) {
	in := refundRequest{RefundID: r.ID, PaymentID: r.Payment, AmountFen: r.Amount, Reason: r.Reason}
	var out refundAnswer
	err := g.call(ctx, http.MethodPost, "/v1/refunds", in, &out)
	if errors.Is(err, payment.ErrUnknown) {
		err = fmt.Errorf("%w: %w", payment.ErrRefused, err)
	}
	return out.Ref, err
}

// RefundState implements payment.Gateway: a refund is done at once, and sent
// again it gets the first answer.
func (g *Gateway) RefundState(ctx context.Context, r payment.Refund) (string, error) {
	return g.Refund(ctx, r)
}

// Bill implements payment.Gateway. The sandbox takes no fee.
func (g *Gateway) Bill(ctx context.Context, day clock.Day) ([]payment.BillRow, error) {
	var out billAnswer
	if err := g.call(ctx, http.MethodGet, "/v1/bills/"+day.String(), nil, &out); err != nil {
		return nil, err
	}
	rows := make([]payment.BillRow, len(out.Rows))
	for i, r := range out.Rows {
		rows[i] = payment.BillRow{Kind: r.Kind, Ours: r.ID, Ref: r.Ref, Amount: r.Amount, At: r.At}
	}
	return rows, nil
}

// call sends a signed request and reads a signed answer. An answer that does
// not verify counts as none: the network between may be anybody's.
func (g *Gateway) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, g.o.API+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	g.o.Keys.signRequest(r, path, body, g.o.Clock.Now())
	r.Header.Set("Content-Type", "application/json")
	res, err := g.o.HTTP.Do(r)
	if err != nil {
		return down(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, payment.MaxBill))
	if err != nil {
		return down(err)
	}
	if err := g.o.Keys.verifyMessage(res.Header, answer, g.o.Clock.Now()); err != nil {
		return down(fmt.Errorf("answer with status %d: %w", res.StatusCode, err))
	}
	if res.StatusCode != http.StatusOK {
		return refused(res.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return down(err)
	}
	return nil
}

// down is the fault of a provider that can't be used just now.
func down(err error) error {
	return fault.New(fault.Unavailable, "payment.gateway_down").After(5 * time.Second).Because(err)
}

// refused maps the provider's codes to ours.
func refused(status int, answer []byte) error {
	var p problem
	if err := json.Unmarshal(answer, &p); err != nil {
		return down(err)
	}
	err := fmt.Errorf("%s: %s (%d)", p.Code, p.Message, status)
	switch p.Code {
	case codePaid:
		return fmt.Errorf("%w: %w", payment.ErrAlreadyPaid, err)
	case codeUnknown:
		return fmt.Errorf("%w: %w", payment.ErrUnknown, err)
	case codeNoBill:
		return fmt.Errorf("%w: %w", payment.ErrNoBill, err)
	case codeParam, codeConflict, codeOver:
		return fmt.Errorf("%w: %w", payment.ErrRefused, err)
	}
	return down(err)
}
