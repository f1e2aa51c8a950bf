package sheet

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

// Limits of a sheet.
const (
	top      = 5
	maxLines = 200_000 // lines of orders that the picture is drawn of
	maxPins  = 300
	keepMany = 20 // shows in one sweep
)

// Sheet is what a show was. Times are zero where there is none yet.
type Sheet struct {
	Show     id.Show       `json:"show"`
	Made     time.Time     `json:"made"`
	Started  time.Time     `json:"started"`
	Ended    time.Time     `json:"ended"` // zero while it runs
	Length   time.Duration `json:"length_ns"`
	Peak     int64         `json:"peak"`
	Entered  int64         `json:"entered"`
	Watched  time.Duration `json:"watched_ns"` // by a visitor, on average
	Comments int64         `json:"comments"`
	Writers  int64         `json:"writers"`
	Follow   int64         `json:"followers"`
	Clicks   int64         `json:"clicks"`
	Clickers int64         `json:"clickers"`
	Orders   int64         `json:"orders"`
	Paid     int64         `json:"paid"`
	Buyers   int64         `json:"buyers"`
	GMV      money.Fen     `json:"gmv_fen"`
	Back     money.Fen     `json:"back_fen"`
	GPM      money.Fen     `json:"gpm_fen"`
	Gifts    int64         `json:"gifts"`
	GiftFen  money.Fen     `json:"gift_fen"`
	Farmers  int64         `json:"farmers"`
	Local    money.Fen     `json:"local_fen"`
	Top      []Top         `json:"top"`
	Minutes  []Minute      `json:"minutes"`
	Pins     []Pin         `json:"pins"`
}

// Net is the paid GMV after refunds.
func (s Sheet) Net() money.Fen { return s.GMV - s.Back }

// LocalBP is the local part of the paid GMV in basis points.
func (s Sheet) LocalBP() int64 {
	if s.GMV <= 0 {
		return 0
	}
	return int64(s.Local) * 10_000 / int64(s.GMV)
}

// Top is an item that sold well.
type Top struct {
	No    int       `json:"no"` // 0: not in the running order any more
	Name  string    `json:"name"`
	Units int64     `json:"units"`
	Goods money.Fen `json:"goods_fen"`
}

// Minute of the show.
type Minute struct {
	At     time.Time `json:"at"`
	Peak   int64     `json:"peak"`
	Orders int64     `json:"orders"` // placed
}

// Pin is an item that was explained.
type Pin struct {
	At     time.Time     `json:"at"`
	No     int           `json:"no"`
	Name   string        `json:"name"`
	For    time.Duration `json:"for_ns"`
	Orders int64         `json:"orders"` // with this item, placed meanwhile
}

// Make counts a show's sheet from the records as they are now. Fault NotFound.
func Make(ctx context.Context, q db.Querier, s id.Show) (Sheet, error) {
	sh, err := show.ByID(ctx, q, s)
	if err != nil {
		return Sheet{}, err
	}
	x := Sheet{Show: s, Made: db.Now(q), Started: sh.LiveAt}
	to := x.Made
	if sh.Over() {
		x.Ended, to = sh.EndedAt, sh.EndedAt
	}
	if !sh.LiveAt.IsZero() {
		x.Length = max(0, to.Sub(sh.LiveAt))
		if x.Follow, err = account.FollowedBetween(ctx, q, sh.Host, sh.LiveAt, to); err != nil {
			return x, err
		}
	}
	for _, part := range []func(context.Context, db.Querier, show.Show) error{x.crowd, x.sales, x.evening} {
		if err := part(ctx, q, sh); err != nil {
			return x, err
		}
	}
	return x, nil
}

// crowd counts who was there and what they did.
func (x *Sheet) crowd(ctx context.Context, q db.Querier, sh show.Show) (err error) {
	var all time.Duration
	if all, x.Entered, err = show.Watched(ctx, q, sh.ID); err != nil {
		return err
	}
	if x.Entered > 0 {
		x.Watched = (all / time.Duration(x.Entered)).Round(time.Second)
	}
	if x.Comments, x.Writers, err = chat.Count(ctx, q, sh.ID); err != nil {
		return err
	}
	x.Clicks, x.Clickers, err = show.Clicks(ctx, q, sh.ID)
	return err
}

// sales counts orders and gifts.
func (x *Sheet) sales(ctx context.Context, q db.Querier, sh show.Show) error {
	f, err := order.Sheet(ctx, q, sh.ID)
	if err != nil {
		return err
	}
	x.Orders, x.Paid, x.Buyers, x.GMV, x.Back, x.Farmers, x.Local = f.Orders, f.Paid, f.Buyers, f.Goods, f.Back, f.Farmers, f.LocalGoods
	if x.Entered > 0 {
		x.GPM = x.GMV * 1000 / money.Fen(x.Entered)
	}
	if x.Gifts, x.GiftFen, err = gift.OfShow(ctx, q, sh.ID); err != nil {
		return err
	}
	items, err := show.Items(ctx, q, sh.ID)
	if err != nil {
		return err
	}
	no := map[id.Item]int{}
	for _, it := range items {
		no[it.ID] = it.No
	}
	best, err := order.Top(ctx, q, sh.ID, top)
	for _, t := range best {
		x.Top = append(x.Top, Top{No: no[t.Item], Name: t.Name, Units: t.Units, Goods: t.Goods})
	}
	return err
}

// evening gathers what the picture shows.
func (x *Sheet) evening(ctx context.Context, q db.Querier, sh show.Show) error {
	minutes, err := show.Minutes(ctx, q, sh.ID)
	if err != nil {
		return err
	}
	for _, m := range minutes {
		x.Peak = max(x.Peak, m.Peak)
		x.Minutes = append(x.Minutes, Minute{At: m.At, Peak: m.Peak})
	}
	placed, err := order.Placed(ctx, q, sh.ID, maxLines)
	if err != nil {
		return err
	}
	if err := x.pins(ctx, q, sh, placed); err != nil {
		return err
	}
	x.minutes(placed)
	return nil
}

// minutes adds the orders to their minutes; one without a sample gets a place.
func (x *Sheet) minutes(placed []order.PlacedLine) {
	by := map[int64]int64{}
	var last id.Order
	for _, p := range placed {
		if p.Order != last {
			by[p.AtUs/60_000_000]++
		}
		last = p.Order
	}
	if x.Started.IsZero() {
		return
	}
	known := map[int64]Minute{}
	for _, m := range x.Minutes {
		known[m.At.Unix()/60] = m
	}
	x.Minutes = nil
	first := x.Started.Unix() / 60
	for at := first; at <= x.Started.Add(x.Length).Unix()/60 && at < first+24*60; at++ {
		m := known[at]
		m.At, m.Orders = time.Unix(at*60, 0).In(x.Started.Location()), by[at]
		x.Minutes = append(x.Minutes, m)
	}
}

// pins lists what was explained, for how long, and what it sold meanwhile.
func (x *Sheet) pins(ctx context.Context, q db.Querier, sh show.Show, placed []order.PlacedLine) error {
	list, err := show.Pins(ctx, q, sh.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	items, names, err := namesOf(ctx, q, sh.ID)
	if err != nil {
		return err
	}
	end := x.Started.Add(x.Length)
	for i, p := range list {
		if p.Item == "" || len(x.Pins) == maxPins {
			continue
		}
		to := end
		if i+1 < len(list) {
			to = list[i+1].At
		}
		y := Pin{At: p.At, No: items[p.Item].No, Name: names[items[p.Item].Product], For: max(0, to.Sub(p.At))}
		for _, l := range placed {
			if l.Item == p.Item && l.AtUs >= p.At.UnixMicro() && l.AtUs < to.UnixMicro() {
				y.Orders++
			}
		}
		x.Pins = append(x.Pins, y)
	}
	return nil
}

func namesOf(ctx context.Context, q db.Querier, s id.Show) (map[id.Item]show.Item, map[id.Product]string, error) {
	list, err := show.Items(ctx, q, s)
	if err != nil {
		return nil, nil, err
	}
	items, names := map[id.Item]show.Item{}, map[id.Product]string{}
	var products []id.Product
	for _, it := range list {
		items[it.ID] = it
		products = append(products, it.Product)
	}
	if len(products) == 0 {
		return items, names, nil
	}
	goods, err := catalog.Products(ctx, q, products...)
	for p, g := range goods {
		names[p] = g.Name
	}
	return items, names, err
}

// Keep makes and keeps the sheets of shows that ended and have none.
func Keep(ctx context.Context, d *db.DB) (int, error) {
	list, err := show.Unsheeted(ctx, d, keepMany)
	if err != nil {
		return 0, err
	}
	for i, s := range list {
		x, err := Make(ctx, d, s)
		if err != nil {
			return i, fmt.Errorf("sheet of show %s: %w", s, err)
		}
		body, err := json.Marshal(x)
		if err != nil {
			return i, err
		}
		if err := d.Update(ctx, func(tx *db.Tx) error { return show.KeepSheet(ctx, tx, s, string(body)) }); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

// Kept is a show's sheet as it was made right after the end; nil if it was not.
func Kept(ctx context.Context, q db.Querier, s id.Show) (*Sheet, error) {
	body, _, err := show.KeptSheet(ctx, q, s)
	if err != nil || body == "" {
		return nil, err
	}
	var x Sheet
	return &x, json.Unmarshal([]byte(body), &x)
}
