package fsck

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// object is what a check's rows belong to. A check of objects can be made of a
// few of them; a whole one can't, and must be cheap.
type object string

const (
	orders object = "orders"
	lots   object = "lots"
	items  object = "items"
	txns   object = "txns"
	whole  object = "whole"
)

// pages says how a full run walks the objects: where their ids stand, and how
// many make a page. Lots and items come in one: their checks read all orders.
var pages = map[object]struct {
	table string
	size  int
}{
	orders: {"sale_order", 500},
	lots:   {"lot", 1 << 40},
	items:  {"show_item", 1 << 40},
	txns:   {"ledger_txn", 2000},
}

// slice is a part of the objects of a kind: a range of ids, which has no gaps
// so that rows of objects that are not there are seen too, or a list.
type slice struct {
	after, upTo string // (after, upTo]
	list        []string
}

// end sorts after every id.
const end = "~"

// column marks where a query says which objects it is about: {o.id} becomes
// "o.id is one of them".
var column = regexp.MustCompile(`\{([a-z_.]+)\}`)

// sql puts the slice into a query.
func (s slice) sql(text string) (string, []any) {
	if s.list == nil {
		return column.ReplaceAllString(text, `($1 > $$1 AND $1 <= $$2)`), []any{s.after, s.upTo}
	}
	list := padded(s.list)
	return column.ReplaceAllString(text, "$1 IN ("+dollars(db.In(1, len(list)))+")"), db.Args(list)
}

// dollars keeps $1 from being read as a group of the pattern.
func dollars(s string) string { return regexp.MustCompile(`\$`).ReplaceAllString(s, "$$$$") }

// padded repeats the last of a list up to one of few lengths, so that the
// database sees few texts and keeps them prepared.
func padded(list []string) []string {
	for _, n := range []int{1, 10, listSize} {
		if len(list) <= n {
			list = slices.Clone(list)
			for len(list) < n {
				list = append(list, list[len(list)-1])
			}
			return list
		}
	}
	panic(fmt.Sprintf("fsck: %d ids in a list", len(list)))
}

// listSize is how many objects are looked at by one list.
const listSize = 200

// next is the range of the page after, and how many objects it has; more is
// false on the last one, which reaches to the end of all ids.
func next(ctx context.Context, q db.Querier, o object, after string) (s slice, n int64, more bool, err error) {
	p := pages[o]
	s = slice{after: after, upTo: end}
	var last string
	err = q.QueryRow(ctx, `SELECT count(*), coalesce(max(id), '') FROM (SELECT id FROM `+p.table+` WHERE id > $1 ORDER BY id LIMIT $2) x`,
		after, int64(p.size)).Scan(&n, &last)
	if err == nil && n == int64(p.size) {
		s.upTo, more = last, true
	}
	return s, n, more, err
}

// lists cuts ids into lists.
func lists(ids []string) []slice {
	var out []slice
	for part := range slices.Chunk(ids, listSize) {
		out = append(out, slice{list: part})
	}
	return out
}

// idOf is the id a finding begins with, "" if it does not.
func idOf(what string) string {
	if len(what) >= 32 && id.Valid(what[:32]) {
		return what[:32]
	}
	return ""
}
