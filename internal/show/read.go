package show

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

const showColumns = `id, title, summary, host_id, cover_id, orientation, starts_us, state, pinned_item, slow_mode_s, created_us, announced_us, live_us, ended_us, practice, ai, cut_us, cut_why`

type scanner interface{ Scan(dest ...any) error }

func scanShow(r scanner) (s Show, err error) {
	var starts, created, announced, live, ended, cut int64
	var ai string
	err = r.Scan(&s.ID, &s.Title, &s.Summary, &s.Host, &s.Cover, &s.Orientation, &starts, &s.State, &s.Pinned, &s.SlowMode,
		&created, &announced, &live, &ended, &s.Practice, &ai, &cut, &s.CutWhy)
	s.AI, s.Cut = aiParts(ai), cut > 0
	s.Starts, s.Created = clock.FromUs(starts), clock.FromUs(created)
	s.AnnouncedAt, s.LiveAt, s.EndedAt = clock.FromUs(announced), clock.FromUs(live), clock.FromUs(ended)
	return s, err
}

// ByID reads a show; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, s id.Show) (Show, error) {
	sh, err := scanShow(q.QueryRow(ctx, `SELECT `+showColumns+` FROM live_show WHERE id = $1`, s))
	if errors.Is(err, db.ErrNoRows) {
		return Show{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, err
}

// Hosts tells whose shows are.
func Hosts(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show]id.User, error) {
	if len(shows) == 0 {
		return nil, nil
	}
	type row struct {
		show id.Show
		host id.User
	}
	in, args := list(1, shows)
	rows, err := q.Query(ctx, `SELECT id, host_id FROM live_show WHERE id IN (`+in+`) ORDER BY id`, args...)
	found, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.show, &x.host) })
	out := make(map[id.Show]id.User, len(found))
	for _, x := range found {
		out[x.show] = x.host
	}
	return out, err
}

// WhichAreOver reads those of some shows that have ended or been cancelled.
func WhichAreOver(ctx context.Context, q db.Querier, shows ...id.Show) ([]Show, error) {
	if len(shows) == 0 {
		return nil, nil
	}
	in, args := list(3, shows)
	rows, err := q.Query(ctx, `SELECT `+showColumns+` FROM live_show WHERE state IN ($1, $2) AND id IN (`+in+`) ORDER BY id`, append([]any{Ended, Cancelled}, args...)...)
	return db.Collect(rows, err, func(r *db.Rows, s *Show) (err error) { *s, err = scanShow(r); return err })
}

// Filter of List; empty fields do not narrow.
type Filter struct {
	States []State
	Host   id.User
	// Practice lists practice shows, and only them; they are in no other list.
	Practice bool
	Limit    int // at most 200, 50 if 0
}

// List reads shows: live ones first, then what comes soonest, then what was
// last.
func List(ctx context.Context, q db.Querier, f Filter) ([]Show, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	states := f.States
	if len(states) == 0 {
		states = States
	}
	args := []any{f.Host, f.Limit, f.Practice}
	for i := range States { // always five places, so there is one statement
		args = append(args, string(states[min(i, len(states)-1)]))
	}
	rows, err := q.Query(ctx, `
		SELECT `+showColumns+` FROM live_show
		WHERE ($1 = '' OR host_id = $1) AND practice = $3 AND state IN ($4, $5, $6, $7, $8)
		ORDER BY CASE state WHEN 'live' THEN 0 WHEN 'announced' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END,
		  CASE WHEN state IN ('ended','cancelled') THEN -starts_us ELSE starts_us END, id
		LIMIT $2`, args...)
	return db.Collect(rows, err, func(r *db.Rows, s *Show) (err error) {
		*s, err = scanShow(r)
		return err
	})
}

const itemColumns = `id, show_id, no, product_id, state, price_fen, was_fen, released, sold, per_person, script, changed_us, flash_id, cleared_fen`

func scanItem(r scanner) (it Item, err error) {
	var changed int64
	err = r.Scan(&it.ID, &it.Show, &it.No, &it.Product, &it.State, &it.Price, &it.Was, &it.Released, &it.Sold, &it.PerPerson, &it.Script, &changed, &it.Flash, &it.Cleared)
	it.Changed = clock.FromUs(changed)
	return it, err
}

func collectItems(rows *db.Rows, err error) ([]Item, error) {
	return db.Collect(rows, err, func(r *db.Rows, it *Item) (err error) {
		*it, err = scanItem(r)
		return err
	})
}

// Items reads a show's items by number.
func Items(ctx context.Context, q db.Querier, s id.Show) ([]Item, error) {
	return collectItems(q.Query(ctx, `SELECT `+itemColumns+` FROM show_item WHERE show_id = $1 ORDER BY no`, s))
}

// ItemsOfShows reads the items of several shows by number.
func ItemsOfShows(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show][]Item, error) {
	if len(shows) == 0 {
		return nil, nil
	}
	in, args := list(1, shows)
	items, err := collectItems(q.Query(ctx, `SELECT `+itemColumns+` FROM show_item WHERE show_id IN (`+in+`) ORDER BY show_id, no`, args...))
	out := make(map[id.Show][]Item, len(shows))
	for _, it := range items {
		out[it.Show] = append(out[it.Show], it)
	}
	return out, err
}

// ItemsByID reads items; missing ones are left out.
func ItemsByID(ctx context.Context, q db.Querier, ids ...id.Item) (map[id.Item]Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	in, args := list(1, ids)
	items, err := collectItems(q.Query(ctx, `SELECT `+itemColumns+` FROM show_item WHERE id IN (`+in+`) ORDER BY show_id, no`, args...))
	out := make(map[id.Item]Item, len(items))
	for _, it := range items {
		out[it.ID] = it
	}
	return out, err
}

// ItemsOfProduct reads the items that offer a product in shows that are
// announced or live.
func ItemsOfProduct(ctx context.Context, q db.Querier, p id.Product) ([]Item, error) {
	return ItemsOfProducts(ctx, q, p)
}

// ItemsOfProducts is ItemsOfProduct for several products at once.
func ItemsOfProducts(ctx context.Context, q db.Querier, products ...id.Product) ([]Item, error) {
	if len(products) == 0 {
		return nil, nil
	}
	in, args := list(1, products)
	return collectItems(q.Query(ctx, `
		SELECT `+itemColumns+` FROM show_item
		WHERE product_id IN (`+in+`) AND show_id IN (SELECT id FROM live_show WHERE state IN ('announced','live') AND NOT practice)
		ORDER BY show_id, no`, args...))
}

// Pins lists a show's pin events, the oldest first.
func Pins(ctx context.Context, q db.Querier, s id.Show) ([]Pin, error) {
	rows, err := q.Query(ctx, `SELECT item_id, at_us FROM show_pin WHERE show_id = $1 ORDER BY id`, s)
	return db.Collect(rows, err, func(r *db.Rows, p *Pin) error {
		var us int64
		err := r.Scan(&p.Item, &us)
		p.At = clock.FromUs(us)
		return err
	})
}

// list writes "$from, $from+1, …" for ids. Its length is rounded up to a power
// of two by repeating the last id, so that few different statements come about.
func list[T ~string](from int, ids []T) (string, []any) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	args := make([]any, n)
	for i := range n {
		args[i] = string(ids[min(i, len(ids)-1)])
	}
	return db.In(from, n), args
}
