package lot

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Moved sums lots' movements by kind, in base units and with their sign: what
// came in, what was sent, what was lost. A lot without movements is left out.
func Moved(ctx context.Context, q db.Querier, lots ...id.Lot) (map[id.Lot]map[MoveKind]int64, error) {
	type row struct {
		lot  id.Lot
		kind MoveKind
		qty  int64
	}
	out := make(map[id.Lot]map[MoveKind]int64, len(lots))
	for part := range slices.Chunk(lots, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT lot_id, kind, CAST(sum(qty) AS BIGINT) FROM stock_movement
			WHERE lot_id IN (`+db.In(1, len(part))+`) GROUP BY lot_id, kind ORDER BY lot_id, kind`, db.Args(part)...)
		list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.lot, &x.kind, &x.qty) })
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if out[x.lot] == nil {
				out[x.lot] = map[MoveKind]int64{}
			}
			out[x.lot][x.kind] = x.qty
		}
	}
	return out, nil
}
