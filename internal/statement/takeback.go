package statement

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// TakeBack keeps that an earning, or fen of it, is taken back with a reason
// (finance): the agency in proportion, to the fen. It stands on the next sheet
// of each. Once an earning: told again with the same amount nothing changes,
// and false is given. The caller books it. Faults: statement.back_more,
// statement.back_done.
func TakeBack(ctx context.Context, tx *db.Tx, who actor.Actor, of id.Earning, fen money.Fen, reason string) (Earning, bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return Earning{}, false, err
	}
	e, err := EarningByID(ctx, tx, of)
	if err != nil {
		return e, false, err
	}
	if reason, err = clean("reason", reason, maxReason); err != nil {
		return e, false, err
	}
	if fen <= 0 || fen > e.Sum() {
		return e, false, fault.New(fault.Invalid, "statement.back_more", "Most", e.Sum().String()).At("amount")
	}
	parts, err := fen.Split(int64(e.HostFen), int64(e.AgencyFen))
	if err != nil {
		return e, false, err
	}
	b := Back{ID: id.New[id.Back](), Day: clock.DayOf(tx.Now), HostFen: parts[0], AgencyFen: parts[1], Reason: reason}
	n, err := tx.Exec(ctx, `
		INSERT INTO host_earning_back (id, earning_id, day, host_fen, agency_fen, reason, by_id, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (earning_id) DO NOTHING`, b.ID, e.ID, int64(b.Day), b.HostFen, b.AgencyFen, b.Reason, signer(who), tx.NowUs())
	if err != nil {
		return e, false, err
	}
	if n == 0 {
		if e, err = EarningByID(ctx, tx, of); err == nil && e.Back.Sum() != fen {
			err = fault.New(fault.Conflict, "statement.back_done", "Fen", e.Back.Sum().String(), "Day", e.Back.Day.String()).At("amount")
		}
		return e, false, err
	}
	e.Back = b
	return e, true, audit.Write(ctx, tx, who, "host.taken_back", "user", e.Host,
		map[string]any{"earning": e.ID, "back": b.ID, "fen": b.HostFen, "agency": e.Agency, "agency_fen": b.AgencyFen, "reason": reason})
}
