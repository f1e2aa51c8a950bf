package db

import (
	"context"
	"fmt"
	"math/bits"
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

// Insert writes rows of a table. SQLite runs prepared statements of up to 64
// rows; PostgreSQL gets all rows as arrays in one statement and one round trip
// (docs/performance.md). Values must be strings, booleans or whole numbers, of
// one sort in a column; on a hot path plain ones, because the driver converts
// what is of a type of its own by reflection.
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
var rowsAtOnce = []int{64, 32, 16, 8, 4, 2, 1}

// insertRows is insert on SQLite. With a tail a row may be left out, which is
// known of single rows only.
//
// They go in with OR FAIL: rows before a bad one stay, so SQLite need
// not copy each page it touches to be able to take the statement back. Nothing
// of it is ever committed: the transaction has failed (Tx.failed).
func (t *Tx) insertRows(ctx context.Context, head string, columns int, rows [][]any, tail string, wrote []bool) error {
	orFail := strings.Replace(head, "INSERT", "INSERT OR FAIL", 1)
	for done := 0; done < len(rows); {
		n := 1
		if tail == "" {
			n = rowsAtOnce[slices.IndexFunc(rowsAtOnce, func(n int) bool { return n <= len(rows)-done })]
		}
		part, text := rows[done:done+n], head
		var once uint64
		if tail == "" {
			text = orFail
		}
		if n > 1 {
			once = shapes.of(head, part)
		}
		hit, err := t.Exec(ctx, text+values(n, columns, once)+tail, flat(part, once)...)
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

// flat are the arguments of values: the first row, and of the others what is
// not bound once.
func flat(rows [][]any, once uint64) []any {
	args := append(make([]any, 0, len(rows)*len(rows[0])), rows[0]...)
	for _, r := range rows[1:] {
		for c, v := range r {
			if once>>c&1 == 0 {
				args = append(args, v)
			}
		}
	}
	return args
}

// shape is one way to bind the rows of a statement: a bit for each column whose
// value is the same in all of them and is bound once. In a crowd's orders half
// of the values are.
type shape struct {
	head string
	rows int
}

// maxShapes bounds the texts of a shape, each of which is a prepared statement.
const maxShapes = 3

// knownShapes remembers which columns were found alike, so that a few texts
// serve all groups of rows.
type knownShapes struct {
	mu sync.Mutex
	m  map[shape][]uint64
}

var shapes = knownShapes{m: map[shape][]uint64{}}

// of gives the columns of rows to bind once: those of a text that is known, or
// of a new one.
func (k *knownShapes) of(head string, rows [][]any) uint64 {
	same := alike(rows)
	at := shape{head, len(rows)}
	k.mu.Lock()
	defer k.mu.Unlock()
	best, found := uint64(0), false
	for _, m := range k.m[at] {
		if m&^same == 0 && (!found || bits.OnesCount64(m) > bits.OnesCount64(best)) {
			best, found = m, true
		}
	}
	if best != same && len(k.m[at]) < maxShapes {
		k.m[at] = append(k.m[at], same)
		return same
	}
	return best
}

// alike has a bit for each column (of the first 64) whose value is the same in
// all rows.
func alike(rows [][]any) uint64 {
	var same uint64
	for c := range min(len(rows[0]), 64) {
		if !slices.ContainsFunc(rows[1:], func(r []any) bool { return r[c] != rows[0][c] }) {
			same |= 1 << c
		}
	}
	return same
}

type valuesText struct {
	rows, columns int
	once          uint64
}

var valuesTexts sync.Map // of valuesText: the texts are long and always the same

// values is "VALUES (?,?),(?,?),…", with ?n for a column n that is bound once.
// The others have no names: SQLite looks every name up from the first one on,
// which makes long lists quadratic.
func values(rows, columns int, once uint64) string {
	key := valuesText{rows, columns, once}
	if text, ok := valuesTexts.Load(key); ok {
		return text.(string)
	}
	var b strings.Builder
	b.WriteString("VALUES (?" + strings.Repeat(",?", columns-1) + ")")
	for range rows - 1 {
		sep := ",("
		for c := range columns {
			b.WriteString(sep + "?")
			if once>>c&1 == 1 {
				b.WriteString(strconv.Itoa(c + 1))
			}
			sep = ","
		}
		b.WriteByte(')')
	}
	valuesTexts.Store(key, b.String())
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
