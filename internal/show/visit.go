package show

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// visitRows are written by one statement.
const visitRows = 200

// Visit notes that visitors are in the room (last seen now) and adds their
// likes; a negative count of likes is taken as none.
func Visit(ctx context.Context, tx *db.Tx, s id.Show, visitors map[string]int64) error {
	names := slices.Sorted(maps.Keys(visitors)) // one order: no deadlock between nodes
	for part := range slices.Chunk(names, visitRows) {
		var b strings.Builder
		args := []any{s, tx.NowUs()}
		for i, v := range part {
			if i > 0 {
				b.WriteString(", ")
			}
			n := len(args)
			fmt.Fprintf(&b, "($1, $%d, $2, $2, $%d)", n+1, n+2)
			args = append(args, v, max(0, visitors[v]))
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO show_visit (show_id, visitor, first_us, last_us, likes) VALUES `+b.String()+`
			ON CONFLICT (show_id, visitor) DO UPDATE SET last_us = excluded.last_us, likes = show_visit.likes + excluded.likes`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Audience counts who entered and the likes.
func Audience(ctx context.Context, q db.Querier, s id.Show) (entered, likes int64, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), CAST(coalesce(sum(likes), 0) AS BIGINT) FROM show_visit WHERE show_id = $1`, s).Scan(&entered, &likes)
	return entered, likes, err
}
