package open_test

import (
	"net/http"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/web/open"
	"lindu.example/lindu/internal/web/webtest"
)

// figures are the amounts of a promise in the order they stand.
func figures(p *webtest.Page, promise string) []string {
	var out []string
	for _, e := range p.All("#" + promise + " .sum") {
		out = append(out, e.Text())
	}
	return out
}

func TestPromisesAreComputedFromTheLedger(t *testing.T) {
	w := webtest.New(t, open.Routes)
	p := w.Visitor().Get("/promises").Is(200)
	if n := len(p.All("section.one h2")); n < 3 {
		t.Fatalf("%d promises", n)
	}
	p.Has("还没有记过账")

	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, w.Producer("Wang"), 100)
	buyer := w.Person("Li Lei")
	o := w.Order(buyer, berries, 3)
	p = w.Visitor().Get("/promises").Has("2026-09-11 19:30:00")
	if got := figures(p, "P1"); got[1] != "¥0" || got[2] != "¥0" {
		t.Errorf("an order that was not paid counts: %v", got)
	}
	w.Pay(buyer, o)
	p = w.Visitor().Get("/promises").Is(200)
	want := []string{"¥0", "¥90", "¥90", "¥0", "¥0"} // commission, to producers, buyers paid, margin, paid out
	got := figures(p, "P1")
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("figures %v, want %v", got, want)
			break
		}
	}
	// Every figure says how it is computed.
	if n, hows := len(p.All(".sum")), len(p.All(".how")); n != hows || n == 0 {
		t.Errorf("%d figures, %d explanations", n, hows)
	}
	w.Visitor().In(i18n.English).Get("/promises").Is(200).Has("¥90", "how it is made")

	var j struct {
		Figures []struct {
			Name       string
			Fen        int64
			Definition string
		}
	}
	w.Visitor().GetJSON("/promises").Is(200).JSON(&j)
	sums := map[string]int64{}
	for _, f := range j.Figures {
		sums[f.Name] = f.Fen
		w.Visitor().Get(f.Definition).Is(200)
	}
	if sums["local_owed"] != 9000 || sums["local_commission"] != 0 || len(sums) < 10 {
		t.Error(j)
	}
}

func TestStatus(t *testing.T) {
	w := webtest.New(t, open.Routes)
	var j struct {
		OK        bool
		Database  bool
		CheckedAt *time.Time `json:"checked_at"`
		Findings  int
		Checks    []struct {
			Name     string
			Findings int
		}
	}
	w.Visitor().GetJSON("/status").Is(200).JSON(&j)
	if j.OK || !j.Database || j.CheckedAt != nil {
		t.Errorf("before the first check: %+v", j)
	}
	w.Visitor().Get("/status").Is(200).Must(".verdict.warn")

	save := func(findings ...string) {
		w.Update(func(tx *db.Tx) error {
			return fsck.Save(t.Context(), tx, fsck.Report{Checks: []fsck.Check{{Name: "stock", Rows: 7}, {Name: "ledger", Rows: 1234, Findings: findings}}})
		})
	}
	save()
	p := w.Visitor().Get("/status").Is(200).Has("1234")
	p.Must(".verdict.ok")
	w.Visitor().GetJSON("/status").Is(200).JSON(&j)
	if !j.OK || len(j.Checks) != 2 || j.CheckedAt == nil {
		t.Errorf("%+v", j)
	}

	save("account producer/local/0123 is 5 off", "another")
	p = w.Visitor().Get("/status").Is(200).HasNot("producer/local/0123")
	p.Must(".verdict.warn")
	p.Must(".checks .badge.bad").Has("2 处对不上")
	w.Visitor().Get("/promises").Is(200).Must(".badge.bad").Has("2")

	save()
	w.Clock.Add(time.Hour)
	w.Visitor().Get("/status").Is(200).Must(".verdict.warn")
}

// The page tells when shows are not kept, and nothing where none are.
func TestStatusOfTheRecorder(t *testing.T) {
	w := webtest.New(t, open.Routes)
	var j struct {
		OK        bool
		Recording string
	}
	is := func(want string, s record.Status, on bool) {
		t.Helper()
		w.Site.Recorder = func() (record.Status, bool) { return s, on }
		if w.Visitor().GetJSON("/status").Is(200).JSON(&j); j.Recording != want {
			t.Errorf("%+v: %q, want %q", s, j.Recording, want)
		}
	}
	w.Update(func(tx *db.Tx) error { return fsck.Save(t.Context(), tx, fsck.Report{}) })
	is("off", record.Status{}, false)
	is("ok", record.Status{Recording: 2, Free: 10, MinFree: 5}, true)
	w.Visitor().Get("/status").Has("直播录像").Must(".verdict.ok")
	is("ok", record.Status{Free: -1, MinFree: 5}, true) // unknown is not full
	is("waiting", record.Status{Free: 10, KeepErr: "no route to the bucket"}, true)
	w.Visitor().Get("/status").HasNot("no route").Must(".verdict.warn")
	is("stopped", record.Status{Stopped: 1, Free: 10, KeepErr: "x"}, true)
	is("stopped", record.Status{Free: 4, MinFree: 5}, true)
	if j.OK {
		t.Error("all is well while nothing can be recorded")
	}
}

func TestStatusWithoutDatabase(t *testing.T) {
	w := webtest.New(t, open.Routes)
	c := w.Visitor()
	w.DB.Close()
	c.Get("/status").Is(http.StatusServiceUnavailable).Must(".verdict.warn")
}
