package audit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/id"
)

// TestListFilters: every filter and their mixtures give what a plain search
// through all rows gives, page by page, newest first.
func TestListFilters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var all []audit.Event
		err := d.Update(ctx, func(tx *db.Tx) error {
			for i := range 60 {
				who := actor.Actor{User: id.User([]string{"li", "wang", "zhao"}[i%3]), Name: "n", Via: "web"}
				action, kind := []string{"order.place", "order.cancel", "lot.receive"}[i%7%3], "order"
				if action == "lot.receive" {
					kind = "lot"
				}
				if err := audit.Write(ctx, tx, who, action, kind, fmt.Sprint("o", i%5), map[string]any{"i": i}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if all, err = audit.List(ctx, d, audit.Filter{Limit: 100}); err != nil || len(all) != 60 {
			t.Fatal(len(all), err)
		}
		if !slices.IsSortedFunc(all, func(a, b audit.Event) int { return strings.Compare(string(b.ID), string(a.ID)) }) {
			t.Error("not the newest first")
		}
		for _, who := range []id.User{"", "li", "nobody"} {
			for _, kind := range []string{"", "order", "lot"} {
				for _, object := range []string{"", "o1"} {
					var want []id.Event
					for _, e := range all {
						if (who == "" || e.Actor == who) && (kind == "" || e.ObjectKind == kind) && (object == "" || e.ObjectID == object) {
							want = append(want, e.ID)
						}
					}
					f := audit.Filter{ObjectKind: kind, ObjectID: object, Actor: who, Limit: 7}
					if got := pages(t, ctx, d, f); !slices.Equal(got, want) {
						t.Errorf("%+v: %d rows, want %d", f, len(got), len(want))
					}
				}
			}
		}
	})
}

func pages(t *testing.T, ctx context.Context, d *db.DB, f audit.Filter) (ids []id.Event) {
	for {
		es, err := audit.List(ctx, d, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range es {
			ids = append(ids, e.ID)
		}
		if len(es) < f.Limit {
			return ids
		}
		f.Before = es[len(es)-1].ID
	}
}
