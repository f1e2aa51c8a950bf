package catalog

import (
	"context"
	"slices"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// What a product can be, in the order forms show it.
var (
	Categories    = []string{"fruit", "mushroom", "grain", "nut", "honey", "vegetable", "meat", "processed", "craft"}
	BaseUnits     = []string{"g", "piece"}
	Settlements   = []string{"resale", "split"}
	ProductStates = []string{"draft", "on", "off"}
)

const (
	maxPerUnit = 1_000_000 // base units in a sell unit
	maxGrams   = 100_000   // of a sell unit packed: what one person can carry to the door
)

// Product is what buyers see and choose.
type Product struct {
	ID          id.Product
	Name        string
	Category    string // one of Categories
	Dried       bool   // dried or otherwise made to keep: never "fresh" in law
	Summary     string
	SellUnit    string
	BaseUnit    string // g, piece
	BasePerUnit int64
	NetG        int64
	GrossG      int64
	Price       money.Fen
	MarketPrice money.Fen
	ReturnRule  string // SevenDay, Fresh, Confirmed; empty: what fits the category
	Ground      string // legal ground of the rule, see rule.go; empty: the usual one
	Storage     string
	ColdChain   bool
	Settlement  string // resale, split
	State       string // draft, on, off
	Created     time.Time
	Pictures    []Picture
}

// Per500g is the price per 500 g, rounded half up; 0 if it has no weight.
func (p Product) Per500g() money.Fen { return p.Price.Per500g(p.NetG) }

func (p *Product) check() error {
	var c checks
	or(&p.State, "draft")
	or(&p.Settlement, "resale")
	c.choice("category", p.Category, Categories)
	c.choice("state", p.State, ProductStates)
	c.choice("settlement", p.Settlement, Settlements)
	c.choice("base_unit", p.BaseUnit, BaseUnits)
	c.text("name", &p.Name, true, 60, false)
	c.text("summary", &p.Summary, false, 200, false)
	c.text("sell_unit", &p.SellUnit, true, 8, false)
	c.text("storage", &p.Storage, false, 100, false)
	c.number("base_per_unit", p.BasePerUnit, 1, maxPerUnit)
	p.checkWeight(&c)
	p.checkPrice(&c)
	p.checkReturn(&c)
	return c.err()
}

// checkWeight holds that the label says what is in it: goods counted in grams
// weigh net what they take from the lot, and food of any kind has a net weight.
func (p *Product) checkWeight(c *checks) {
	if p.BaseUnit == "g" {
		if p.NetG == 0 {
			p.NetG = p.BasePerUnit
		}
		if p.NetG != p.BasePerUnit {
			c.add("net_g", "catalog.net_weight")
			return
		}
	}
	low := int64(1)
	if p.Category == "craft" {
		low = 0 // a basket is sold by the piece
	}
	c.number("net_g", p.NetG, low, maxGrams)
	c.number("gross_g", p.GrossG, 1, maxGrams)
	if p.GrossG > 0 && p.GrossG < p.NetG {
		c.add("gross_g", "catalog.gross_weight")
	}
}

func (p *Product) checkPrice(c *checks) {
	if p.Price <= 0 || p.Price > money.MaxFen {
		c.add("price", "catalog.price")
	}
	if p.MarketPrice != 0 && (p.MarketPrice <= p.Price || p.MarketPrice > money.MaxFen) {
		c.add("market_price", "catalog.market_price")
	}
}

// SaveProduct creates (ID empty) or changes a product (selector). Its pictures
// are AddPicture's.
func SaveProduct(ctx context.Context, tx *db.Tx, who actor.Actor, p Product) (id.Product, error) {
	if err := who.Need(actor.Selector); err != nil {
		return "", err
	}
	if err := p.check(); err != nil {
		return "", err
	}
	if p.ID == "" {
		return createProduct(ctx, tx, who, p)
	}
	return p.ID, changeProduct(ctx, tx, who, p)
}

func createProduct(ctx context.Context, tx *db.Tx, who actor.Actor, p Product) (id.Product, error) {
	if err := room(ctx, tx, "product"); err != nil {
		return "", err
	}
	p.ID = id.New[id.Product]()
	_, err := tx.Exec(ctx, `
		INSERT INTO product (id, name, category, dried, summary, sell_unit, base_unit, base_per_unit, net_weight_g, gross_weight_g,
			price_fen, market_price_fen, return_rule, return_ground, storage, cold_chain, settlement, state, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		p.ID, p.Name, p.Category, p.Dried, p.Summary, p.SellUnit, p.BaseUnit, p.BasePerUnit, p.NetG, p.GrossG,
		p.Price, p.MarketPrice, p.ReturnRule, p.Ground, p.Storage, p.ColdChain, p.Settlement, p.State, tx.NowUs())
	if err != nil {
		return "", err
	}
	return p.ID, audit.Write(ctx, tx, who, "catalog.create_product", "product", p.ID,
		map[string]any{"name": p.Name, "price_fen": p.Price, "return_rule": p.ReturnRule, "state": p.State})
}

func changeProduct(ctx context.Context, tx *db.Tx, who actor.Actor, p Product) error {
	m, err := Products(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	old, ok := m[p.ID]
	switch {
	case !ok:
		return fault.New(fault.NotFound, "fault.not_found")
	case p.BaseUnit != old.BaseUnit, p.BasePerUnit != old.BasePerUnit && old.State != "draft":
		return fault.New(fault.Conflict, "catalog.unit_fixed").At("base_per_unit")
	case p.State == "draft" && old.State != "draft":
		return fault.New(fault.Conflict, "catalog.no_draft").At("state")
	}
	_, err = tx.Exec(ctx, `
		UPDATE product SET name = $2, category = $3, dried = $4, summary = $5, sell_unit = $6, base_per_unit = $7, net_weight_g = $8,
			gross_weight_g = $9, price_fen = $10, market_price_fen = $11, return_rule = $12, return_ground = $13, storage = $14,
			cold_chain = $15, settlement = $16, state = $17
		WHERE id = $1`,
		p.ID, p.Name, p.Category, p.Dried, p.Summary, p.SellUnit, p.BasePerUnit, p.NetG, p.GrossG, p.Price, p.MarketPrice,
		p.ReturnRule, p.Ground, p.Storage, p.ColdChain, p.Settlement, p.State)
	if err != nil {
		return err
	}
	detail := map[string]any{"name": p.Name}
	if old.Price != p.Price {
		detail["price_fen"] = []money.Fen{old.Price, p.Price}
	}
	if old.ReturnRule != p.ReturnRule || old.Ground != p.Ground {
		detail["return_rule"] = []string{old.ReturnRule, p.ReturnRule}
	}
	if old.State != p.State {
		detail["state"] = []string{old.State, p.State}
	}
	return audit.Write(ctx, tx, who, "catalog.change_product", "product", p.ID, detail)
}

const productColumns = `id, name, category, dried, summary, sell_unit, base_unit, base_per_unit, net_weight_g, gross_weight_g,
	price_fen, market_price_fen, return_rule, return_ground, storage, cold_chain, settlement, state, created_us`

func scanProduct(r *db.Rows, p *Product) error {
	var us int64
	err := r.Scan(&p.ID, &p.Name, &p.Category, &p.Dried, &p.Summary, &p.SellUnit, &p.BaseUnit, &p.BasePerUnit, &p.NetG, &p.GrossG,
		&p.Price, &p.MarketPrice, &p.ReturnRule, &p.Ground, &p.Storage, &p.ColdChain, &p.Settlement, &p.State, &us)
	p.Created = clock.FromUs(us)
	return err
}

// Products reads products with pictures by id; unknown ids are left out.
func Products(ctx context.Context, q db.Querier, ids ...id.Product) (map[id.Product]Product, error) {
	out := make(map[id.Product]Product, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		rows, err := q.Query(ctx, `SELECT `+productColumns+` FROM product WHERE id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		ps, err := db.Collect(rows, err, scanProduct)
		if err != nil {
			return nil, err
		}
		if err := withPictures(ctx, q, ps); err != nil {
			return nil, err
		}
		for _, p := range ps {
			out[p.ID] = p
		}
	}
	return out, nil
}

// AllProducts lists products of a state ("" for all) with pictures, the newest
// first; at most 500.
func AllProducts(ctx context.Context, q db.Querier, state string) ([]Product, error) {
	rows, err := q.Query(ctx, `
		SELECT `+productColumns+` FROM product WHERE $1 = '' OR state = $1
		ORDER BY created_us DESC, id DESC LIMIT $2`, state, maxList)
	ps, err := db.Collect(rows, err, scanProduct)
	if err != nil {
		return nil, err
	}
	return ps, withPictures(ctx, q, ps)
}

// withPictures adds their pictures to products, in one query a few hundred.
func withPictures(ctx context.Context, q db.Querier, ps []Product) error {
	ids := make([]string, len(ps))
	for i, p := range ps {
		ids[i] = string(p.ID)
	}
	of, err := PicturesOf(ctx, q, "product", ids...)
	if err != nil {
		return err
	}
	for i := range ps {
		ps[i].Pictures = of[string(ps[i].ID)]
	}
	return nil
}
