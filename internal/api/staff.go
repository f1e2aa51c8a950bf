package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
)

type producerIn struct {
	ID id.Producer `path:"id" pattern:"^[0-9a-f]{32}$"`
}
type balanceOut struct {
	Body struct {
		Producer id.Producer `json:"producer"`
		Name     string      `json:"name"`
		Local    bool        `json:"local"`
		Pending  money.Fen   `json:"pending_fen" doc:"ordered, not yet paid by buyers"`
		Owed     money.Fen   `json:"owed_fen" doc:"paid by buyers, to be paid out"`
		Paid     money.Fen   `json:"paid_fen" doc:"paid out"`
	}
}
type shipIn struct {
	ID   id.Order `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		Carrier    string `json:"carrier" maxLength:"40"`
		TrackingNo string `json:"tracking_no" maxLength:"40"`
	}
}
type offlineIn struct {
	ID   id.Order `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		Amount money.Fen `json:"amount_fen" minimum:"1"`
		Proof  string    `json:"proof" maxLength:"200" doc:"what finance saw on the bank account"`
	}
}

// seesMoney are the roles that may read any producer's balance.
var seesMoney = []actor.Role{actor.Finance, actor.Overseer}

func (a *API) staff() {
	op(a, edge.Only(actor.Producer).Own("producer", seesMoney...), huma.Operation{OperationID: "producer-balance", Method: http.MethodGet, Path: "/api/v1/producers/{id}/balance", Summary: "What a producer is owed", Tags: []string{"staff"}}, a.balance)
	op(a, edge.Only(actor.Packer), huma.Operation{OperationID: "ship-order", Method: http.MethodPost, Path: "/api/v1/orders/{id}/ship", Summary: "The parcel has left", Tags: []string{"staff"}}, a.shipOrder)
	op(a, edge.Only(actor.Finance), huma.Operation{OperationID: "confirm-offline", Method: http.MethodPost, Path: "/api/v1/orders/{id}/offline-payment", Summary: "Confirm an offline transfer", Tags: []string{"staff"}}, a.confirmOffline)
}

func (a *API) balance(ctx context.Context, who actor.Actor, in *producerIn) (*balanceOut, error) {
	if !who.Has(seesMoney...) {
		mine, err := account.ProducersOf(ctx, a.DB, who.User)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(mine, in.ID) {
			return nil, fault.New(fault.NotFound, "fault.not_found")
		}
	}
	ps, err := catalog.Producers(ctx, a.DB, in.ID)
	if err != nil {
		return nil, err
	}
	p, ok := ps[in.ID]
	if !ok {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	m, err := promise.Money(ctx, a.DB, p.ID, p.Local)
	out := &balanceOut{}
	out.Body.Producer, out.Body.Name, out.Body.Local = p.ID, p.Name, p.Local
	out.Body.Pending, out.Body.Owed, out.Body.Paid = m.Pending, m.Owed, m.Paid
	return out, err
}

func (a *API) shipOrder(ctx context.Context, who actor.Actor, in *shipIn) (*orderOut, error) {
	return orderAnswer(a.Flow.ShipOrder(ctx, who, in.ID, in.Body.Carrier, in.Body.TrackingNo))
}

func (a *API) confirmOffline(ctx context.Context, who actor.Actor, in *offlineIn) (*orderOut, error) {
	return orderAnswer(a.Flow.ConfirmOffline(ctx, who, in.ID, in.Body.Amount, in.Body.Proof))
}
