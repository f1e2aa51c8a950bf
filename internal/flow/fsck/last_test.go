package fsck_test

import (
	"reflect"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow/fsck"
)

func TestLastIsTheNewestReport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, _, ok, err := fsck.Last(ctx, d); ok || err != nil {
			t.Fatal(ok, err)
		}
		var want fsck.Report
		for n := range int64(2) {
			want = fsck.Report{Checks: []fsck.Check{{Name: "a", Rows: n}, {Name: "b", Rows: 2, Findings: []string{"x", "y"}}}}
			if err := d.Update(ctx, func(tx *db.Tx) error { return fsck.Save(ctx, tx, want) }); err != nil {
				t.Fatal(err)
			}
		}
		got, at, ok, err := fsck.Last(ctx, d)
		if err != nil || !ok || !reflect.DeepEqual(got, want) || at.IsZero() || at.After(d.Clock.Now()) {
			t.Errorf("%+v, %v, %v, %v", got, at, ok, err)
		}
	})
}
