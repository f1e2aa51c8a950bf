package open_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/open"
	"lindu.example/lindu/internal/web/webtest"
)

// TestEveryFigureShowsItsQuery: the page of a figure has the very statement
// that made it, and running it gives the sum.
func TestEveryFigureShowsItsQuery(t *testing.T) {
	w := webtest.New(t, open.Routes)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, w.Producer("Wang"), 100)
	buyer := w.Person("Li Lei")
	w.Pay(buyer, w.Order(buyer, berries, 3))
	for _, f := range promise.Figures {
		p := w.Visitor().Get("/promises/figures/" + f.Name).Is(200)
		shown := p.Must(".snippet code").Text()
		if strings.Join(strings.Fields(shown), " ") != strings.Join(strings.Fields(f.SQL()), " ") {
			t.Errorf("%s shows another query: %s", f.Name, shown)
		}
		var fen money.Fen
		if err := w.DB.QueryRow(t.Context(), shown, int64(promise.FirstDay), int64(promise.LastDay)).Scan(&fen); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		want, err := f.Read(t.Context(), w.DB, promise.FirstDay, promise.LastDay)
		if err != nil || want != f.Grows*fen {
			t.Errorf("%s: the query gives %d, the figure is %d (%v)", f.Name, fen, want, err)
		}
	}
	w.Visitor().Get("/promises/figures/none").Is(404)
	// Another month has nothing of it.
	w.Visitor().Get("/promises/figures/local_owed?period=2020-01").Is(200).Has("¥0")
	w.Visitor().Get("/promises?period=2026").Is(200).Has("¥90")
	w.Visitor().Get("/promises?period=garbage").Is(200).Has("¥90")
}

func TestEveryVersionStaysPublic(t *testing.T) {
	w := webtest.New(t, open.Routes)
	all, err := promise.Versions(t.Context(), w.DB, false)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	w.Reword("P1", "一分钱不收，一个子儿不扣。", "Not a penny, ever.")
	if all, err = promise.Versions(t.Context(), w.DB, false); err != nil || len(all) != 6 {
		t.Fatal(len(all), err)
	}
	for _, v := range all {
		p := w.Visitor().Get(fmt.Sprintf("/promises/%s/%d", v.No, v.Version)).Is(200)
		p.Has(v.Words["zh-CN"], v.Words["en"], i18n.For(i18n.Chinese).T("desk.promise_scope_"+string(v.Scope)))
		if v.Founding() {
			p.Has("中心开张时定下的")
		} else {
			p.Has("30 天", "Drafter", "Signer").Must(`a[href="/promises/P1/1"]`)
		}
	}
	w.Visitor().Get("/promises/P1/1").Has("一分钱佣金都不收").Must(`a[href="/promises/P1/2"]`)
	w.Visitor().Get("/promises").Is(200).Has("一分钱不收，一个子儿不扣。")
	w.Visitor().Get("/promises/P1/99").Is(404)
	w.Visitor().Get("/promises/P1/x").Is(404)
	w.Visitor().Get("/promises/P99/1").Is(404)
}

// TestWithdrawnAndAnnouncedVersionsStayPublic: the founding words, a version that was withdrawn,
// one that binds and one that is only announced each keep a page with their own
// words and script; a draft has none.
func TestWithdrawnAndAnnouncedVersionsStayPublic(t *testing.T) {
	w := webtest.New(t, open.Routes)
	one, two := w.Person("Zheng", actor.Finance).Actor(), w.Person("Boss", actor.Admin).Actor()
	next := func(no, words string) (v promise.Version) {
		t.Helper()
		w.Update(func(tx *db.Tx) error {
			old, err := promise.VersionOf(t.Context(), tx, no, 1)
			if err != nil {
				return err
			}
			v, err = promise.WriteDraft(t.Context(), tx, one, promise.NewVersion{No: no, WordsZH: "新话" + words, WordsEN: "New words " + words, Script: old.Script, NoticeDays: 10, CommentDays: 5})
			return err
		})
		return v
	}
	sign := func(v promise.Version) {
		t.Helper()
		w.Update(func(tx *db.Tx) error { _, err := promise.Sign(t.Context(), tx, two, v.No, v.Version); return err })
	}
	gone := next("P1", "withdrawn")
	sign(gone)
	w.Update(func(tx *db.Tx) error { return promise.Withdraw(t.Context(), tx, one, gone.No, gone.Version) })
	sign(next("P1", "binding"))
	w.Clock.Add(12 * 24 * time.Hour)
	sign(next("P1", "announced"))
	draft := next("P2", "draft")

	all, err := promise.Versions(t.Context(), w.DB, false)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, v := range all {
		seen[v.No]++
		p := w.Visitor().Get(fmt.Sprintf("/promises/%s/%d", v.No, v.Version)).Is(200).Has(v.Words["zh-CN"], v.Words["en"])
		if v.Script != "" && !strings.Contains(strings.Join(strings.Fields(p.Text()), ""), strings.Join(strings.Fields(v.Script), "")) {
			t.Errorf("%s version %d does not show its script", v.No, v.Version)
		}
		if got := p.Must("h1").Text(); got != v.Words["zh-CN"] {
			t.Errorf("%s version %d says %q", v.No, v.Version, got)
		}
	}
	if seen["P1"] != 4 || len(seen) != 5 {
		t.Errorf("versions: %v", seen)
	}
	w.Visitor().Get(fmt.Sprintf("/promises/%s/%d", draft.No, draft.Version)).Is(404).HasNot("新话draft")
}

// TestFeeds: well-formed, and a reader that has the same is told so.
func TestFeeds(t *testing.T) {
	w := webtest.New(t, open.Routes)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, w.Producer("Wang"), 100)
	buyer := w.Person("Li Lei")
	w.Pay(buyer, w.Order(buyer, berries, 3))

	p := w.Visitor().Get("/promises/feed.atom").Is(200)
	var a struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Title   string   `xml:"title"`
		ID      string   `xml:"id"`
		Updated string   `xml:"updated"`
		Author  string   `xml:"author>name"`
		Entries []struct {
			Title   string `xml:"title"`
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(p.Body), &a); err != nil {
		t.Fatal(err)
	}
	// RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must have.
	if a.Title == "" || a.ID == "" || a.Author == "" || len(a.Entries) == 0 {
		t.Errorf("%+v", a)
	}
	if _, err := time.Parse(time.RFC3339, a.Updated); err != nil {
		t.Error(err)
	}
	seen := map[string]bool{}
	for _, e := range a.Entries {
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Title == "" || e.ID == "" || seen[e.ID] {
			t.Errorf("%+v (%v)", e, err)
		}
		seen[e.ID] = true
	}

	p = w.Visitor().Get("/promises/feed.json").Is(200)
	var f struct {
		Version string `json:"version"`
		Title   string `json:"title"`
		Items   []struct {
			ID   string `json:"id"`
			Text string `json:"content_text"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(p.Body), &f); err != nil || f.Version != "https://jsonfeed.org/version/1.1" || f.Title == "" || len(f.Items) != len(a.Entries) {
		t.Errorf("%+v (%v)", f, err)
	}
	if tag := p.Header.Get("ETag"); tag == "" {
		t.Error("no ETag")
	}
}

// TestCard: the only page that other sites may frame, and it takes nothing of
// its reader.
func TestCard(t *testing.T) {
	w := webtest.New(t, open.Routes)
	p := w.Visitor().Get("/promises/card").Is(http.StatusOK)
	if csp := p.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors *") || strings.Contains(csp, "script") {
		t.Error(csp)
	}
	if p.Header.Get("Set-Cookie") != "" || p.Header.Get("X-Frame-Options") != "" {
		t.Error(p.Header)
	}
	if vary := p.Header.Get("Vary"); !strings.Contains(vary, "Cookie") || !strings.Contains(vary, "Accept-Language") {
		t.Errorf("kept for readers of another language (Vary %q)", vary)
	}
	if csp := w.Visitor().Get("/promises").Header.Get("Content-Security-Policy"); strings.Contains(csp, "frame-ancestors *") {
		t.Error("the page itself may be framed")
	}
}
