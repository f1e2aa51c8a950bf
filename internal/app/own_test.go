package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/statement"
)

// owned is an object somebody owns. ids are by the part of the path before
// {id}: a route on /items/{id} that must be the host's own show names an item.
type owned struct {
	owner id.User
	ids   map[string]string
	rest  map[string]string // other parts of a path: "{case}"
	item  string            // of a show, for bodies
	line  string            // of an order, for bodies
}

// ownWorld makes objects for the matrix.
type ownWorld struct {
	t    *testing.T
	a    *app.App
	shop *shoptest.Shop
	good id.Product
	n    int
}

// makers make a fresh object of each kind; a route of a kind that is missing
// here fails the test.
var makers = map[string]func(w *ownWorld, rt edge.Route) owned{
	"order":     (*ownWorld).order,
	"gift":      (*ownWorld).gift,
	"statement": (*ownWorld).statement,
	"address":   (*ownWorld).address,
	"session":   (*ownWorld).session,
	"lot":       (*ownWorld).lot,
	"producer":  (*ownWorld).producer,
	"show":      (*ownWorld).show,
	"practice":  (*ownWorld).practice,
}

const jsonType = "application/json"

// asks are the bodies with which an owner gets what the route is for. A
// stranger sends the same.
func asks(rt edge.Route, o owned) (kind, body string) {
	form := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v.Encode()
	}
	const formType = "application/x-www-form-urlencoded"
	switch rt.Pattern() {
	case "POST /me/addresses/{id}":
		return formType, form("name", "Han Mei", "phone", "13900005678", "province", shipping.Provinces()[0], "city", "City", "district", "District", "detail", "Road 2")
	case "POST /orders/{id}/after-sale":
		return multipartForm("key", id.New[string](), "kind", "cancel", "reason", "unwanted", "line-"+o.line, "1")
	case "POST /orders/{id}/cases/{case}/parcel":
		return formType, form("parcel", "SF0000000000001")
	case "POST /farm/statements/{id}/ask":
		return formType, form("words", "what is this line?")
	case "POST /gifts/{id}/pay":
		return formType, form("gateway", "sandbox")
	case "POST /orders/{id}/pay":
		return formType, form("gateway", "sandbox")
	case "POST /studio/shows/{id}/pin":
		return formType, form("item", o.item)
	case "POST /studio/shows/{id}/move":
		return formType, form("to", "ended")
	case "POST /desk/recordings/{id}/clips":
		return formType, form("chapter", "0", "before", "0", "after", "5")
	case "POST /desk/recordings/{id}/clips/{clip}/pictures":
		return "image/jpeg", tinyPicture()
	case "POST /studio/shows/{id}/help":
		return formType, form("on", "1")
	case "POST /studio/shows/{id}/answered":
		return formType, form("message", "01a2072c3a8872958898fe2282c167ed")
	case "POST /studio/shows/{id}/sound":
		return formType, form("heard", "1000", "talk", "500", "pause", "100")
	case "POST /studio/shows/{id}/say":
		return formType, form("body", "good evening")
	case "POST /api/v1/orders/{id}/pay":
		return jsonType, `{"gateway":"sandbox"}`
	case "POST /api/v1/shows/{id}/state":
		return jsonType, `{"state":"ended"}`
	case "POST /api/v1/shows/{id}/pin":
		return jsonType, `{"item":"` + o.item + `"}`
	case "PATCH /api/v1/items/{id}":
		return jsonType, `{"price_fen":3500}`
	case "POST /api/v1/items/{id}/release":
		return jsonType, `{"units":5}`
	}
	if rt.Method == http.MethodGet {
		return "", ""
	}
	return formType, ""
}

// TestOwnAndOthersObjects walks every route whose object must be the asker's
// own: its owner gets what the route is for; somebody else with the very same
// roles is told that there is no such thing, and nothing has changed; staff
// that the line names gets through.
func TestOwnAndOthersObjects(t *testing.T) {
	a := openOn(t, "")
	w := &ownWorld{t: t, a: a, shop: shopOf(t, a)}
	w.good = w.shop.Product(3690)
	w.shop.Lot(w.good, w.shop.Farm, 500)
	if err := a.StopSweeps(); err != nil { // they would change records in between
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, rt := range a.Routes() {
		kind := rt.Access.Kind
		if kind == "" {
			continue
		}
		seen[kind] = true
		t.Run(rt.Pattern(), func(t *testing.T) {
			w.t = t
			if makers[kind] == nil {
				t.Fatalf("no maker for objects of the kind %q: add it here", kind)
			}
			o := makers[kind](w, rt)
			w.strangers(rt, o)
			w.owner(rt, o)
			for _, r := range rt.Access.OrRole {
				if r != actor.Producer { // sees its own part only: internal/flow tests it
					w.staff(rt, r)
				}
			}
		})
	}
	for kind := range makers {
		if !seen[kind] {
			t.Errorf("no route has objects of the kind %q any more", kind)
		}
	}
	mustAgree(t, a)
}

// narrow are the roles that let somebody in with an object of their own only.
func narrow(acc edge.Access) []actor.Role {
	return slices.DeleteFunc(slices.Clone(acc.Roles), func(r actor.Role) bool { return slices.Contains(acc.OrRole, r) })
}

// strangers have the roles of the owner, or one that the line does not name.
func (w *ownWorld) strangers(rt edge.Route, o owned) {
	w.t.Helper()
	named := append(slices.Clone(rt.Access.Roles), rt.Access.OrRole...)
	sets := [][]actor.Role{narrow(rt.Access)}
	for _, r := range actor.Roles {
		if !slices.Contains(named, r) && r != actor.Buyer && !(r == actor.Admin && covered(named)) {
			sets = append(sets, []actor.Role{r})
		}
	}
	for _, roles := range sets {
		before := w.fingerprint()
		status, body := w.send(rt, o, w.shop.Person(roles...).User, func() { before = w.fingerprint() })
		if status != http.StatusNotFound && status != http.StatusForbidden {
			w.t.Errorf("a stranger with roles %v: %d, want 404 or 403\n%.300s", roles, status, body)
		}
		if after := w.fingerprint(); after != before {
			w.t.Errorf("a stranger with roles %v changed the records: %s", roles, diff(before, after))
		}
	}
}

// covered tells whether an admin does this work too.
func covered(named []actor.Role) bool {
	admin := actor.Actor{User: "x", Roles: []actor.Role{actor.Admin}}
	return len(named) > 0 && admin.Has(named...)
}

func (w *ownWorld) owner(rt edge.Route, o owned) {
	w.t.Helper()
	if len(rt.Access.Roles) > 0 && len(narrow(rt.Access)) == 0 {
		return // the line lets in staff only
	}
	if status, body := w.send(rt, o, o.owner, nil); status >= 400 {
		w.t.Errorf("the owner: %d\n%.600s", status, body)
	}
}

// staff gets through with anybody's object.
func (w *ownWorld) staff(rt edge.Route, r actor.Role) {
	w.t.Helper()
	o := makers[rt.Access.Kind](w, rt)
	if status, body := w.send(rt, o, w.shop.Person(r).User, nil); status >= 400 {
		w.t.Errorf("%s with another's: %d\n%.600s", r, status, body)
	}
}

// send asks for the object as somebody; ready is called once they are signed in.
func (w *ownWorld) send(rt edge.Route, o owned, who id.User, ready func()) (int, string) {
	w.t.Helper()
	token := session(w.t, w.a, who)
	if ready != nil {
		ready()
	}
	i := strings.Index(rt.Path, "/{id}")
	part := rt.Path[strings.LastIndex(rt.Path[:i], "/")+1 : i]
	oid := o.ids[part]
	if oid == "" {
		w.t.Fatalf("the maker of %q gives no id for /%s/{id}", rt.Access.Kind, part)
	}
	kind, body := asks(rt, o)
	req, err := http.NewRequestWithContext(w.t.Context(), rt.Method, w.a.BaseURL()+o.path(rt.Path, oid), strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", jsonType)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.AddCookie(&http.Cookie{Name: "lindu", Value: token})
	c := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// ---- makers ----

func (w *ownWorld) order(rt edge.Route) owned {
	w.t.Helper()
	who, addr := w.shop.Buyer()
	w.n++
	o, err := w.a.Flow.PlaceOrder(context.Background(), who, flow.PlaceIn{Key: fmt.Sprintf("own-order-%d", w.n), Address: addr, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Product: w.good, Units: 1, Price: 3690}}})
	if err != nil {
		w.t.Fatal(err)
	}
	out := owned{owner: who.User, ids: map[string]string{"orders": string(o.ID), "return": string(o.ID)}, line: string(o.Lines[0].ID)}
	switch {
	case strings.HasSuffix(rt.Path, "/received"), strings.HasSuffix(rt.Path, "/receive"):
		w.ship(o.ID, who)
	case strings.HasSuffix(rt.Path, "/after-sale"):
		w.pay(o.ID, who)
	case strings.Contains(rt.Path, "{case}"):
		out.rest = map[string]string{"{case}": w.returned(o, who, strings.HasSuffix(rt.Path, "/parcel"))}
	}
	return out
}

// returned is a case of a parcel that its buyer wants to send back.
func (w *ownWorld) returned(o order.Order, who actor.Actor, approved bool) string {
	w.t.Helper()
	ctx := context.Background()
	w.ship(o.ID, who)
	if _, err := w.a.Flow.ReceiveOrder(ctx, who, o.ID); err != nil {
		w.t.Fatal(err)
	}
	c, err := w.a.Flow.AskAfterSale(ctx, app.System, flow.AskIn{Key: id.New[string](), Order: o.ID, Kind: aftersale.Return, Reason: aftersale.Quality, Words: "not as shown",
		Lines: []flow.AskLine{{Line: o.Lines[0].ID, Units: 1}}})
	if err == nil && approved {
		_, err = w.a.Flow.ApproveReturn(ctx, app.System, c.ID, flow.Decision{Bearer: "centre", Note: "send it back"})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return string(c.ID)
}

// statement of a month, issued to the farm.
func (w *ownWorld) statement(edge.Route) owned {
	w.t.Helper()
	w.n++
	var s statement.Statement
	w.shop.Do(func(tx *db.Tx) error {
		day := clock.DayOf(tx.Now).Add(-100 + w.n)
		s.Head = statement.Head{ID: id.New[id.Statement](), No: fmt.Sprintf("own-%d", w.n), Payee: statement.Payee{Kind: "producer", ID: string(w.shop.Farm)}, Name: "Farm", Local: true, From: day, To: day}
		if err := statement.TakePeriod(context.Background(), tx, s.Payee, day, day); err != nil {
			return err
		}
		return statement.Write(context.Background(), tx, app.System, s, nil)
	})
	return owned{owner: w.farmer(), ids: map[string]string{"statements": string(s.ID)}, rest: map[string]string{"{format}": "pdf"}}
}

// multipartForm is a form as a browser sends one that has files.
func multipartForm(pairs ...string) (kind, body string) {
	var b strings.Builder
	m := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		if err := m.WriteField(pairs[i], pairs[i+1]); err != nil {
			panic(err) // into memory
		}
	}
	if err := m.Close(); err != nil {
		panic(err)
	}
	return m.FormDataContentType(), b.String()
}

// path with the object's ids in it.
func (o owned) path(pattern, oid string) string {
	p := strings.Replace(pattern, "{id}", oid, 1)
	for part, v := range o.rest {
		p = strings.ReplaceAll(p, part, v)
	}
	return p
}

func (w *ownWorld) pay(o id.Order, who actor.Actor) {
	w.t.Helper()
	ctx := context.Background()
	p, err := w.a.Flow.StartPayment(ctx, who, o, "sandbox")
	if err == nil {
		err = w.a.Flow.ApplyNotice(ctx, "sandbox", payment.Notice{EventID: "paid-" + string(p.ID), Payment: p.ID, Amount: p.Amount, Ref: "ref-" + string(p.ID), Paid: true, At: time.Now()})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *ownWorld) ship(o id.Order, who actor.Actor) {
	w.t.Helper()
	w.pay(o, who)
	_, err := w.a.Flow.ShipOrder(context.Background(), app.System, o, shipping.Carriers()[0], fmt.Sprintf("SF%013d", w.n))
	if err != nil {
		w.t.Fatal(err)
	}
}

// gift waits for its payment.
func (w *ownWorld) gift(edge.Route) owned {
	w.t.Helper()
	who, _ := w.shop.Buyer()
	var g gift.Gift
	w.shop.Do(func(tx *db.Tx) error {
		ctx, today := context.Background(), clock.DayOf(tx.Now)
		a, err := promise.DraftAgreement(ctx, tx, app.System, promise.Agreement{Recipient: "charity", Purpose: "books", Starts: today, Ends: today.Add(1)})
		if err != nil {
			return err
		}
		if err := gift.DeclareAdult(ctx, tx, who, today.Add(-40*366)); err != nil {
			return err
		}
		g, err = gift.Give(ctx, tx, who, gift.Rules{MaxOne: 1000, MaxDay: 1000}, gift.Gift{Show: "s", Host: "h", Kind: "k", NameZh: "x", NameEn: "x", Icon: "berry", Fen: 100, Agreement: a, IdemKey: id.New[string](), IdemHash: "h"})
		return err
	})
	return owned{owner: who.User, ids: map[string]string{"gifts": string(g.ID)}}
}

func (w *ownWorld) address(edge.Route) owned {
	who, addr := w.shop.Buyer()
	return owned{owner: who.User, ids: map[string]string{"addresses": string(addr)}}
}

func (w *ownWorld) session(edge.Route) owned {
	w.t.Helper()
	who := w.shop.Person()
	session(w.t, w.a, who.User)
	ss, err := account.Sessions(context.Background(), w.a.DB, time.Now(), who.User)
	if err != nil || len(ss) != 1 {
		w.t.Fatalf("%d sessions: %v", len(ss), err)
	}
	return owned{owner: who.User, ids: map[string]string{"sessions": string(ss[0].ID)}}
}

// lot and producer belong to whom an account is linked to them.
func (w *ownWorld) lot(edge.Route) owned {
	l := w.shop.Lot(w.good, w.shop.Farm, 3)
	return owned{owner: w.farmer(), ids: map[string]string{"lots": string(l)}}
}

func (w *ownWorld) producer(edge.Route) owned {
	return owned{owner: w.farmer(), ids: map[string]string{"producers": string(w.shop.Farm)}}
}

func (w *ownWorld) farmer() id.User {
	who := w.shop.Person(actor.Producer)
	w.shop.Do(func(tx *db.Tx) error {
		return account.LinkProducer(context.Background(), tx, app.System, who.User, w.shop.Farm)
	})
	return who.User
}

// show is a live one with an item and a stream key.
func (w *ownWorld) show(edge.Route) owned {
	w.t.Helper()
	ctx := context.Background()
	host := w.shop.Person(actor.Host)
	var s id.Show
	var it show.Item
	w.shop.Do(func(tx *db.Tx) (err error) {
		if s, err = show.Save(ctx, tx, app.System, show.Show{Title: "Own", Host: host.User, Orientation: show.Portrait, Starts: tx.Now.Add(time.Minute)}); err != nil {
			return err
		}
		it, err = show.AddItem(ctx, tx, app.System, s, show.Item{Product: w.good, Price: 3690, State: show.Coming, Released: 10})
		return err
	})
	for _, st := range []show.State{show.Announced, show.Live} {
		w.shop.Do(func(tx *db.Tx) error { _, err := show.Move(ctx, tx, app.System, s, st); return err })
	}
	it.State = show.OnSale
	if _, err := w.a.Flow.SetItem(ctx, app.System, it); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.a.Flow.NewStreamKey(ctx, app.System, s); err != nil {
		w.t.Fatal(err)
	}
	if err := w.a.Flow.PinItem(ctx, app.System, s, it.ID); err != nil {
		w.t.Fatal(err)
	}
	clip := w.recorded(s)
	return owned{owner: host.User, ids: map[string]string{"shows": string(s), "items": string(it.ID), "recordings": string(s)},
		rest: map[string]string{"{clip}": string(clip)}, item: string(it.ID)}
}

// recorded is a show with a minute of film (whose file nobody asks for here) and
// a clip of it.
func (w *ownWorld) recorded(s id.Show) (clip id.Clip) {
	w.t.Helper()
	ctx := context.Background()
	w.shop.Do(func(tx *db.Tx) error {
		chunk := id.New[id.Chunk]()
		err := recording.Note(ctx, tx, recording.Chunk{ID: chunk, Show: s, Run: chunk, Kind: recording.Live, File: recording.FileOf(s, chunk), Starts: tx.Now,
			Duration: time.Minute, Bytes: 1000, SHA256: strings.Repeat("0", 64), InitBytes: 100, Codecs: "avc1.42c01e", Width: 640, Height: 360,
			Pieces: []recording.Piece{{Offset: 100, Bytes: 900, Duration: time.Minute}}})
		if err != nil {
			return err
		}
		c, err := recording.AskClip(ctx, tx, app.System, recording.Clip{Show: s, Name: "clip", From: tx.Now.Add(10 * time.Second), To: tx.Now.Add(20 * time.Second)})
		if err != nil {
			return err
		}
		clip = c.ID
		c.State, c.Starts, c.Duration, c.Bytes, c.Width, c.Height = recording.Ready, c.From, 10*time.Second, 1000, 640, 360
		return recording.Made(ctx, tx, c)
	})
	return clip
}

// tinyPicture is a picture as a page draws it.
func tinyPicture() string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		panic(err)
	}
	return b.String()
}

// practice is a practice show that has not begun: a script plays in one that has.
func (w *ownWorld) practice(rt edge.Route) owned {
	w.t.Helper()
	host := w.shop.Person(actor.Host)
	w.show(rt) // whose running order it takes
	s, err := w.a.Flow.StartPractice(context.Background(), host, i18n.Chinese)
	if err != nil {
		w.t.Fatal(err)
	}
	return owned{owner: host.User, ids: map[string]string{"shows": string(s), "practice": string(s)}}
}

// ---- records ----

// fingerprint is a hash of every row of every table of ours. What the centre
// does by itself meanwhile (jobs, the last check) is left out.
func (w *ownWorld) fingerprint() string {
	w.t.Helper()
	ctx := context.Background()
	rows, err := w.a.DB.Query(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'river%' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('setting', 'log_leaf', 'log_head') AND name NOT LIKE 'fsck%' AND name NOT LIKE 'ledger_day%' AND name <> 'show_minute' ORDER BY name`) // what the centre writes by itself
	tables, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
	if err != nil {
		w.t.Fatal(err)
	}
	var out strings.Builder
	for _, table := range tables {
		rows, err := w.a.DB.Query(ctx, `SELECT name FROM pragma_table_info('`+table+`')`)
		cols, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
		if err != nil {
			w.t.Fatal(err)
		}
		cols = slices.DeleteFunc(cols, func(c string) bool { return slices.Contains(byItself[table], c) })
		sum := sha256.New()
		rows, err = w.a.DB.Query(ctx, `SELECT concat_ws('|', "`+strings.Join(cols, `", "`)+`") FROM "`+table+`" ORDER BY 1`)
		all, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
		if err != nil {
			w.t.Fatal(err)
		}
		for _, row := range all {
			io.WriteString(sum, row+"\n")
		}
		fmt.Fprintf(&out, "%s: %d rows %s\n", table, len(all), hex.EncodeToString(sum.Sum(nil))[:12])
	}
	return out.String()
}

// byItself are the columns that the centre writes while it looks after things.
var byItself = map[string][]string{
	"payment":        {"query_us", "queries", "tries"},
	"recording_clip": {"state", "starts_us", "dur_us", "bytes", "width", "height", "poster", "why", "tries"},
}

func diff(before, after string) string {
	old := strings.Split(before, "\n")
	var out []string
	for _, l := range strings.Split(after, "\n") {
		if !slices.Contains(old, l) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "; ")
}
