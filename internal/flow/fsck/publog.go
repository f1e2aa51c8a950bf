package fsck

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
)

// publog holds the public log against the rows it tells of: what was published
// can't be changed any more, so a row that differs was.
var publog = []check{
	{name: "fsck.log_opens", of: txns, by: opens},
	{name: "fsck.log_rows", of: whole, counts: "log_leaf", fullOnly: true, by: logRows},
	{name: "fsck.log_root", of: whole, counts: "log_head", fullOnly: true, by: logRoots},
}

// opens holds each transaction, to the line, against what its entry in the
// public log is committed to.
func opens(ctx context.Context, q db.Querier, s slice, c *Check) error {
	text, args := s.sql(`
		SELECT t.id, t.ref, t.kind, t.at_us, t.day, t.memo, l.body, l.opening, l.salt, p.path, p.fen
		FROM ledger_txn t JOIN log_leaf l ON l.ref = 'txn/' || t.ref JOIN ledger_posting p ON p.txn_id = t.id
		WHERE {t.id} ORDER BY t.id, p.seq`)
	type booked struct {
		id, body, opening, salt string
		tlog.Txn
	}
	var now booked
	rows, err := q.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	look := func() {
		if now.id != "" {
			if why := unlike(now.Txn, now.body, now.opening, now.salt); why != "" {
				c.about(now.id)
				c.found("transaction %s %s: %s", now.id, now.Ref, why)
			}
		}
	}
	for rows.Next() {
		var x booked
		var l tlog.Line
		if err := rows.Scan(&x.id, &x.Ref, &x.Kind, &x.AtUs, &x.Day, &x.Memo, &x.body, &x.opening, &x.salt, &l.Path, &l.Fen); err != nil {
			return err
		}
		if x.id != now.id {
			look()
			now = x
		}
		now.Lines = append(now.Lines, l)
	}
	look()
	return rows.Err()
}

// unlike tells how a transaction differs from its entry, "" if it does not.
func unlike(t tlog.Txn, body, opening, salt string) string {
	e, err := entry.Parse([]byte(body))
	if err != nil {
		return "its entry in the public log is none"
	}
	if !e.Opens(salt, opening) {
		return "the opening is not what its entry in the public log is committed to"
	}
	var o tlog.Txn
	if err := json.Unmarshal([]byte(opening), &o); err != nil {
		return "the opening can't be read"
	}
	switch {
	case o.Kind != t.Kind || e.Kind != t.Kind:
		return fmt.Sprintf("kind %s, published as %s", t.Kind, e.Kind)
	case o.AtUs != t.AtUs || o.Day != t.Day:
		return fmt.Sprintf("of %s, published as of %s", t.Day, o.Day)
	case o.Ref != t.Ref || o.Memo != t.Memo:
		return "ref or memo are not those published"
	case !slices.Equal(o.Lines, t.Lines):
		return fmt.Sprintf("lines %v, published %v", t.Lines, o.Lines)
	}
	return ""
}

// logRows holds promise versions and statements against their entries.
func logRows(ctx context.Context, q db.Querier, _ slice, c *Check) error {
	rows, err := q.Query(ctx, `
		SELECT 'promise ' || v.no || ' version ' || v.version, l.body, v.words_zh, v.words_en, v.script
		FROM promise_version v JOIN log_leaf l ON l.ref = 'promise/' || v.no || '/' || v.version`)
	if err := scan(rows, err, func(r *db.Rows) error {
		var what, body string
		var is, said struct {
			Zh     string `json:"words_zh"`
			En     string `json:"words_en"`
			Script string `json:"script"`
		}
		if err := r.Scan(&what, &body, &is.Zh, &is.En, &is.Script); err != nil {
			return err
		}
		e, err := entry.Parse([]byte(body))
		if err != nil || json.Unmarshal(e.Public, &said) != nil || is != said {
			c.found("%s: words or script are not those published", what)
		}
		return nil
	}); err != nil {
		return err
	}
	return statementRows(ctx, q, c)
}

func statementRows(ctx context.Context, q db.Querier, c *Check) error {
	rows, err := q.Query(ctx, `
		SELECT s.id, s.gross_fen, s.back_fen, s.commission_fen, s.net_fen, s.pay_fen, s.tax_fen, l.body, l.opening, l.salt
		FROM statement s JOIN log_leaf l ON l.ref = 'statement/' || s.id`)
	return scan(rows, err, func(r *db.Rows) error {
		var id, body, opening, salt string
		var is, said struct {
			Gross int64 `json:"gross_fen"`
			Back  int64 `json:"back_fen"`
			Taken int64 `json:"commission_fen"`
			Net   int64 `json:"net_fen"`
			Pay   int64 `json:"pay_fen"`
			Tax   int64 `json:"tax_fen"`
		}
		if err := r.Scan(&id, &is.Gross, &is.Back, &is.Taken, &is.Net, &is.Pay, &is.Tax, &body, &opening, &salt); err != nil {
			return err
		}
		e, err := entry.Parse([]byte(body))
		if err != nil || !e.Opens(salt, opening) || json.Unmarshal([]byte(opening), &said) != nil || is != said {
			c.about(id)
			c.found("statement %s: its sums are not those published", id)
		}
		return nil
	})
}

const leafPage = 2000

// logRoots computes the root of the log from the leaves again and holds it
// against every root that was kept.
func logRoots(ctx context.Context, q db.Querier, _ slice, c *Check) error {
	heads, err := tlog.Heads(ctx, q, 10_000)
	if err != nil {
		return err
	}
	want := map[uint64]string{}
	for _, h := range heads {
		want[uint64(h.Size)] = h.Root
	}
	r := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for from := int64(0); len(want) > 0; {
		page, err := tlog.Placed(ctx, q, from, leafPage)
		if err != nil || len(page) == 0 {
			return err // places that are missing are fsck.log_places
		}
		for _, l := range page {
			if err := r.Append(rfc6962.DefaultHasher.HashLeaf([]byte(l.Body)), nil); err != nil {
				return err
			}
			if root, ok := want[r.End()]; ok {
				is, err := r.GetRootHash(nil)
				if err != nil {
					return err
				}
				if hex.EncodeToString(is) != root {
					c.found("public log of %d entries: the leaves give the root %x, published was %s", r.End(), is, root)
					return nil // every later one differs too
				}
			}
			from = l.Seq + 1
		}
	}
	return nil
}
