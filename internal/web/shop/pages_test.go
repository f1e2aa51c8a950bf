package shop_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/shop"
	"lindu.example/lindu/internal/web/static"
	"lindu.example/lindu/internal/web/webtest"
)

func assets() map[string]fs.FS { return map[string]fs.FS{"": static.Files, "shop": shop.Files} }

func TestHomeOfAnEmptyCentre(t *testing.T) {
	w := webtest.New(t, shop.Routes)
	p := w.Visitor().Get("/").Is(200)
	if len(p.All(".empty")) != 2 {
		t.Errorf("%d empty states, want 2: nobody live, no goods", len(p.All(".empty")))
	}
	if len(p.All(".promise")) != 3 {
		t.Error("the three promises are not there")
	}
}

func TestHomeShowsWhoIsLiveAndWhatWasPromised(t *testing.T) {
	h := open(t, show.Live)
	buyer := h.Person("Li Lei")
	h.Pay(buyer, h.Order(buyer, h.Berries, 2))
	for _, c := range []*webtest.Client{h.Visitor(), h.Visitor().In(i18n.English)} {
		p := c.Get("/").Is(200)
		p.Must(".live-card a[href=" + h.room("") + "]")
		p.Must(".live-card").Has("Berries of this morning", "Xiao Zhou", "Blueberries")
		p.Must(".goods-card").Has("Blueberries", "30")
		first := p.All(".promise")[0]
		first.Has("¥60", "¥0") // paid for local goods, commission taken
	}
	soon := open(t, show.Announced)
	soon.Visitor().Get("/").Must(".show-card a[href=" + soon.page("") + "]")
}

func TestGoodsByCategory(t *testing.T) {
	h := open(t, show.Ended)
	h.Update(func(tx *db.Tx) error {
		_, err := catalog.SaveProduct(context.Background(), tx, webtest.System, catalog.Product{Name: "Linden honey", Category: "honey", SellUnit: "jar", BaseUnit: "piece", BasePerUnit: 1,
			NetG: 500, GrossG: 800, Price: 4600, ReturnRule: "seven_day", Settlement: "resale", State: "on"})
		return err
	})
	v := h.Visitor()
	if n := len(v.Get("/goods").All(".goods-card")); n != 2 {
		t.Errorf("%d goods, want 2", n)
	}
	v.Get("/goods?cat=honey").Must(".goods-card").Has("Linden honey")
	if n := len(v.Get("/goods?cat=fruit").All(".goods-card")); n != 1 {
		t.Errorf("%d fruits", n)
	}
	v.Get("/goods?cat=nonsense").Is(200).Must(".empty")
}

func TestProductTellsWhoseItIs(t *testing.T) {
	h := open(t, show.Live)
	p := h.Visitor().Get("/goods/" + string(h.Berries.ID)).Is(200)
	p.Must("h1").Has("Blueberries")
	p.Must(".price").Has("¥30")
	p.Must(".per").Has("¥30")
	p.Must("a[href=/lots/" + string(h.Lot.ID) + "]").Has("Wang Guifen")
	p.Must(".return-rule").Has(i18n.For(i18n.Chinese).T("catalog.return_fresh"))
	p.Must("a[href=" + h.room("") + "]") // it is in a show right now
	h.Update(func(tx *db.Tx) error {
		_, err := catalog.SaveProduct(context.Background(), tx, webtest.System, catalog.Product{Name: "Secret", Category: "fruit", SellUnit: "box", BaseUnit: "g", BasePerUnit: 500,
			NetG: 500, GrossG: 700, Price: 100, ReturnRule: "fresh", Settlement: "resale", State: "draft"})
		return err
	})
	all := onDB(h, func(q db.Querier) ([]catalog.Product, error) {
		return catalog.AllProducts(context.Background(), q, "draft")
	})
	h.Visitor().Get("/goods/" + string(all[0].ID)).Is(http.StatusNotFound)
}

func TestLotCanBeTraced(t *testing.T) {
	h := open(t, show.Ended)
	p := h.Visitor().Get("/lots/" + string(h.Lot.ID)).Is(200)
	p.Has(h.Lot.No, "Wang Guifen", "Hongqi", "5 kg")
	p.Must(".steps li.done")
	p.Must("progress[max=5000]")
	p.Must("a[href=/producers/" + string(h.Lot.Producer) + "]")
	h.Visitor().Get("/producers/" + string(h.Lot.Producer)).Is(200).Must("a[href=/lots/" + string(h.Lot.ID) + "]")

	var raw lot.Lot
	h.Update(func(tx *db.Tx) (err error) {
		raw, err = lot.Create(context.Background(), tx, webtest.System, lot.New{Product: h.Berries.ID, Producer: h.Lot.Producer, Grade: "1", Harvest: h.Lot.Harvest, Origin: "Hongqi", Qty: 500})
		return err
	})
	h.Visitor().Get("/lots/" + string(raw.ID)).Is(http.StatusNotFound)
	h.Person("Sel", actor.Selector).Get("/lots/" + string(raw.ID)).Is(200)
}

func TestNotice(t *testing.T) {
	h := open(t, show.Announced)
	v := h.Visitor().Get(h.page("")).Is(200)
	v.Must("time[data-countdown]")
	v.Must(".running-item").Has("Blueberries")
	v.Must("a[href=/signin?next=" + h.page("") + "]")
	c := h.Person("Li Lei")
	c.Get(h.page("")).Form("form[action=" + h.page("/remind") + "]").Send().GoesTo(h.page(""))
	c.Get(h.page("")).Must("input[name=on][value=0]")

	qr := h.Visitor().Get(h.page("/qr.png")).Is(200)
	if img, err := png.Decode(strings.NewReader(qr.Body)); err != nil || img.Bounds().Dx() != 600 {
		t.Errorf("the QR code is no picture of 600 px: %v", err)
	}
	ics := h.Visitor().Get(h.page("/show.ics")).Is(200)
	for line := range strings.SplitSeq(strings.TrimSuffix(ics.Body, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("calendar line of %d octets: %q", len(line), line)
		}
	}
	want := h.Clock.Now().UTC().Add(2 * 3600e9).Format("20060102T150405Z")
	if !strings.Contains(ics.Body, "DTSTART:"+want+"\r\n") {
		t.Errorf("the calendar does not start at %s:\n%s", want, ics.Body)
	}
}

func TestPictures(t *testing.T) {
	h := open(t, show.Ended)
	img := image.NewRGBA(image.Rect(0, 0, 700, 700))
	for i := range 700 {
		img.Set(i, i, color.RGBA{uint8(i), 90, 200, 255})
	}
	var b bytes.Buffer
	h.must(jpeg.Encode(&b, img, nil))
	prep, err := catalog.PrepareImage(&b)
	h.must(err)
	pic, err := catalog.AddPicture(context.Background(), h.DB, h.Flow.Store, webtest.System, "product", string(h.Berries.ID), "berries", prep)
	h.must(err)
	v := h.Visitor()
	src := v.Get("/goods/" + string(h.Berries.ID)).Must(".gallery img").Attr("src")
	p := v.Get(src).Is(200)
	if p.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(p.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("headers = %v", p.Header)
	}
	if _, err := jpeg.DecodeConfig(strings.NewReader(p.Body)); err != nil {
		t.Error(err)
	}
	r := v.Request("GET", src, nil)
	r.Header.Set("If-None-Match", p.Header.Get("ETag"))
	v.Do(r).Is(http.StatusNotModified)
	for _, bad := range []string{"/641.jpg", "/abc.jpg", "/640.png", "/-1.jpg", "/99999999999.jpg", "/..%2f..%2fx.jpg"} {
		v.Get("/media/p/" + string(pic.ID) + bad).Is(http.StatusNotFound)
	}
}

func TestLookShowsEveryPart(t *testing.T) {
	w := webtest.New(t, shop.Routes)
	for _, l := range i18n.Langs {
		w.Visitor().In(l).Get("/look").Is(200)
	}
}

// maxRoom bounds what a phone loads before the picture: 60 KB compressed, the
// icons with it, the player (hls.js) apart.
const maxRoom = 60 << 10

// TestRoomIsLight weighs the room's page as a browser loads it: the page, its
// styles and scripts, what these import, and the icon sprite.
func TestRoomIsLight(t *testing.T) {
	h := open(t, show.Live)
	p := h.Visitor().Get(h.room(""))
	total := weigh(t, "page", []byte(p.Body))
	for _, name := range roomFiles(t, p) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", page.Static(name), nil)
		r.SetPathValue("name", name)
		r.Header.Set("Accept-Encoding", "gzip")
		page.ServeStatic(w, r)
		if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %d, %v", name, w.Code, w.Header())
		}
		t.Logf("%6d %s", w.Body.Len(), name)
		total += w.Body.Len()
	}
	t.Logf("together %d bytes", total)
	if total > maxRoom {
		t.Errorf("the room weighs %d bytes compressed, want at most %d", total, maxRoom)
	}
}

var imported = regexp.MustCompile(`(?:from|import\()\s*"(\.{1,2}/[^"]+)"|await import\("([^"]+)"\)`)

// later is what comes after the first picture or with the first tap: hls.js and
// WebRTC play, the half-sheet and the sign-in are opened, a report is sent, htmx is loaded only by
// pages that use it.
var later = regexp.MustCompile(`hls\.light|htmx|js/rtc\.js|shop/buy\.js|shop/signin\.js|shop/report\.js`)

// roomFiles follows the page's links and the scripts' imports.
func roomFiles(t *testing.T, p *webtest.Page) []string {
	t.Helper()
	seen := map[string]bool{"img/icons.svg": true}
	var todo []string
	prefix := page.Static("")
	for _, e := range append(p.All("link[rel=stylesheet]"), p.All("script[src]")...) {
		todo = append(todo, strings.TrimPrefix(e.Attr("href")+e.Attr("src"), prefix))
	}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] || later.MatchString(name) {
			continue
		}
		seen[name] = true
		b, err := readAsset(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".js") && !strings.HasPrefix(name, "vendor/") {
			for _, m := range imported.FindAllStringSubmatch(string(b), -1) {
				todo = append(todo, clean(name, m[1]+m[2]))
			}
		}
	}
	var out []string
	for n := range seen {
		out = append(out, n)
	}
	if len(out) < 10 {
		t.Fatalf("only %d files found: %v", len(out), out)
	}
	return out
}

func clean(from, rel string) string {
	dir := from[:strings.LastIndex(from, "/")]
	if up, ok := strings.CutPrefix(rel, "../"); ok {
		return up
	}
	return dir + "/" + strings.TrimPrefix(rel, "./")
}

func readAsset(name string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(name, "shop/"); ok {
		return fs.ReadFile(shop.Files, rest)
	}
	return fs.ReadFile(static.Files, name)
}

func weigh(t *testing.T, name string, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%6d %s", out.Len(), name)
	return out.Len()
}
