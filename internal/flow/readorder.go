package flow

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// orderStaff may see orders: a moderator sees no money, a host none of the
// buyers.
var orderStaff = []actor.Role{actor.Operator, actor.Packer, actor.Service, actor.Finance, actor.Overseer, actor.Admin}

// ReadOrder reads an order its buyer, staff or a producer in it may see. A
// producer sees only the lines with own goods and what they cost, and nothing
// of the buyer. For all others there is no such order: fault NotFound.
func (f *Flow) ReadOrder(ctx context.Context, who actor.Actor, o id.Order) (order.Order, error) {
	if !who.SignedIn() && !who.IsSystem() {
		return order.Order{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	x, err := order.ByID(ctx, f.DB, o)
	if err != nil {
		return order.Order{}, err
	}
	if who.SignedIn() && x.Buyer == who.User || who.Has(orderStaff...) {
		return x, nil
	}
	return f.producersPart(ctx, who, x)
}

func (f *Flow) producersPart(ctx context.Context, who actor.Actor, x order.Order) (order.Order, error) {
	none := fault.New(fault.NotFound, "fault.not_found")
	if !who.Has(actor.Producer) {
		return order.Order{}, none
	}
	mine, err := account.ProducersOf(ctx, f.DB, who.User)
	if err != nil {
		return order.Order{}, err
	}
	shares, err := order.Shares(ctx, f.DB, x.ID)
	if err != nil {
		return order.Order{}, err
	}
	lines := map[id.Line]order.Line{}
	for _, s := range shares {
		if slices.Contains(mine, s.Producer) { // a line may hold goods of several producers: only the own units
			l := lines[s.Line]
			l.Units += s.Units
			l.Goods += s.Goods
			lines[s.Line] = l
		}
	}
	if len(lines) == 0 {
		return order.Order{}, none
	}
	part := order.Order{ID: x.ID, No: x.No, Show: x.Show, State: x.State, Province: x.Province, Placed: x.Placed, Expires: x.Expires,
		PaidAt: x.PaidAt, ShippedAt: x.ShippedAt, ReceivedAt: x.ReceivedAt, DoneAt: x.DoneAt, ClosedAt: x.ClosedAt, CloseReason: x.CloseReason}
	for _, l := range x.Lines {
		if own, ok := lines[l.ID]; ok {
			l.Units, l.Goods, l.Discount = own.Units, own.Goods, 0 // a coupon is not the producer's
			part.Lines = append(part.Lines, l)
			part.Goods += l.Goods
		}
	}
	part.Total = part.Goods
	return part, nil
}
