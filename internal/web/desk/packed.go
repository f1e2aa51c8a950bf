package desk

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/order"
)

// leaveOut takes what the buyer has cancelled out of a parcel, so that the
// packer packs what is left.
func (h *screens) leaveOut(ctx context.Context, p *parcel) error {
	if !slices.ContainsFunc(p.Lines, func(l order.Line) bool { return l.RefundedUnits > 0 }) {
		return nil
	}
	taken, err := aftersale.TakenOf(ctx, h.DB, p.ID)
	if err != nil {
		return err
	}
	for i := range p.Shares {
		p.Shares[i].Units -= taken[p.Shares[i].Reservation].Units
	}
	for i := range p.Lines {
		p.Lines[i].Units = p.Lines[i].Left()
	}
	p.Shares = slices.DeleteFunc(p.Shares, func(s order.Share) bool { return s.Units == 0 })
	p.Lines = slices.DeleteFunc(p.Lines, func(l order.Line) bool { return l.Units == 0 })
	return nil
}
