package flow

import (
	"context"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/recon"
)

func asPayment(s string) id.Payment { return id.Payment(s) }

// maxEntered bounds what is entered of a bank account's day at once.
const maxEntered = 200

// EnterTransfers compares what stands on the bank account of a day with the
// transfers we have confirmed (finance). A line is "order number, amount, the
// bank's number"; money that went back has a minus. Entered again nothing
// changes, and the rest of a day may be entered later. All lines are good or
// none is taken: each bad one is named. Faults: recon.line, recon.lines.
func (f *Flow) EnterTransfers(ctx context.Context, who actor.Actor, day clock.Day, text string) (int, error) {
	if err := who.Need(actor.Finance); err != nil {
		return 0, err
	}
	if err := f.checkBillDay(day); err != nil {
		return 0, err
	}
	var rows []recon.Row
	var bad []*fault.Error
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(rows) == maxEntered {
			return 0, fault.New(fault.TooLarge, "recon.lines", "Max", maxEntered).At("lines")
		}
		r, err := f.transferLine(ctx, day, line)
		if fault.Is(err, fault.Internal) {
			return 0, err
		} else if err != nil {
			bad = append(bad, fault.New(fault.Invalid, "recon.line", "N", i+1, "Why", "@"+fault.Of(err).Key).At("lines"))
			continue
		}
		rows = append(rows, r)
	}
	if err := fault.Join(bad...); err != nil {
		return 0, err
	}
	if err := f.keepBill(ctx, payment.Offline, day, rows); err != nil {
		return 0, err
	}
	return len(rows), f.DB.Update(ctx, func(tx *db.Tx) error {
		return audit.Write(ctx, tx, who, "recon.enter", "gateway", payment.Offline, map[string]any{"day": day, "rows": len(rows)})
	})
}

// transferLine reads a line and finds what it is of ours.
func (f *Flow) transferLine(ctx context.Context, day clock.Day, line string) (recon.Row, error) {
	part := strings.FieldsFunc(line, func(c rune) bool { return c == ',' || c == '\t' || c == ' ' || c == ';' || c == '，' || c == '；' }) //i18n:data full-width separators that spreadsheets give
	if len(part) != 3 || !id.ValidOrderNo(part[0]) || utf8.RuneCountInString(part[2]) > 64 {
		return recon.Row{}, fault.New(fault.Invalid, "recon.line_form")
	}
	r := recon.Row{Kind: recon.Pay, Ref: part[2], At: day.Time()}
	amount, back := strings.CutPrefix(part[1], "-")
	fen, err := money.Parse(amount)
	if err != nil || fen == 0 {
		return r, fault.New(fault.Invalid, "fault.amount")
	}
	r.Amount = fen
	o, err := order.ByNo(ctx, f.DB, part[0])
	if fault.Is(err, fault.NotFound) {
		return r, fault.New(fault.Invalid, "recon.no_order")
	} else if err != nil {
		return r, err
	}
	if back {
		r.Kind = recon.Refund
		return r, f.offlineRefund(ctx, o.ID, &r)
	}
	all, err := payment.OfOrder(ctx, f.DB, o.ID)
	for _, p := range all {
		if p.Gateway == payment.Offline && p.State == payment.StatePaid {
			r.Ours = string(p.ID)
		}
	}
	return r, err
}

// offlineRefund finds the order's refund of the amount; one that no bill names
// yet comes first.
func (f *Flow) offlineRefund(ctx context.Context, o id.Order, r *recon.Row) error {
	rs, err := payment.Refunds(ctx, f.DB, o)
	if err != nil {
		return err
	}
	for _, x := range rs {
		if x.Gateway != payment.Offline || x.Amount != r.Amount {
			continue
		}
		named, err := recon.Named(ctx, f.DB, payment.Offline, []recon.Movement{{ID: string(x.ID)}})
		if err != nil {
			return err
		}
		if r.Ours == "" || !named["refund/"+string(x.ID)] {
			r.Ours = string(x.ID)
		}
		if named["refund/"+string(x.ID)+"/"+r.Ref] { // entered before
			r.Ours = string(x.ID)
			return nil
		}
	}
	return nil
}
