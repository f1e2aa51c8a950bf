package review

import (
	"bufio"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Limits of the centre's own words.
const (
	MaxOwn     = 20_000
	MaxWord    = 40      // characters
	MaxWording = 60      // characters
	MaxFile    = 1 << 20 // bytes of a file of words
	// maxFaults is how many wrong lines of a file are told at once.
	maxFaults = 10
)

// Word is one of the centre's own.
type Word struct {
	Text, Kind string
	Wording    string // what to say instead, "" for the kind's own proposal
	By         id.User
}

// version of the centre's own words: it moves with every change.
type version struct{ changed, rows int64 }

// Reload takes the centre's own words from the database if they changed since;
// it tells whether they did. Searches go on meanwhile with the old list.
func (w *Words) Reload(ctx context.Context, q db.Querier) (bool, error) {
	return w.reload(ctx, q, false)
}

// Renew is Reload for who has just changed them: it reads them in any case.
func (w *Words) Renew(ctx context.Context, q db.Querier) error {
	_, err := w.reload(ctx, q, true)
	return err
}

func (w *Words) reload(ctx context.Context, q db.Querier, force bool) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var v version
	if err := q.QueryRow(ctx, `SELECT CAST(coalesce(max(changed_us), 0) AS BIGINT), count(*) FROM review_word`).Scan(&v.changed, &v.rows); err != nil || !force && v == w.seen {
		return false, err
	}
	own, err := Own(ctx, q, "", "", MaxOwn)
	if err != nil {
		return false, err
	}
	w.now.Store(newList(builtInWords(), own))
	w.seen = v
	return true, nil
}

// Own lists the centre's own words: of a kind if it is not "", that hold a text
// if it is not "".
func Own(ctx context.Context, q db.Querier, kind, holds string, limit int) ([]Word, error) {
	rows, err := q.Query(ctx, `SELECT word, kind, wording, actor_id FROM review_word
		WHERE NOT out AND ($1 = '' OR kind = $1) AND ($2 = '' OR word LIKE '%' || $2 || '%') ORDER BY changed_us DESC, word LIMIT $3`, kind, strings.NewReplacer("%", "", "_", "").Replace(holds), limit)
	return db.Collect(rows, err, func(r *db.Rows, x *Word) error { return r.Scan(&x.Text, &x.Kind, &x.Wording, &x.By) })
}

// CountOwn counts the centre's own words by kind.
func CountOwn(ctx context.Context, q db.Querier) (map[string]int64, error) {
	type row struct {
		kind string
		n    int64
	}
	rows, err := q.Query(ctx, `SELECT kind, count(*) FROM review_word WHERE NOT out GROUP BY kind ORDER BY kind`)
	list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.kind, &x.n) })
	out := map[string]int64{}
	for _, x := range list {
		out[x.kind] = x.n
	}
	return out, err
}

// check refuses a word that could not be found, or would be found everywhere.
func (x *Word) check() error {
	x.Text, x.Wording = strings.Join(strings.Fields(x.Text), " "), strings.TrimLeft(strings.TrimSpace(x.Wording), "@")
	f := fold(x.Text)
	n := utf8.RuneCount(f.text)
	switch {
	case !slices.Contains(Kinds, x.Kind):
		return fault.New(fault.Invalid, "fault.choice").At("kind")
	case utf8.RuneCountInString(x.Text) > MaxWord:
		return fault.New(fault.Invalid, "fault.too_long", "Max", MaxWord).At("word")
	case utf8.RuneCountInString(x.Wording) > MaxWording:
		return fault.New(fault.Invalid, "fault.too_long", "Max", MaxWording).At("wording")
	case n == 0, n == 1 && len(f.text) == 1: // a single Latin letter stands everywhere
		return fault.New(fault.Invalid, "review.word_short").At("word")
	}
	return nil
}

// editors may change the centre's words.
var editors = []actor.Role{actor.Moderator, actor.Operator, actor.Admin}

// Put adds words to the centre's own, or changes them; all or none. Faults:
// those of a word, review.words_full.
func Put(ctx context.Context, tx *db.Tx, who actor.Actor, words ...Word) error {
	if err := who.Need(editors...); err != nil {
		return err
	}
	for i := range words {
		if err := words[i].check(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO review_word (word, kind, wording, actor_id, changed_us) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (word) DO UPDATE SET kind = excluded.kind, wording = excluded.wording, out = FALSE, actor_id = excluded.actor_id, changed_us = excluded.changed_us`,
			words[i].Text, words[i].Kind, words[i].Wording, who.User, tx.NowUs()); err != nil {
			return err
		}
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM review_word WHERE NOT out`).Scan(&n); err != nil {
		return err
	}
	if n > MaxOwn {
		return fault.New(fault.Conflict, "review.words_full", "Max", MaxOwn)
	}
	if len(words) == 1 {
		return audit.Write(ctx, tx, who, "review.word", "word", words[0].Text, map[string]any{"kind": words[0].Kind, "wording": words[0].Wording})
	}
	return audit.Write(ctx, tx, who, "review.import", "word", "", map[string]any{"words": len(words)})
}

// Drop takes one of the centre's own words out; the row stays.
func Drop(ctx context.Context, tx *db.Tx, who actor.Actor, text string) error {
	if err := who.Need(editors...); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE review_word SET out = TRUE, actor_id = $2, changed_us = $3 WHERE word = $1 AND NOT out`, text, who.User, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "review.drop", "word", text, nil)
}

// ParseFile reads a file of words: one a line, "word", "word<tab>kind" or
// "word<tab>kind<tab>wording" (a comma does too), sections "[kind]", "#" for a
// comment. A word without a kind has the section's, or the default. Every wrong
// line is told (up to ten), and then nothing is taken.
func ParseFile(text, kind string) ([]Word, error) {
	if len(text) > MaxFile {
		return nil, fault.New(fault.TooLarge, "review.file_large", "Max", MaxFile>>10).At("file")
	}
	if !utf8.ValidString(text) {
		return nil, fault.New(fault.Invalid, "review.file_coding").At("file")
	}
	var out []Word
	var wrong []*fault.Error
	at := map[string]int{}
	sc := bufio.NewScanner(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	sc.Buffer(nil, MaxFile+1)
	for n := 1; sc.Scan() && len(wrong) < maxFaults; n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' && strings.HasSuffix(line, "]") {
			if kind = strings.Trim(line, "[]"); !slices.Contains(Kinds, kind) {
				wrong = append(wrong, fault.New(fault.Invalid, "review.file_kind", "Line", n, "Kind", kind).At("file"))
			}
			continue
		}
		x := parseLine(line, kind)
		if err := x.check(); err != nil {
			wrong = append(wrong, fault.New(fault.Invalid, "review.file_line", "Line", n, "Word", clip(x.Text)).At("file"))
			continue
		}
		if i, twice := at[x.Text]; twice {
			out[i] = x
			continue
		}
		at[x.Text] = len(out)
		out = append(out, x)
	}
	switch {
	case len(wrong) > 0:
		return nil, fault.Join(wrong...)
	case len(out) == 0:
		return nil, fault.New(fault.Invalid, "review.file_empty").At("file")
	case len(out) > MaxOwn:
		return nil, fault.New(fault.TooLarge, "review.words_full", "Max", MaxOwn).At("file")
	}
	return out, nil
}

func parseLine(line, kind string) Word {
	parts := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' || r == ',' || r == '\uff0c' })
	x := Word{Kind: kind}
	for i, p := range parts {
		switch p = strings.TrimSpace(p); i {
		case 0:
			x.Text = p
		case 1:
			x.Kind = p
		case 2:
			x.Wording = p
		}
	}
	return x
}

func clip(s string) string {
	if r := []rune(s); len(r) > MaxWord {
		return string(r[:MaxWord])
	}
	return s
}
