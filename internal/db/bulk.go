package db

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Now is the present of a Querier: the transaction's, or the clock's.
func Now(q Querier) time.Time {
	switch x := q.(type) {
	case *Tx:
		return x.Now
	case *DB:
		return x.Clock.Now()
	}
	return time.Now()
}

// DialectOf tells which database a Querier speaks to.
func DialectOf(q Querier) Dialect {
	switch x := q.(type) {
	case *Tx:
		return x.Dialect
	case *DB:
		return x.Dialect
	}
	return ""
}

// In is the list "$from, $from+1, …" of n placeholders, for WHERE x IN (…).
func In(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// Args boxes a list for the placeholders of In.
func Args[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

// Insert writes rows of a table. SQLite runs one prepared statement a row,
// which is faster there than any long text; PostgreSQL gets all rows as arrays
// in one statement and one round trip (docs/performance.md). Values must be
// strings, booleans or whole numbers, of one sort in a column.
func (t *Tx) Insert(ctx context.Context, table string, columns []string, rows [][]any) error {
	_, err := t.insert(ctx, table, columns, rows, "", nil)
	return err
}

// InsertNew is Insert that leaves rows out whose unique column stands already
// (or came earlier in rows), and tells for each row whether it was written.
func (t *Tx) InsertNew(ctx context.Context, table string, columns []string, unique string, rows [][]any) ([]bool, error) {
	at := -1
	for i, c := range columns {
		if c == unique {
			at = i
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("db: %s is no column of the insert into %s", unique, table)
	}
	tail := " ON CONFLICT (" + unique + ") DO NOTHING"
	if t.sql != nil {
		return t.insert(ctx, table, columns, rows, tail, nil)
	}
	first := make(map[any]int, len(rows))
	for i := len(rows) - 1; i >= 0; i-- {
		first[fmt.Sprint(rows[i][at])] = i
	}
	return t.insert(ctx, table, columns, rows, tail+" RETURNING "+unique, first)
}

func (t *Tx) insert(ctx context.Context, table string, columns []string, rows [][]any, tail string, byKey map[any]int) ([]bool, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	head := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") "
	wrote := make([]bool, len(rows))
	if t.sql != nil {
		return wrote, t.insertRows(ctx, head, len(columns), rows, tail, wrote)
	}
	from, args, err := Unnest(rows, 1)
	if err != nil {
		return nil, fmt.Errorf("db: insert into %s: %w", table, err)
	}
	text := head + "SELECT * FROM " + from + tail
	if byKey == nil {
		_, err := t.Exec(ctx, text, args...)
		return nil, err
	}
	res, err := t.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	for res.Next() {
		var key string
		if err := res.Scan(&key); err != nil {
			return nil, err
		}
		wrote[byKey[key]] = true
	}
	return wrote, res.Err()
}

// rowsAtOnce are the numbers of rows one statement takes on SQLite: within a
// statement its cursors stay where the last row went, so that rows in the order
// of their keys cost little more than copying. Few sizes make few texts.
var rowsAtOnce = []int{64, 16, 4, 1}

// insertRows is insert on SQLite. With a tail a row may be left out, which is
// known of single rows only.
//
// Several rows go in with OR FAIL: rows before a bad one stay, so SQLite need
// not copy each page it touches to be able to take the statement back. Nothing
// of it is ever committed: the transaction has failed (Tx.failed).
func (t *Tx) insertRows(ctx context.Context, head string, columns int, rows [][]any, tail string, wrote []bool) error {
	orFail := strings.Replace(head, "INSERT", "INSERT OR FAIL", 1)
	for done := 0; done < len(rows); {
		n := 1
		if tail == "" {
			n = rowsAtOnce[slices.IndexFunc(rowsAtOnce, func(n int) bool { return n <= len(rows)-done })]
		}
		args := make([]any, 0, n*columns)
		for _, r := range rows[done : done+n] {
			args = append(args, r...)
		}
		text := head
		if n > 1 {
			text = orFail
		}
		hit, err := t.Exec(ctx, text+values(n, columns)+tail, args...)
		if err != nil {
			t.failed = err
			return err
		}
		for i := range n {
			wrote[done+i] = hit == int64(n)
		}
		done += n
	}
	return nil
}

var valuesTexts sync.Map // of [2]int: the texts are long and always the same

// values is "VALUES (?,?),(?,?),…". Parameters without names: SQLite looks
// every name up from the first one on, which makes long lists quadratic.
func values(rows, columns int) string {
	if text, ok := valuesTexts.Load([2]int{rows, columns}); ok {
		return text.(string)
	}
	var b strings.Builder
	b.WriteString("VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(?" + strings.Repeat(",?", columns-1) + ")")
	}
	valuesTexts.Store([2]int{rows, columns}, b.String())
	return b.String()
}

// Unnest turns rows into PostgreSQL's "unnest($from::text[], …)" and its
// arguments, one array a column.
func Unnest(rows [][]any, from int) (text string, args []any, err error) {
	var b strings.Builder
	b.WriteString("unnest(")
	for c := range rows[0] {
		col, typ, err := column(rows, c)
		if err != nil {
			return "", nil, err
		}
		if c > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d::%s", from+c, typ)
		args = append(args, col)
	}
	b.WriteByte(')')
	return b.String(), args, nil
}

func column(rows [][]any, c int) (col any, typ string, err error) {
	switch kind := reflect.ValueOf(rows[0][c]).Kind(); kind {
	case reflect.String:
		out := make([]string, len(rows))
		for i, r := range rows {
			out[i] = reflect.ValueOf(r[c]).String()
		}
		return out, "text[]", nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		out := make([]int64, len(rows))
		for i, r := range rows {
			out[i] = reflect.ValueOf(r[c]).Int()
		}
		return out, "bigint[]", nil
	case reflect.Bool:
		out := make([]bool, len(rows))
		for i, r := range rows {
			out[i] = reflect.ValueOf(r[c]).Bool()
		}
		return out, "boolean[]", nil
	default:
		return nil, "", fmt.Errorf("column %d has a value of kind %s", c, kind)
	}
}
