package fsck

import (
	"context"
	"time"

	"lindu.example/lindu/internal/db"
)

func noPause(context.Context) error { return nil }

// Since looks at what was written after a moment, and saves nothing.
func Since(ctx context.Context, q db.Querier, from time.Time) (Report, error) {
	rep, _, err := since(ctx, q, idAt(from), mostEvents, nil, noPause)
	return rep, err
}

// SealAll seals all there is.
func SealAll(ctx context.Context, d *db.DB) error { return seal(ctx, d, end, 1, noPause) }

// SealBefore seals what was written before a moment.
func SealBefore(ctx context.Context, d *db.DB, t time.Time) error {
	return seal(ctx, d, idAt(t), 1, noPause)
}

// RecentOf is Recent that looks at so many events at most, and at none twice.
func RecentOf(ctx context.Context, d *db.DB, most int64) (Report, error) {
	return recent(ctx, d, most, 0, 0, noPause)
}
