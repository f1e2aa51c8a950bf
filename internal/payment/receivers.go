package payment

import (
	"context"
	"regexp"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// SplitReceiver is where a producer's part of a payment goes at a provider. One
// of finance writes it, another confirms it; only then is it used.
type SplitReceiver struct {
	Producer  id.Producer
	Gateway   string
	To        Receiver
	SetBy     id.User
	Confirmed bool
}

// accountForm is what providers call receivers: a merchant's number or a
// person's openid.
var accountForm = regexp.MustCompile(`^[A-Za-z0-9_-]{6,64}$`)

// SplitReceivers lists receivers, those to be confirmed first; at most 500.
func SplitReceivers(ctx context.Context, q db.Querier) ([]SplitReceiver, error) {
	return receivers(ctx, q, `TRUE ORDER BY CASE WHEN confirmed_us = 0 THEN 0 ELSE 1 END, set_us DESC, producer_id LIMIT 500`)
}

// ReceiversOf gives the confirmed receivers of producers at a gateway.
func ReceiversOf(ctx context.Context, q db.Querier, gateway string, of []id.Producer) (map[id.Producer]Receiver, error) {
	out := map[id.Producer]Receiver{}
	if len(of) == 0 {
		return out, nil
	}
	list, err := receivers(ctx, q, `confirmed_us > 0 AND gateway = $1 AND producer_id IN (`+db.In(2, len(of))+`)`, append([]any{gateway}, db.Args(of)...)...)
	for _, r := range list {
		out[r.Producer] = r.To
	}
	return out, err
}

func receivers(ctx context.Context, q db.Querier, where string, args ...any) ([]SplitReceiver, error) {
	rows, err := q.Query(ctx, `SELECT producer_id, gateway, account, person, set_by, confirmed_us > 0 FROM split_receiver WHERE `+where, args...)
	return db.Collect(rows, err, func(r *db.Rows, x *SplitReceiver) error {
		return r.Scan(&x.Producer, &x.Gateway, &x.To.Account, &x.To.Person, &x.SetBy, &x.Confirmed)
	})
}

// SetReceiver writes where a producer's part goes (finance). It must be
// confirmed anew; until then nothing is paid there. Fault
// payment.receiver_form.
func SetReceiver(ctx context.Context, tx *db.Tx, who actor.Actor, p id.Producer, gateway string, to Receiver) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	if !accountForm.MatchString(to.Account) {
		return fault.New(fault.Invalid, "payment.receiver_form").At("account")
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO split_receiver (producer_id, gateway, account, person, set_by, set_us) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (producer_id, gateway) DO UPDATE SET account = excluded.account, person = excluded.person, set_by = excluded.set_by, set_us = excluded.set_us,
			confirmed_by = '', confirmed_us = 0`, p, gateway, to.Account, to.Person, who.User, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "payment.receiver", "producer", p, map[string]any{"gateway": gateway, "person": to.Person})
}

// ConfirmReceiver confirms what another of finance has written, as the asker
// saw it: account must be the one that stands there. alone lets the same
// person confirm. Faults: payment.receiver_changed, payment.two_people.
func ConfirmReceiver(ctx context.Context, tx *db.Tx, who actor.Actor, p id.Producer, gateway, account string, alone bool) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE split_receiver SET account = account WHERE producer_id = $1 AND gateway = $2`, p, gateway); err != nil {
		return err
	}
	list, err := receivers(ctx, tx, `producer_id = $1 AND gateway = $2`, p, gateway)
	switch {
	case err != nil:
		return err
	case len(list) == 0 || list[0].To.Account != account || list[0].Confirmed:
		return fault.New(fault.Conflict, "payment.receiver_changed")
	case list[0].SetBy == who.User && !alone:
		return fault.New(fault.Denied, "payment.two_people")
	}
	if _, err := tx.Exec(ctx, `UPDATE split_receiver SET confirmed_by = $3, confirmed_us = $4 WHERE producer_id = $1 AND gateway = $2`, p, gateway, who.User, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "payment.receiver_confirm", "producer", p, map[string]any{"gateway": gateway})
}
