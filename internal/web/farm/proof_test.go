package farm_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/farm"
	"lindu.example/lindu/internal/web/proof"
	"lindu.example/lindu/internal/web/webtest"
)

// The paper's code and both pages of a statement lead to its proof, which says
// so while the entry is on its way to the log.
func TestAStatementLeadsToItsProof(t *testing.T) {
	w := webtest.New(t, farm.Routes, desk.Routes, proof.Routes)
	wang := w.Producer("Wang")
	c := farmer(w, "Wang", wang)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, wang, 10)
	buyer := w.Person("Li Lei")
	o := w.Order(buyer, berries, 3)
	w.Pay(buyer, o)
	w.Ship(o)
	for range 3 {
		w.Clock.Add(16 * 24 * time.Hour)
		if _, err := w.Flow.AdvanceOrders(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.Flow.IssueStatements(t.Context(), webtest.System, statement.HalfMonth); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	c, finance := w.As(c.User.ID), w.Person("Zheng", actor.Finance)
	own := c.Get("/farm/statements").Must(".statements a").Attr("href")
	pages := map[*webtest.Client]string{c: own, finance: strings.Replace(own, "/farm/", "/desk/", 1)}
	x, err := statement.ByID(t.Context(), w.DB, id.Statement(own[strings.LastIndexByte(own, '/')+1:]))
	if err != nil {
		t.Fatal(err)
	}
	code := func() (string, bool) {
		t.Helper()
		href, is, err := w.Site.StatementLink(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		return href, is
	}
	for who, path := range pages { // a centre without a log
		who.Get(path).Is(200).HasNot("到公开记录里核对", "正在写进公开记录")
	}
	if href, is := code(); is || href != w.URL()+own {
		t.Errorf("without a log the code leads to %s", href)
	}

	publish := w.PublicLog()
	href, is := code()
	paper := strings.TrimPrefix(href, w.URL())
	if !is || !strings.HasPrefix(paper, "/proof/") {
		t.Fatalf("the code leads to %s", href)
	}
	for who, path := range pages {
		p := who.Get(path).Is(200).Has("到公开记录里核对", "正在写进公开记录")
		p.Must(`a[href="` + paper + `"]`)
	}
	anyone := w.Visitor()
	anyone.Get(paper).Is(200).Has("正在写进去").HasNot(x.No)
	anyone.Get(paper[:len(paper)-1] + "g").Is(http.StatusNotFound)

	publish()
	for who, path := range pages {
		who.Get(path).Is(200).Has("到公开记录里核对").HasNot("正在写进公开记录")
	}
	anyone.Get(paper).Is(200).Has("结算单", x.No).HasNot("正在写进去", "Wang", "Li Lei")
	if pdf := c.Get(own + "/pdf").Is(200); !strings.HasPrefix(pdf.Body, "%PDF-") {
		t.Errorf("%.20q", pdf.Body)
	}
}
