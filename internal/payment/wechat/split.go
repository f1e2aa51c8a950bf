package wechat

import (
	"context"
	"errors"
	"fmt"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"lindu.example/lindu/internal/payment"
)

var _ payment.Splitter = (*Gateway)(nil)

// AddReceiver implements payment.Splitter.
func (g *Gateway) AddReceiver(ctx context.Context, r payment.Receiver) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	svc := profitsharing.ReceiversApiService{Client: g.client}
	kind, relation := profitsharing.RECEIVERTYPE_MERCHANT_ID, profitsharing.RECEIVERRELATIONTYPE_SUPPLIER
	if r.Person {
		kind = profitsharing.RECEIVERTYPE_PERSONAL_OPENID
	}
	_, _, err := svc.AddReceiver(ctx, profitsharing.AddReceiverRequest{
		Account: core.String(r.Account), Appid: core.String(g.o.App), RelationType: relation.Ptr(), Type: kind.Ptr(),
	})
	if err != nil {
		return refused(err)
	}
	return nil
}

// Split implements payment.Splitter.
func (g *Gateway) Split(ctx context.Context, s payment.Split) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if len(s.Parts) == 0 { // nobody is to get anything any more: only free it
		return g.unfreeze(ctx, s)
	}
	req := profitsharing.CreateOrderRequest{Appid: core.String(g.o.App), OutOrderNo: core.String(s.ID), TransactionId: core.String(s.Ref), UnfreezeUnsplit: core.Bool(true)}
	for _, p := range s.Parts {
		kind := "MERCHANT_ID"
		if p.To.Person {
			kind = "PERSONAL_OPENID"
		}
		req.Receivers = append(req.Receivers, profitsharing.CreateOrderReceiver{Account: core.String(p.To.Account), Type: core.String(kind),
			Amount: core.Int64(int64(p.Amount)), Description: core.String(p.What)})
	}
	svc := profitsharing.OrdersApiService{Client: g.client}
	res, _, err := svc.CreateOrder(ctx, req)
	if err != nil {
		return "", refused(err)
	}
	return g.splitDone(res)
}

// unfreeze frees a whole payment for the centre.
func (g *Gateway) unfreeze(ctx context.Context, s payment.Split) (string, error) {
	svc := profitsharing.OrdersApiService{Client: g.client}
	res, _, err := svc.UnfreezeOrder(ctx, profitsharing.UnfreezeOrderRequest{
		OutOrderNo: core.String(s.ID), TransactionId: core.String(s.Ref), Description: core.String(s.ID)})
	if err != nil {
		return "", refused(err)
	}
	return g.splitDone(res)
}

// SplitState implements payment.Splitter.
func (g *Gateway) SplitState(ctx context.Context, id, ref string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	svc := profitsharing.OrdersApiService{Client: g.client}
	res, _, err := svc.QueryOrder(ctx, profitsharing.QueryOrderRequest{OutOrderNo: core.String(id), TransactionId: core.String(ref)})
	if err != nil {
		return "", refused(err)
	}
	return g.splitDone(res)
}

// splitDone tells the number of a split that every receiver has got.
func (g *Gateway) splitDone(o *profitsharing.OrdersEntity) (string, error) {
	if o.State == nil || *o.State != profitsharing.ORDERSTATUS_FINISHED {
		return "", payment.ErrSplitting
	}
	for _, r := range o.Receivers {
		if r.Result == nil || *r.Result != profitsharing.DETAILSTATUS_SUCCESS {
			return "", fmt.Errorf("%w: %w", payment.ErrRefused, payment.ErrNotShared)
		}
	}
	if str(o.OrderId) == "" {
		return "", down(errors.New("a split without its number"))
	}
	return str(o.OrderId), nil
}
