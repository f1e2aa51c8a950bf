package show_test

import (
	"regexp"
	"strings"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/show"
)

func TestStreamKeys(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		fresh := func() (key string) {
			b.must(func(tx *db.Tx) (err error) { key, err = show.NewKey(b.ctx, tx, b.v, b.host, s); return err })
			return key
		}
		first := fresh()
		if !regexp.MustCompile(`^([0-9a-z]{4}-){5}[0-9a-z]{4}$`).MatchString(first) {
			b.Errorf("key %q", first)
		}
		for _, typed := range []string{first, strings.ToUpper(first), " " + strings.ReplaceAll(first, "-", " ") + "\n", strings.ReplaceAll(first, "0", "O"), strings.ReplaceAll(first, "1", "l")} {
			if got, err := show.ByKey(b.ctx, b.d, typed); err != nil || got.ID != s {
				b.Errorf("%q: %v", typed, err)
			}
		}
		for _, typed := range []string{"", "x", first[:len(first)-1], first + "0", strings.Repeat("-", 1<<20), "0000-0000-0000-0000-0000-0000"} {
			if _, err := show.ByKey(b.ctx, b.d, typed); !fault.HasKey(err, "show.key_wrong") {
				b.Errorf("%.40q: %v", typed, err)
			}
		}
		if got, err := show.Key(b.ctx, b.d, b.v, b.host, s); err != nil || got != first {
			b.Errorf("shown %q, %v", got, err)
		}
		if _, err := show.Key(b.ctx, b.d, b.v, b.other, s); !fault.HasKey(err, "show.not_yours") {
			b.Errorf("another host reads the key: %v", err)
		}
		if _, err := show.Key(b.ctx, b.d, b.v, b.buyer, s); !fault.Is(err, fault.Denied) {
			b.Errorf("a buyer reads the key: %v", err)
		}

		second := fresh()
		_, err := show.ByKey(b.ctx, b.d, first)
		wantKey(b.T, err, "show.key_revoked")
		if _, err := show.ByKey(b.ctx, b.d, second); err != nil {
			b.Error(err)
		}
		var clear int64
		b.d.QueryRow(b.ctx, `SELECT count(*) FROM stream_key WHERE key_enc LIKE '%' || $1 || '%' OR key_hash = $1`, second).Scan(&clear)
		if clear != 0 {
			b.Error("the key stands in the table in the clear")
		}
		b.must(func(tx *db.Tx) error { return show.RevokeKey(b.ctx, tx, b.operator, s) })
		_, err = show.ByKey(b.ctx, b.d, second)
		wantKey(b.T, err, "show.key_revoked")
		if got, err := show.Key(b.ctx, b.d, b.v, b.host, s); got != "" || err != nil {
			b.Errorf("%q, %v", got, err)
		}

		third := fresh()
		b.moves(s, show.Announced, show.Live, show.Ended)
		_, err = show.ByKey(b.ctx, b.d, third)
		wantKey(b.T, err, "show.key_over")
	})
}

func TestTheDatabaseHoldsOneLivingKey(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		for i, h := range []string{"h1", "h2"} {
			_, err := b.d.Exec(b.ctx, `INSERT INTO stream_key (id, show_id, key_hash, key_enc, created_us) VALUES ($1, $2, $3, '', 1)`, h, s, h)
			if db.IsUnique(err) != (i == 1) {
				b.Errorf("key %d: %v", i+1, err)
			}
		}
	})
}
