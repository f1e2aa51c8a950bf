package flow

import (
	"context"
	"slices"
	"strings"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/compliance"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// Seller is who sells in the centre's rooms, as the law wants it shown.
type Seller struct {
	LegalName, LicenceNo, FoodLicenceNo, ComplaintPhone string
	// FoodLicenceUntil is the last day of the food licence as "2031-01-31", or
	// NoEnd for a filing, which has none.
	FoodLicenceUntil string
}

// NoEnd as FoodLicenceUntil is of a paper that does not run out.
const NoEnd = "open"

// Prestart is what stands between a show and its beginning.
type Prestart struct {
	List   compliance.Checklist
	Signed compliance.Signoff // the newest; zero for none
	// Fresh: what was signed is what is there now.
	Fresh bool
}

// Why is the key of what keeps the show from beginning; "" for nothing. A point
// that has come open since it was signed for does: a licence that ran out, a
// word that was listed.
func (p Prestart) Why() string {
	switch {
	case p.Signed.ID == "":
		return "compliance.unsigned"
	case !p.Fresh:
		return "compliance.stale"
	case len(p.List.Missing(HandPoints...)) > 0:
		return "compliance.reopened"
	}
	return ""
}

// signedFor is what a signature is for: everything viewers will read and hear
// from the plan, and who is before the camera.
type signedFor struct {
	Title   string      `json:"title"`
	Summary string      `json:"summary"`
	Host    id.User     `json:"host"`
	AI      []string    `json:"ai,omitempty"`
	Items   []signedOne `json:"items"`
}

type signedOne struct {
	No      int        `json:"no"`
	Product id.Product `json:"product"`
	Name    string     `json:"name"`
	Summary string     `json:"summary"`
	Script  string     `json:"script"`
}

// plan is a show with what is in its running order.
type plan struct {
	show     show.Show
	items    []show.Item
	products map[id.Product]catalog.Product
}

func readPlan(ctx context.Context, q db.Querier, sh show.Show) (p plan, err error) {
	p.show = sh
	items, err := show.Items(ctx, q, sh.ID)
	if err != nil {
		return p, err
	}
	p.items = slices.DeleteFunc(items, func(it show.Item) bool { return it.State == show.Off })
	ps := make([]id.Product, len(p.items))
	for i, it := range p.items {
		ps[i] = it.Product
	}
	p.products, err = catalog.Products(ctx, q, ps...)
	return p, err
}

func (p plan) signedFor() signedFor {
	of := signedFor{Title: p.show.Title, Summary: p.show.Summary, Host: p.show.Host, AI: p.show.AI}
	for _, it := range p.items {
		x := p.products[it.Product]
		of.Items = append(of.Items, signedOne{it.No, it.Product, x.Name, x.Summary, it.Script})
	}
	return of
}

// ReadPrestart looks at everything that is to be looked at before a show.
func (f *Flow) ReadPrestart(ctx context.Context, q db.Querier, s id.Show) (Prestart, error) {
	sh, err := show.ByID(ctx, q, s)
	if err != nil {
		return Prestart{}, err
	}
	pl, err := readPlan(ctx, q, sh)
	if err != nil {
		return Prestart{}, err
	}
	p := Prestart{}
	if p.List, err = f.checklist(ctx, q, pl); err != nil {
		return Prestart{}, err
	}
	so, ok, err := compliance.LastSignoff(ctx, q, s)
	p.Signed, p.Fresh = so, ok && so.Digest == p.List.Digest()
	return p, err
}

// Unready is the key of what a desk must be told about the signature: of a
// notice what keeps it from beginning, of a running show that something changed
// since it was signed for; "" for nothing. Desks ask every few seconds, so of a
// running show only what was signed for is read.
func (f *Flow) Unready(ctx context.Context, q db.Querier, sh show.Show) (string, error) {
	switch {
	case sh.Practice:
		return "", nil
	case sh.State == show.Announced:
		p, err := f.ReadPrestart(ctx, q, sh.ID)
		return p.Why(), err
	case sh.State != show.Live:
		return "", nil
	}
	pl, err := readPlan(ctx, q, sh)
	if err != nil {
		return "", err
	}
	so, _, err := compliance.LastSignoff(ctx, q, sh.ID)
	if err != nil || so.Digest == (compliance.Checklist{Of: pl.signedFor()}).Digest() {
		return "", err
	}
	return "compliance.live_stale", nil
}

func (f *Flow) checklist(ctx context.Context, q db.Querier, pl plan) (c compliance.Checklist, err error) {
	sh, items, products, of := pl.show, pl.items, pl.products, pl.signedFor()
	c.Of = of
	papers, err := noCertificate(ctx, q, products)
	if err != nil {
		return c, err
	}
	host, name, err := hostMissing(ctx, q, sh.Host)
	if err != nil {
		return c, err
	}
	hits, say := f.hitsOf(of)
	c.Points = []compliance.Point{
		{Key: "seller", OK: f.Seller.LegalName != "" && f.Seller.LicenceNo != "", Seen: seen(f.Seller.LegalName, f.Seller.LicenceNo)},
		{Key: "complaints", OK: f.Seller.ComplaintPhone != "", Seen: seen(f.Seller.ComplaintPhone)},
		f.foodPoint(sh, products, clock.DayOf(db.Now(q))),
		{Key: "goods", OK: len(items) > 0},
		{Key: "host", OK: !host, Seen: seen(name)},
		{Key: "words", OK: len(hits) == 0, What: hits, Say: say},
		{Key: "papers", OK: false, Hand: true, What: papers},
		{Key: "person", Hand: true},
		{Key: "setting", Hand: true},
		{Key: "story", Hand: true},
	}
	return c, nil
}

func seen(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

// foodPoint looks whether the seller may sell the food among the goods, on the
// day of the show and today (Food Safety Law art. 35; order 120 of 2026).
func (f *Flow) foodPoint(sh show.Show, products map[id.Product]catalog.Product, today clock.Day) compliance.Point {
	p := compliance.Point{Key: "food"}
	for _, x := range products {
		if catalog.NeedsFoodLicence(x.Category, x.Dried) {
			p.What = append(p.What, x.Name)
		}
	}
	slices.Sort(p.What)
	p.Seen = seen(f.Seller.FoodLicenceNo, strings.Replace(f.Seller.FoodLicenceUntil, NoEnd, "", 1))
	until, err := clock.ParseDay(f.Seller.FoodLicenceUntil)
	switch {
	case len(p.What) == 0:
		p.OK = true
	case f.Seller.FoodLicenceNo == "":
		p.Help = "food_none"
	case f.Seller.FoodLicenceUntil != NoEnd && err != nil:
		p.Help = "food_until"
	case f.Seller.FoodLicenceUntil != NoEnd && until < max(clock.DayOf(sh.Starts), today):
		p.Help = "food_over"
	default:
		p.OK, p.What = true, nil
	}
	return p
}

// hitsOf names the listed words in what will be read and said, with what could
// be said instead.
func (f *Flow) hitsOf(of signedFor) (out, say []string) {
	if f.Words == nil {
		return nil, nil
	}
	texts := []string{of.Title, of.Summary}
	for _, it := range of.Items {
		texts = append(texts, it.Name, it.Summary, it.Script)
	}
	for _, t := range texts {
		for _, h := range review.For(true, f.Words.Find(t)) {
			if !slices.Contains(out, h.Word) {
				out, say = append(out, h.Word), append(say, h.Words())
			}
		}
	}
	return out, say
}

// noCertificate names the goods of which a lot on sale has no certificate
// noted (order 4 of 2025 of the agriculture ministry): whoever signs has seen
// the papers themselves.
func noCertificate(ctx context.Context, q db.Querier, products map[id.Product]catalog.Product) (out []string, err error) {
	for p, x := range products {
		lots, err := lot.List(ctx, q, lot.Filter{Product: p, State: lot.OnSale, Limit: 500})
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(lots, func(l lot.Lot) bool { return l.Certificate == "" }) {
			out = append(out, x.Name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// hostMissing tells whether the host is nobody with an account that may host,
// and the name of whoever it is.
func hostMissing(ctx context.Context, q db.Querier, host id.User) (bool, string, error) {
	us, err := account.Users(ctx, q, host)
	u, ok := us[host]
	return !ok || u.State != account.Active || !slices.Contains(u.Roles, actor.Host), u.Name, err
}

// HandPoints are the points of a checklist that a signer ticks.
var HandPoints = []string{"papers", "person", "setting", "story"}

// SignShow signs a show's checklist as it stands now. digest is of the list the
// signer saw: when it has changed since, they see it anew first. Who hosts the
// show does not sign for themselves, except in a centre of one person. Faults:
// compliance.changed, compliance.own, compliance.missing (Conflict), show.over.
func (f *Flow) SignShow(ctx context.Context, who actor.Actor, s id.Show, digest string, ticked ...string) (compliance.Signoff, error) {
	var so compliance.Signoff
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		sh, err := show.ByID(ctx, tx, s)
		if err != nil {
			return err
		}
		if sh.Over() {
			return fault.New(fault.Gone, "show.over", "State", "@show.state_"+string(sh.State))
		}
		if who.User != "" && who.User == sh.Host && !f.SinglePerson {
			return fault.New(fault.Conflict, "compliance.own")
		}
		p, err := f.ReadPrestart(ctx, tx, s)
		if err != nil {
			return err
		}
		// Who sets shows up by a program signs for what is there.
		if digest != p.List.Digest() && !(digest == "" && who.IsSystem()) {
			return fault.New(fault.Conflict, "compliance.changed")
		}
		so, err = compliance.Sign(ctx, tx, who, s, p.List, ticked...)
		return err
	})
	return so, err
}

// needSignoff refuses to begin a show that nobody signed for as it stands.
// Practice needs none: nobody buys there.
func (f *Flow) needSignoff(ctx context.Context, tx *db.Tx, sh show.Show) error {
	if sh.Practice {
		return nil
	}
	p, err := f.ReadPrestart(ctx, tx, sh.ID)
	if why := p.Why(); err == nil && why != "" {
		return fault.New(fault.Conflict, why)
	}
	return err
}
