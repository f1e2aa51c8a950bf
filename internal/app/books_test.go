package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
)

// TestTheServerChecksItsBooks: both checks run by themselves, and the figures
// are in the metrics, a finding too.
func TestTheServerChecksItsBooks(t *testing.T) {
	onEach(t, func(t *testing.T, a *app.App) {
		metrics := func() string {
			res, err := http.Get(a.BaseURL() + "/metrics")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		waitUntil(t, "both checks", func() bool {
			s, err := fsck.Stand(t.Context(), a.DB)
			return err == nil && !s.FullAt.IsZero() && !s.RecentAt.IsZero()
		})
		for _, want := range []string{"lindu_fsck_findings 0\n", `lindu_fsck_last_seconds{run="full"}`, `lindu_fsck_last_seconds{run="recent"}`, `lindu_fsck_rows{run="full"}`} {
			if m := metrics(); !strings.Contains(m, want) {
				t.Errorf("no %q in\n%s", want, m)
			}
		}
		err := a.DB.Update(t.Context(), func(tx *db.Tx) error {
			return fsck.Save(t.Context(), tx, fsck.Report{Checks: []fsck.Check{{Name: "fsck.channels", Findings: []string{"x", "y"}}}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if m := metrics(); !strings.Contains(m, "lindu_fsck_findings 2\n") {
			t.Errorf("two findings do not show in\n%s", m)
		}
	})
}

func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}
