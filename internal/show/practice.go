package show

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// PracticeFor bounds a practice show; then it ends by itself.
const PracticeFor = time.Hour

// MaxPractice is how many practice shows a host may open in a day.
const MaxPractice = 20

// NewPractice opens a practice show of a host's own, with the running order of
// another show, announced at once so that the host can begin. A practice that
// runs is given back: one at a time. Faults: show.practice_empty (Conflict) when
// there is nothing to practise with, show.practice_often (TooMany).
func NewPractice(ctx context.Context, tx *db.Tx, who actor.Actor, from Show, items []Item, title string) (id.Show, error) {
	if err := who.Need(actor.Host); err != nil {
		return "", err
	}
	running, err := practising(ctx, tx, who.User)
	if err != nil || running != "" {
		return running, err
	}
	if err := notOften(ctx, tx, who.User); err != nil {
		return "", err
	}
	s := Show{Title: title, Host: who.User, Cover: from.Cover, Orientation: from.Orientation, Starts: clock.FromUs(tx.NowUs()), Practice: true}
	if s.ID, err = create(ctx, tx, who, s); err != nil {
		return "", err
	}
	rows := make([][]any, 0, len(items))
	for _, it := range items {
		if it.State == Off {
			continue
		}
		rows = append(rows, []any{id.New[id.Item](), s.ID, it.No, it.Product, OnSale, int64(it.Price), int64(it.Was), int64(AllThereIs), int64(0), it.PerPerson, it.Script, tx.NowUs()})
	}
	if len(rows) == 0 {
		return "", fault.New(fault.Conflict, "show.practice_empty")
	}
	err = tx.Insert(ctx, "show_item", []string{"id", "show_id", "no", "product_id", "state", "price_fen", "was_fen", "released", "sold", "per_person", "script", "changed_us"}, rows)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `UPDATE live_show SET state = 'announced', announced_us = $2 WHERE id = $1`, s.ID, tx.NowUs()); err != nil {
		return "", err
	}
	return s.ID, audit.Write(ctx, tx, who, "show.practice", "show", s.ID, map[string]any{"from": from.ID})
}

// notOften bounds the practice shows of a day.
func notOften(ctx context.Context, tx *db.Tx, host id.User) error {
	var n int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM live_show WHERE host_id = $1 AND practice AND created_us > $2`, host, clock.Us(tx.Now.Add(-24*time.Hour))).Scan(&n)
	if err == nil && n >= MaxPractice {
		err = fault.New(fault.TooMany, "show.practice_often", "Max", MaxPractice)
	}
	return err
}

// practising is the practice show of a host that is not over, "" for none.
func practising(ctx context.Context, q db.Querier, host id.User) (s id.Show, err error) {
	rows, err := q.Query(ctx, `SELECT id FROM live_show WHERE host_id = $1 AND practice AND state IN ('announced', 'live') ORDER BY id LIMIT 1`, host)
	found, err := db.Collect(rows, err, func(r *db.Rows, x *id.Show) error { return r.Scan(x) })
	if len(found) > 0 {
		s = found[0]
	}
	return s, err
}

// OverduePractice lists practice shows that are to end: older than PracticeFor.
func OverduePractice(ctx context.Context, q db.Querier, now time.Time) ([]id.Show, error) {
	rows, err := q.Query(ctx, `
		SELECT id FROM live_show WHERE practice AND state IN ('announced', 'live') AND created_us < $1 ORDER BY id LIMIT 100`,
		clock.Us(now.Add(-PracticeFor)))
	return db.Collect(rows, err, func(r *db.Rows, x *id.Show) error { return r.Scan(x) })
}
