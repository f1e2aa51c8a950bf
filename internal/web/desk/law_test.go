package desk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/webtest"
)

// TestAShowIsSignedForOnTheDesk: refused, signed, changed, signed again.
func TestAShowIsSignedForOnTheDesk(t *testing.T) {
	w := webtest.New(t, desk.Routes)
	ctx := context.Background()
	op, over, mod := w.Person("Op", actor.Operator).In(i18n.English), w.Person("Over", actor.Overseer), w.Person("Mod", actor.Moderator)
	host := w.Person("Host", actor.Host)
	p := w.Product("Rice", 3380)
	w.Lot(p, w.Producer("Li"), 30)
	sid, err := w.Flow.SaveShow(ctx, webtest.System, show.Show{Title: "New rice", Host: host.User.ID, Orientation: show.Portrait, Starts: webtest.Start})
	if err != nil {
		t.Fatal(err)
	}
	path := "/desk/shows/" + string(sid)
	op.Post(path+"/items", webtest.Values("product", string(p.ID), "price", "33.80")).Is(http.StatusSeeOther)
	op.Post(path+"/move", webtest.Values("to", "announced"))
	op.PostJSON(path+"/move", webtest.Values("to", "live")).Is(http.StatusConflict)

	// "Start" is not lit, and the desk says why.
	unready := func() string {
		var p struct{ Unready string }
		op.GetJSON(path + "/pulse").Is(http.StatusOK).JSON(&p)
		return p.Unready
	}
	op.Get(path + "/plan").Must(`button[disabled][aria-describedby=unready]`)
	if unready() == "" {
		t.Error("an unsigned show: nobody is told")
	}

	check := op.Get(path + "/check").Is(http.StatusOK)
	digest := check.Must(`input[name=digest]`).Attr("value")
	// One tick of four is no signature, and what was ticked stands again.
	op.Post(path+"/sign", url.Values{"digest": {digest}, "tick": flow.HandPoints[:1]}).Is(http.StatusConflict).Must(`input[value=papers][checked]`)
	mod.Post(path+"/sign", url.Values{"digest": {digest}, "tick": flow.HandPoints}).Is(http.StatusForbidden)
	over.Post(path+"/sign", url.Values{"digest": {digest}, "tick": flow.HandPoints}).Is(http.StatusForbidden)
	op.Post(path+"/sign", url.Values{"digest": {digest}, "tick": flow.HandPoints}).GoesTo(path + "/check")
	op.Get(path+"/check").Has("Signed by Op", "Lindu Test County Centre", "91230000TEST")
	op.Get(path + "/plan").Must(`input[name=to][value=live]`)
	if got := unready(); got != "" {
		t.Errorf("signed, and the desk says %q", got)
	}

	// Another title is another show.
	op.Post(path, webtest.Values("title", "Fresh rice", "summary", "", "host", string(host.User.ID), "orientation", "portrait", "starts", webtest.Start.Add(time.Hour).In(clock.Shanghai).Format("2006-01-02T15:04"))).GoesTo(path + "/plan")
	op.PostJSON(path+"/move", webtest.Values("to", "live")).Is(http.StatusConflict)
	digest = op.Get(path + "/check").Must(`input[name=digest]`).Attr("value")
	op.Post(path+"/sign", url.Values{"digest": {digest}, "tick": flow.HandPoints})
	op.PostJSON(path+"/move", webtest.Values("to", "live")).Is(http.StatusOK)

	// What is changed while it runs is told at once.
	if got := unready(); got != "" {
		t.Errorf("signed, and the desk says %q", got)
	}
	more := w.Product("Red beans", 1200)
	op.Post(path+"/items", webtest.Values("product", string(more.ID), "price", "12.00")).Is(http.StatusSeeOther)
	if unready() == "" {
		t.Error("goods nobody signed for are in a running show, and nobody is told")
	}

	// While it runs: a correction, a label that stays, the switch.
	mod.Post(path+"/correct", webtest.Values("wrong", "5 kg", "right", "4 kg")).GoesTo(path + "/check")
	op.Post(path+"/ai", webtest.Values("ai", "voice")).GoesTo(path + "/check")
	op.Post(path+"/ai", nil).Is(http.StatusConflict)
	mod.Post(path+"/cut", webtest.Values("why", " ")).Is(http.StatusUnprocessableEntity)
	host.Post(path+"/cut", webtest.Values("why", "x")).Is(http.StatusForbidden)
	// An administrator finds the switch on the overview and on its own page.
	admin := w.Person("Admin", actor.Admin).In(i18n.English)
	list := admin.Get(admin.Get("/desk").Is(http.StatusOK).Must(`a.danger[href^="/desk/onair"]`).Attr("href")).Is(http.StatusOK).Has("Fresh rice", "Host")
	back := list.Must(`form[action="` + path + `/cut"] input[name=back]`).Attr("value")
	admin.Post(path+"/cut", webtest.Values("why", " ", "back", back)).Is(http.StatusUnprocessableEntity).Must(`details[open] [data-error]`)
	admin.Post(path+"/cut", webtest.Values("why", "a picture that must not be", "back", back)).GoesTo("/desk/onair")
	admin.Get("/desk/onair").HasNot("Fresh rice").Has("Nothing is on air")
	over.Get("/desk/onair").Is(http.StatusForbidden)

	// All of it is in the record, and in the bundle.
	over.In(i18n.English).Get(path+"/record").Is(http.StatusOK).Has("Fresh rice", "4 kg", "a picture that must not be", "Signed by Op", "Li")
	mod.Get(path + "/record").Is(http.StatusForbidden)
	files := unzip(t, over.Get(path+"/record.zip").Is(http.StatusOK).Body)
	var rec flow.Record
	if err := json.Unmarshal(files["show.json"], &rec); err != nil {
		t.Fatal(err)
	}
	if len(rec.Signoffs) != 2 || len(rec.Corrections) != 1 || rec.Show.CutWhy == "" || len(rec.Labels) != 1 || len(rec.Producers) != 1 {
		t.Errorf("%+v", rec)
	}
	if !strings.Contains(string(files["SHA256SUMS"]), "show.json") || files["chat.json"] == nil {
		t.Errorf("bundle: %v", len(files))
	}
}

// TestAnOrdersEvidence: what was shown and said when it was placed.
func TestAnOrdersEvidence(t *testing.T) {
	s := onAir(t)
	buyer := s.Person("Talker")
	if _, err := s.Flow.Say(context.Background(), buyer.Actor(), s.show, "how long do they keep?"); err != nil {
		t.Fatal(err)
	}
	placed, err := s.Flow.PlaceOrder(context.Background(), buyer.Actor(), flow.PlaceIn{Key: "a-key-of-the-page", Address: s.Address(buyer), NoReturnOK: true,
		Lines: []flow.PlaceLine{{Item: s.item, Units: 2, Price: 3990}}})
	if err != nil {
		t.Fatal(err)
	}
	no := placed.No
	finance := s.Person("Fin", actor.Finance)
	files := unzip(t, finance.Get("/desk/evidence/"+no).Is(http.StatusOK).Body)
	var o flow.OrderEvidence
	if err := json.Unmarshal(files["order.json"], &o); err != nil {
		t.Fatal(err)
	}
	if o.No != no || len(o.Lines) != 1 || o.Lines[0].Price != 3990 || len(o.Lines[0].From) != 1 || !strings.Contains(o.Replay, "/replay/"+string(s.show)+"?at=") {
		t.Errorf("%+v", o)
	}
	if !strings.Contains(string(files["chat.json"]), "how long do they keep?") || files["show.json"] == nil {
		t.Errorf("files: %v", len(files))
	}
	for name, b := range files {
		if strings.Contains(string(b), "13800001234") || strings.Contains(string(b), "Talker") && name != "chat.json" {
			t.Errorf("%s names the buyer", name)
		}
	}
	s.moderator.Get("/desk/evidence/" + no).Is(http.StatusForbidden)
	finance.Get("/desk/evidence/none").Is(http.StatusNotFound)
}

func unzip(t *testing.T, body string) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return out
}
