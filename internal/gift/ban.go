package gift

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Ban of a host's room from gifts.
type Ban struct {
	Host   id.User
	Reason string
	Days   int64 // of the sanction; 0: lifted
	Until  time.Time
	By     id.User
	At     time.Time
}

// BanEnd is when gifts may open again after a sanction of days that begins at
// from: three months after its end, and not before three times its length.
func BanEnd(from time.Time, days int64) time.Time {
	end := from.AddDate(0, 0, int(days))
	after, longer := end.AddDate(0, 3, 0), from.AddDate(0, 0, int(3*days))
	if longer.After(after) {
		return longer
	}
	return after
}

// BanHost closes a host's room to gifts after a violation (moderator, admin);
// days 0 lifts the ban, with its reason, as after an appeal (admin).
func BanHost(ctx context.Context, tx *db.Tx, who actor.Actor, host id.User, days int64, reason string) error {
	if err := who.Need(actor.Moderator, actor.Admin); err != nil {
		return err
	}
	if days == 0 {
		if err := who.Need(actor.Admin); err != nil {
			return err
		}
	}
	reason = strings.TrimSpace(reason)
	switch n := utf8.RuneCountInString(reason); {
	case days < 0 || days > 3650:
		return fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", 3650).At("days")
	case n == 0:
		return fault.New(fault.Invalid, "fault.required").At("reason")
	case n > 200:
		return fault.New(fault.Invalid, "fault.too_long", "Max", 200).At("reason")
	}
	until := tx.Now
	if days > 0 {
		until = BanEnd(tx.Now, days)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO gift_ban (id, host_id, reason, days, until_us, by_id, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id.New[string](), host, reason, days, clock.Us(until), who.User, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "gift.ban", "user", host, map[string]any{"days": days})
}

// BanOf is the host's newest ban; ok is false when gifts are open.
func BanOf(ctx context.Context, q db.Querier, host id.User) (b Ban, ok bool, err error) {
	var until, at int64
	err = q.QueryRow(ctx, `SELECT host_id, reason, days, until_us, by_id, at_us FROM gift_ban WHERE host_id = $1 ORDER BY id DESC LIMIT 1`, host).
		Scan(&b.Host, &b.Reason, &b.Days, &until, &b.By, &at)
	if errors.Is(err, db.ErrNoRows) {
		return Ban{}, false, nil
	}
	b.Until, b.At = clock.FromUs(until), clock.FromUs(at)
	return b, err == nil && db.Now(q).Before(b.Until), err
}

// Bans lists the newest ban of each host that stands, the latest end first.
func Bans(ctx context.Context, q db.Querier) ([]Ban, error) {
	rows, err := q.Query(ctx, `
		SELECT host_id, reason, days, until_us, by_id, at_us FROM gift_ban b
		WHERE until_us > $1 AND NOT EXISTS (SELECT 1 FROM gift_ban n WHERE n.host_id = b.host_id AND n.id > b.id)
		ORDER BY until_us DESC, host_id LIMIT 200`, clock.Us(db.Now(q)))
	return db.Collect(rows, err, func(r *db.Rows, b *Ban) error {
		var until, at int64
		err := r.Scan(&b.Host, &b.Reason, &b.Days, &until, &b.By, &at)
		b.Until, b.At = clock.FromUs(until), clock.FromUs(at)
		return err
	})
}
