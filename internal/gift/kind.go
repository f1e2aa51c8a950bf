package gift

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Icons are the pictures a gift may have.
var Icons = []string{"cone", "berry", "mushroom", "birch"}

// MaxKinds bounds the price list.
const MaxKinds = 12

// Kind is an entry of the price list.
type Kind struct {
	ID     id.GiftKind
	NameZh string
	NameEn string
	Icon   string
	Fen    money.Fen
	Pos    int64
	OnSale bool
}

// Name in a language.
func (k Kind) Name(lang string) string { return pick(lang, k.NameZh, k.NameEn) }

// SaveKind writes an entry of the price list, a new one if k.ID is empty
// (admin). Gifts given before keep their name and price.
func SaveKind(ctx context.Context, tx *db.Tx, who actor.Actor, r Rules, k Kind) (id.GiftKind, error) {
	if err := who.Need(actor.Admin); err != nil {
		return "", err
	}
	k.NameZh, k.NameEn = strings.TrimSpace(k.NameZh), strings.TrimSpace(k.NameEn)
	var icon, price *fault.Error
	if !slices.Contains(Icons, k.Icon) {
		icon = fault.New(fault.Invalid, "fault.choice").At("icon")
	}
	if k.Fen < 10 || k.Fen > r.MaxOne {
		price = fault.New(fault.Invalid, "gift.price", "Max", r.MaxOne.Short()).At("fen")
	}
	if err := fault.Join(named("name_zh", k.NameZh), named("name_en", k.NameEn), icon, price); err != nil {
		return "", err
	}
	if k.ID == "" {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM gift_kind`).Scan(&n); err != nil {
			return "", err
		}
		if n >= MaxKinds {
			return "", fault.New(fault.Conflict, "gift.kinds_full", "Max", MaxKinds)
		}
		k.ID = id.New[id.GiftKind]()
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO gift_kind (id, name_zh, name_en, icon, fen, pos, on_sale) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, icon = excluded.icon, fen = excluded.fen, pos = excluded.pos, on_sale = excluded.on_sale`,
		k.ID, k.NameZh, k.NameEn, k.Icon, k.Fen, k.Pos, k.OnSale); err != nil {
		return "", err
	}
	return k.ID, audit.Write(ctx, tx, who, "gift.kind", "gift_kind", k.ID, map[string]any{"fen": k.Fen, "on": k.OnSale})
}

func named(field, s string) *fault.Error {
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return fault.New(fault.Invalid, "fault.required").At(field)
	case n > 20:
		return fault.New(fault.Invalid, "fault.too_long", "Max", 20).At(field)
	}
	return nil
}

// Kinds lists the price list by price; only what is on sale, unless all.
func Kinds(ctx context.Context, q db.Querier, all bool) ([]Kind, error) {
	rows, err := q.Query(ctx, `SELECT id, name_zh, name_en, icon, fen, pos, on_sale FROM gift_kind WHERE on_sale OR $1 ORDER BY fen, pos, id`, all)
	return db.Collect(rows, err, func(r *db.Rows, k *Kind) error {
		return r.Scan(&k.ID, &k.NameZh, &k.NameEn, &k.Icon, &k.Fen, &k.Pos, &k.OnSale)
	})
}

// KindByID reads an entry that is on sale; fault gift.kind_off.
func KindByID(ctx context.Context, q db.Querier, k id.GiftKind) (Kind, error) {
	all, err := Kinds(ctx, q, false)
	if err != nil {
		return Kind{}, err
	}
	for _, x := range all {
		if x.ID == k {
			return x, nil
		}
	}
	return Kind{}, fault.New(fault.Conflict, "gift.kind_off").At("kind")
}
