package review

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// maxHeard bounds what HeardSince reads and what one message leaves.
const (
	maxHeard  = 50
	maxAtOnce = 5
	maxShows  = 50
)

// Heard is a word of the list that the host or staff wanted to say in a room.
type Heard struct {
	ID    string
	Show  id.Show
	User  id.User
	Badge string // host, staff
	Kind  string
	Word  string
	At    time.Time
}

// Note keeps which listed words somebody who speaks for the centre wanted to
// say: the word and not the sentence.
func Note(ctx context.Context, tx *db.Tx, s id.Show, u id.User, badge string, hits ...Hit) error {
	for i, h := range hits {
		if i == maxAtOnce {
			break
		}
		word := []rune(h.Word)
		if len(word) > MaxWord {
			word = word[:MaxWord]
		}
		_, err := tx.Exec(ctx, `INSERT INTO word_hit (id, show_id, user_id, badge, kind, word, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id.New[id.Event](), s, u, badge, h.Kind, string(word), tx.NowUs())
		if err != nil {
			return err
		}
	}
	return nil
}

// HeardSince reads what Note kept of shows since a time, the newest first; at
// most 50.
func HeardSince(ctx context.Context, q db.Querier, since time.Time, shows ...id.Show) ([]Heard, error) {
	if len(shows) == 0 {
		return nil, nil
	}
	if len(shows) > maxShows {
		shows = shows[:maxShows]
	}
	args := append([]any{clock.Us(since), maxHeard}, db.Args(shows)...)
	rows, err := q.Query(ctx, `SELECT id, show_id, user_id, badge, kind, word, at_us FROM word_hit
		WHERE show_id IN (`+db.In(3, len(shows))+`) AND at_us >= $1 ORDER BY at_us DESC, id DESC LIMIT $2`, args...)
	return db.Collect(rows, err, func(r *db.Rows, h *Heard) error {
		var at int64
		err := r.Scan(&h.ID, &h.Show, &h.User, &h.Badge, &h.Kind, &h.Word, &at)
		h.At = clock.FromUs(at)
		return err
	})
}
