package account

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
)

const (
	keepCodes    = 30 * 24 * time.Hour  // law.md, retention matrix: unused codes 30 days
	keepSessions = 183 * 24 * time.Hour // security records 6 months (Cybersecurity Law)
)

// Prune deletes codes and sessions whose time to be kept is over, and tells
// how many rows went. Run it once a day; running it twice does no harm.
func Prune(ctx context.Context, tx *db.Tx) (int64, error) {
	codes, sessions := clock.Us(tx.Now.Add(-keepCodes)), clock.Us(tx.Now.Add(-keepSessions))
	var total int64
	for _, s := range []struct {
		query string
		arg   int64
	}{
		{`DELETE FROM login_code WHERE created_us < $1`, codes},
		{`DELETE FROM login_gate WHERE at_us < $1`, codes},
		{`DELETE FROM user_session WHERE expires_us < $1 OR (revoked_us > 0 AND revoked_us < $1)`, sessions},
	} {
		n, err := tx.Exec(ctx, s.query, s.arg)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
