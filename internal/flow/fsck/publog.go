package fsck

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
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

// logRows holds promise versions, statements and disbursements against their
// entries, from the entries on: a row that is gone is found, too.
func logRows(ctx context.Context, q db.Querier, _ slice, c *Check) error {
	all, err := promise.Versions(ctx, q, true)
	if err != nil {
		return err
	}
	versions := map[string]promise.Version{}
	for _, v := range all {
		versions[v.AsSigned().LogRef()] = v.AsSigned()
		versions[v.LogRef()] = v
	}
	rows, err := q.Query(ctx, `SELECT ref, body FROM log_leaf WHERE ref LIKE 'promise/%' ORDER BY ref`)
	if err := scan(rows, err, func(r *db.Rows) error {
		var ref, body string
		if err := r.Scan(&ref, &body); err != nil {
			return err
		}
		e, err := entry.Parse([]byte(body))
		if v, ok := versions[ref]; !ok {
			c.found("%s: published, and gone", ref)
		} else if err != nil || !v.Logged(e.Public) {
			c.found("%s: not what was published", ref)
		}
		return nil
	}); err != nil {
		return err
	}
	if err := statementRows(ctx, q, c); err != nil {
		return err
	}
	return fundRows(ctx, q, c)
}

// fundRows holds what the funds paid out against its entries, both ways.
func fundRows(ctx context.Context, q db.Querier, c *Check) error {
	paid, err := fund.EveryPaid(ctx, q)
	if err != nil {
		return err
	}
	missing := map[string]fund.Disbursement{}
	for _, d := range paid {
		missing[fund.LeafRef(d.ID)] = d
	}
	rows, err := q.Query(ctx, `SELECT ref, body, opening, salt FROM log_leaf WHERE ref LIKE 'fund/%' ORDER BY ref`)
	if err := scan(rows, err, func(r *db.Rows) error {
		var ref, body, opening, salt string
		if err := r.Scan(&ref, &body, &opening, &salt); err != nil {
			return err
		}
		e, err := entry.Parse([]byte(body))
		if d, ok := missing[ref]; !ok {
			c.found("%s: published, and not paid", ref)
		} else if err != nil || !e.Opens(salt, opening) || !d.Logged(e.Public, opening) {
			c.found("%s: not what was published", ref)
		}
		delete(missing, ref)
		return nil
	}); err != nil {
		return err
	}
	for ref := range missing {
		c.found("%s: paid, and not in the public log", ref)
	}
	return nil
}

func statementRows(ctx context.Context, q db.Querier, c *Check) error {
	rows, err := q.Query(ctx, `
		SELECT l.ref, l.body, l.opening, l.salt, coalesce(s.id, ''), coalesce(s.no, ''), coalesce(s.payee_kind, ''), coalesce(s.payee_id, ''),
			coalesce(s.from_day, 0), coalesce(s.to_day, 0), coalesce(s.lines, 0), coalesce(s.gross_fen, 0), coalesce(s.back_fen, 0), coalesce(s.commission_fen, 0),
			coalesce(s.net_fen, 0), coalesce(s.elsewhere_fen, 0), coalesce(s.carried_fen, 0), coalesce(s.pay_fen, 0), coalesce(s.tax_fen, 0)
		FROM log_leaf l LEFT JOIN statement s ON l.ref = 'statement/' || s.id WHERE l.ref LIKE 'statement/%'`)
	return scan(rows, err, func(r *db.Rows) error {
		var ref, body, opening, salt string
		var is, said statement.Opening
		if err := r.Scan(&ref, &body, &opening, &salt, &is.Statement, &is.No, &is.Payee, &is.ID, &is.From, &is.To, &is.Lines,
			&is.Gross, &is.Back, &is.Taken, &is.Net, &is.Elsewhere, &is.Carried, &is.Pay, &is.Tax); err != nil {
			return err
		}
		e, err := entry.Parse([]byte(body))
		if err != nil || !e.Opens(salt, opening) || json.Unmarshal([]byte(opening), &said) != nil || is != said {
			c.about(strings.TrimPrefix(ref, "statement/"))
			c.found("%s: not what was published", ref)
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
