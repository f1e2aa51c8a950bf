package promise

import (
	"context"

	"lindu.example/lindu/internal/db"
)

// fixVersion puts a version into the public log.
func fixVersion(ctx context.Context, tx *db.Tx, kind string, v Version) error { return nil }
