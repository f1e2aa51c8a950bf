package show

import (
	"context"
	"errors"
	"slices"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// checkItem says what is wrong with an item, one fault a field.
func checkItem(it Item) error {
	var f []*fault.Error
	switch it.State {
	case Coming, OnSale, Off:
	default:
		f = append(f, fault.New(fault.Invalid, "fault.choice").At("state"))
	}
	if it.Price <= 0 || it.Price > money.MaxFen {
		f = append(f, fault.New(fault.Invalid, "show.price").At("price"))
	}
	switch {
	case it.Was < 0 || it.Was > money.MaxFen:
		f = append(f, fault.New(fault.Invalid, "show.price").At("was"))
	case it.Was > 0 && it.Was <= it.Price: // a crossed-out price below the price is a lie or a slip
		f = append(f, fault.New(fault.Invalid, "show.was_low").At("was"))
	}
	if it.Released < AllThereIs || it.Released > MaxUnits {
		f = append(f, fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", MaxUnits).At("released"))
	}
	if it.PerPerson < 0 || it.PerPerson > MaxUnits {
		f = append(f, fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", MaxUnits).At("per_person"))
	}
	f = append(f, text("script", it.Script, false, MaxScript))
	return fault.Join(f...)
}

// AddItem appends a product with the next number (operator). An empty state
// means Coming. Faults: show.over, show.items_full, and one a field.
func AddItem(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, it Item) (Item, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Item{}, err
	}
	if _, err := lockOpen(ctx, tx, s); err != nil {
		return Item{}, err
	}
	if it.State == "" {
		it.State = Coming
	}
	it.Script = strings.TrimSpace(it.Script)
	if it.Product == "" {
		return Item{}, fault.New(fault.Invalid, "fault.required").At("product")
	}
	if err := checkItem(it); err != nil {
		return Item{}, err
	}
	var last int
	if err := tx.QueryRow(ctx, `SELECT CAST(coalesce(max(no), 0) AS BIGINT) FROM show_item WHERE show_id = $1`, s).Scan(&last); err != nil {
		return Item{}, err
	}
	if last >= MaxItems {
		return Item{}, fault.New(fault.Conflict, "show.items_full", "Max", MaxItems)
	}
	it.ID, it.Show, it.No, it.Sold, it.Changed = id.New[id.Item](), s, last+1, 0, clock.FromUs(tx.NowUs())
	_, err := tx.Exec(ctx, `
		INSERT INTO show_item (id, show_id, no, product_id, state, price_fen, was_fen, released, per_person, script, changed_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		it.ID, s, it.No, it.Product, string(it.State), it.Price, it.Was, it.Released, it.PerPerson, it.Script, tx.NowUs())
	if err != nil {
		return Item{}, err
	}
	return it, audit.Write(ctx, tx, who, "show.item_add", "item", it.ID, detail(it))
}

// detail is an item as the audit trail keeps it.
func detail(it Item) map[string]any {
	return map[string]any{"show": it.Show, "no": it.No, "product": it.Product, "state": it.State, "price_fen": it.Price,
		"was_fen": it.Was, "released": it.Released, "per_person": it.PerPerson}
}

// lockItem holds the item's show and reads the item; show.over if it is over.
func lockItem(ctx context.Context, tx *db.Tx, i id.Item) (Show, Item, error) {
	it, err := scanItem(tx.QueryRow(ctx, `SELECT `+itemColumns+` FROM show_item WHERE id = $1`, i))
	if errors.Is(err, db.ErrNoRows) {
		return Show{}, Item{}, fault.New(fault.NotFound, "fault.not_found")
	} else if err != nil {
		return Show{}, Item{}, err
	}
	sh, err := lockOpen(ctx, tx, it.Show)
	if err != nil {
		return Show{}, Item{}, err
	}
	// Again, now that nobody else at the desk can change it.
	it, err = scanItem(tx.QueryRow(ctx, `SELECT `+itemColumns+` FROM show_item WHERE id = $1`, i))
	if errors.Is(err, db.ErrNoRows) {
		return Show{}, Item{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, it, err
}

// SetItem changes state, price, crossed-out price, released units, limit and
// script of an item (operator); number, product and sold units stand. Turning
// the pinned item off unpins it. Changed is the version that was read: if it is
// set and somebody has changed the item since, nothing is written. Faults:
// show.over, show.changed_meanwhile, show.released_low (less than was sold),
// show.flash_above (not above the price of its flash sale), and one a field.
func SetItem(ctx context.Context, tx *db.Tx, who actor.Actor, it Item) (Item, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Item{}, err
	}
	it.Script = strings.TrimSpace(it.Script)
	if err := checkItem(it); err != nil {
		return Item{}, err
	}
	sh, old, err := lockItem(ctx, tx, it.ID)
	if err != nil {
		return Item{}, err
	}
	if !it.Changed.IsZero() && !it.Changed.Equal(old.Changed) {
		return Item{}, fault.New(fault.Conflict, "show.changed_meanwhile")
	}
	if err := aboveFlash(ctx, tx, it.Price, old); err != nil {
		return Item{}, err
	}
	if it.State == Off && sh.Pinned == it.ID {
		if err := setPin(ctx, tx, who, &sh, ""); err != nil {
			return Item{}, err
		}
	}
	// Orders may sell while the desk types: the condition, not the row read
	// above, decides whether the release is enough.
	now, err := scanItem(tx.QueryRow(ctx, `
		UPDATE show_item SET state = $2, price_fen = $3, was_fen = $4, released = $5, per_person = $6, script = $7, changed_us = $8
		WHERE id = $1 AND ($5 < 0 OR sold <= $5) RETURNING `+itemColumns,
		it.ID, string(it.State), it.Price, it.Was, it.Released, it.PerPerson, it.Script, tx.NowUs()))
	if errors.Is(err, db.ErrNoRows) {
		return Item{}, fault.New(fault.Conflict, "show.released_low", "Sold", old.Sold).At("released")
	} else if err != nil {
		return Item{}, err
	}
	return now, audit.Write(ctx, tx, who, "show.item_set", "item", it.ID, map[string]any{"before": detail(old), "after": detail(now)})
}

// aboveFlash keeps an item's price above that of its flash sale.
func aboveFlash(ctx context.Context, q db.Querier, price money.Fen, old Item) error {
	flashes, err := FlashesOf(ctx, q, old)
	if f, ok := flashes[old.Flash]; err == nil && ok && !f.Over(db.Now(q)) && price <= f.Price {
		return fault.New(fault.Conflict, "show.flash_above", "Price", f.Price.Short()).At("price")
	}
	return err
}

// ReleaseMore puts n more units of an item up for sale (operator). key is made
// by the page, so that a double tap counts once; "" counts always. Faults:
// show.all_released when all there is is up already, show.key_used, fault.number.
func ReleaseMore(ctx context.Context, tx *db.Tx, who actor.Actor, key string, i id.Item, n int64) (Item, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Item{}, err
	}
	if n < 1 || n > MaxUnits {
		return Item{}, fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", MaxUnits).At("n")
	}
	_, old, err := lockItem(ctx, tx, i)
	if err != nil {
		return Item{}, err
	}
	first, err := firstRelease(ctx, tx, who, key, i, n)
	switch {
	case err != nil:
		return Item{}, err
	case !first:
		return old, nil
	case old.Released < 0:
		return Item{}, fault.New(fault.Conflict, "show.all_released")
	case old.Released+n > MaxUnits:
		return Item{}, fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", MaxUnits-old.Released).At("n")
	}
	now, err := scanItem(tx.QueryRow(ctx, `UPDATE show_item SET released = released + $2, changed_us = $3 WHERE id = $1 RETURNING `+itemColumns, i, n, tx.NowUs()))
	if err != nil {
		return Item{}, err
	}
	return now, audit.Write(ctx, tx, who, "show.item_release", "item", i, map[string]any{"show": now.Show, "no": now.No, "more": n, "released": now.Released})
}

// firstRelease notes a release under its key; false when it was noted before.
func firstRelease(ctx context.Context, tx *db.Tx, who actor.Actor, key string, i id.Item, n int64) (bool, error) {
	if key == "" {
		return true, nil
	}
	if len(key) > maxKey {
		return false, fault.New(fault.Invalid, "fault.too_long", "Max", maxKey).At("key")
	}
	made, err := tx.Exec(ctx, `
		INSERT INTO show_release (idem_key, item_id, units, actor_id, at_us) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (idem_key) DO NOTHING`, key, i, n, who.User, tx.NowUs())
	if err != nil || made == 1 {
		return made == 1, err
	}
	var item id.Item
	var units int64
	err = tx.QueryRow(ctx, `SELECT item_id, units FROM show_release WHERE idem_key = $1`, key).Scan(&item, &units)
	if err == nil && (item != i || units != n) {
		err = fault.New(fault.Conflict, "show.key_used")
	}
	return false, err
}

// ReorderItems renumbers a draft's items, which must all be named once.
// Faults: show.numbers_fixed once announced, show.order_incomplete.
func ReorderItems(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, order []id.Item) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	sh, err := lockOpen(ctx, tx, s)
	if err != nil {
		return err
	}
	if sh.State != Draft {
		return fault.New(fault.Conflict, "show.numbers_fixed")
	}
	items, err := Items(ctx, tx, s)
	if err != nil {
		return err
	}
	have := make([]id.Item, len(items))
	for i, it := range items {
		have[i] = it.ID
	}
	if a, b := slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(order)); !slices.Equal(a, b) {
		return fault.New(fault.Conflict, "show.order_incomplete")
	}
	if err := renumber(ctx, tx, s, order); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "show.reorder", "show", s, map[string]any{"order": order})
}

// renumber goes through negative numbers, because both databases check the
// uniqueness of (show, no) row by row.
func renumber(ctx context.Context, tx *db.Tx, s id.Show, order []id.Item) error {
	if _, err := tx.Exec(ctx, `UPDATE show_item SET no = -no WHERE show_id = $1`, s); err != nil {
		return err
	}
	for i, it := range order {
		if _, err := tx.Exec(ctx, `UPDATE show_item SET no = $2 WHERE id = $1`, it, i+1); err != nil {
			return err
		}
	}
	return nil
}

// RemoveItem deletes an item of a draft and closes the gap (operator); an
// announced show's item is set Off and keeps its number.
func RemoveItem(ctx context.Context, tx *db.Tx, who actor.Actor, i id.Item) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	sh, it, err := lockItem(ctx, tx, i)
	if err != nil {
		return err
	}
	if sh.State != Draft {
		it.State = Off
		_, err := SetItem(ctx, tx, who, it)
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM show_item WHERE id = $1`, i); err != nil {
		return err
	}
	items, err := Items(ctx, tx, sh.ID)
	if err != nil {
		return err
	}
	order := make([]id.Item, len(items))
	for k, o := range items {
		order[k] = o.ID
	}
	if err := renumber(ctx, tx, sh.ID, order); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "show.item_remove", "item", i, detail(it))
}

// AddSold adds to items' sold units; negative gives back. Faults:
// show.sold_out when the release is used up (the table's CHECK refuses it, and
// PostgreSQL's transaction can't go on after that), NotFound.
func AddSold(ctx context.Context, tx *db.Tx, units map[id.Item]int64) error {
	ids := make([]id.Item, 0, len(units))
	for i := range units {
		ids = append(ids, i)
	}
	slices.Sort(ids) // one order for everybody, or two groups wait for each other
	for _, i := range ids {
		if units[i] == 0 {
			continue
		}
		n, err := tx.Exec(ctx, `UPDATE show_item SET sold = sold + $2 WHERE id = $1`, i, units[i])
		switch {
		case db.IsCheck(err):
			return fault.New(fault.Conflict, "show.sold_out").Because(err)
		case err != nil:
			return err
		case n == 0:
			return fault.New(fault.NotFound, "fault.not_found")
		}
	}
	return nil
}

// LockItems holds the rows of items until the transaction ends, so that what is
// read of them after it stays true. SQLite has one writer and needs none.
func LockItems(ctx context.Context, tx *db.Tx, items []id.Item) error {
	if tx.Dialect == db.SQLite {
		return nil
	}
	for _, i := range slices.Sorted(slices.Values(items)) {
		if _, err := tx.Exec(ctx, `UPDATE show_item SET sold = sold WHERE id = $1`, i); err != nil {
			return err
		}
	}
	return nil
}

// ClearPrice notes that two people have signed a price of an item (operator,
// admin): from now on it may be sold down to it whatever a lot's floor says.
func ClearPrice(ctx context.Context, tx *db.Tx, who actor.Actor, i id.Item, price money.Fen) error {
	if err := who.Need(actor.Operator, actor.Admin); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE show_item SET cleared_fen = $2 WHERE id = $1 AND (cleared_fen = 0 OR cleared_fen > $2)`, i, price)
	return err
}
