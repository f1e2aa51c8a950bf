package flow

import (
	"context"
	"slices"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/compliance"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// Record is what the law asks to be kept of a show, as it can be read years
// later (order 117, arts. 16 and 26 to 31). It names staff, host and
// producers, and no buyer: their words stand without their names.
type Record struct {
	Made        time.Time               `json:"made"`
	Show        RecordShow              `json:"show"`
	Seller      Seller                  `json:"seller"`
	Host        string                  `json:"host"`
	Producers   []RecordProducer        `json:"producers"`
	Signoffs    []compliance.Signoff    `json:"signoffs"`
	Corrections []compliance.Correction `json:"corrections"`
	Labels      []RecordEvent           `json:"labels"`
	Words       []RecordWord            `json:"words"`
	Hidden      []RecordMessage         `json:"hidden"`
	Sanctions   []RecordSanction        `json:"sanctions"`
	Complaints  []RecordComplaint       `json:"complaints"`
	Recordings  []RecordFilm            `json:"recordings"`
	Events      []RecordEvent           `json:"events"`
}

type (
	// RecordShow is the notice and its times.
	RecordShow struct {
		ID        id.Show   `json:"id"`
		Title     string    `json:"title"`
		Summary   string    `json:"summary,omitempty"`
		State     string    `json:"state"`
		AI        []string  `json:"ai,omitempty"`
		Announced time.Time `json:"announced,omitzero"`
		Live      time.Time `json:"live,omitzero"`
		Ended     time.Time `json:"ended,omitzero"`
		CutWhy    string    `json:"cut_why,omitempty"`
	}
	// RecordProducer is whose goods were in the running order.
	RecordProducer struct {
		ID      id.Producer `json:"id"`
		Name    string      `json:"name"`
		Village string      `json:"village,omitempty"`
		Licence string      `json:"licence,omitempty"`
	}
	// RecordEvent is a change by staff or host.
	RecordEvent struct {
		At     time.Time `json:"at"`
		Who    string    `json:"who"`
		Action string    `json:"action"`
		Detail string    `json:"detail,omitempty"`
	}
	// RecordWord is a listed word that host or staff wanted to say.
	RecordWord struct {
		At   time.Time `json:"at"`
		Word string    `json:"word"`
		Kind string    `json:"kind"`
		By   string    `json:"by"` // host, staff
	}
	// RecordMessage is a hidden line.
	RecordMessage struct {
		At   time.Time `json:"at"`
		Body string    `json:"body"`
	}
	// RecordSanction is a mute or ban given in the room.
	RecordSanction struct {
		At     time.Time `json:"at"`
		Until  time.Time `json:"until"`
		Kind   string    `json:"kind"`
		Reason string    `json:"reason"`
		Lifted time.Time `json:"lifted,omitzero"`
	}
	// RecordComplaint is one about the show.
	RecordComplaint struct {
		No     string    `json:"no"`
		At     time.Time `json:"at"`
		Kind   string    `json:"kind"`
		State  string    `json:"state"`
		Answer string    `json:"answer,omitempty"`
	}
	// RecordFilm is what is kept of the picture, and until when.
	RecordFilm struct {
		Kind    string        `json:"kind"`
		From    time.Time     `json:"from"`
		To      time.Time     `json:"to"`
		Length  time.Duration `json:"length_ns"`
		KeptFor time.Time     `json:"kept_until"`
		Locked  bool          `json:"locked,omitempty"`
	}
)

// ReadRecord reads the record of a show.
func (f *Flow) ReadRecord(ctx context.Context, s id.Show) (Record, error) {
	sh, err := show.ByID(ctx, f.DB, s)
	if err != nil {
		return Record{}, err
	}
	r := Record{Made: f.DB.Clock.Now(), Seller: f.Seller, Show: RecordShow{ID: sh.ID, Title: sh.Title, Summary: sh.Summary, State: string(sh.State), AI: sh.AI,
		Announced: sh.AnnouncedAt, Live: sh.LiveAt, Ended: sh.EndedAt, CutWhy: sh.CutWhy}}
	us, err := account.Users(ctx, f.DB, sh.Host)
	if err != nil {
		return r, err
	}
	r.Host = us[sh.Host].Name
	for _, read := range []func(context.Context, show.Show, *Record) error{f.recordGoods, f.recordSigned, f.recordTalk, f.recordFilms, f.recordEvents} {
		if err := read(ctx, sh, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// recordGoods tells whose goods were in the running order.
func (f *Flow) recordGoods(ctx context.Context, sh show.Show, r *Record) error {
	ps, err := f.WhoseGoods(ctx, sh)
	for _, p := range ps {
		r.Producers = append(r.Producers, RecordProducer{ID: p.ID, Name: p.Name, Village: p.Village, Licence: p.LicenceNo})
	}
	return err
}

// WhoseGoods are the producers of the lots of a show's products, each once. Lots
// that came after its end are not its own: what is told of a show does not
// change with the next harvest.
func (f *Flow) WhoseGoods(ctx context.Context, sh show.Show) ([]catalog.Producer, error) {
	items, err := show.Items(ctx, f.DB, sh.ID)
	if err != nil {
		return nil, err
	}
	var ids []id.Producer
	for _, it := range items {
		lots, err := lot.List(ctx, f.DB, lot.Filter{Product: it.Product, Limit: 500})
		if err != nil {
			return nil, err
		}
		for _, l := range slices.Backward(lots) {
			late := sh.Over() && l.Created.After(sh.EndedAt)
			if !late && !slices.Contains(ids, l.Producer) {
				ids = append(ids, l.Producer)
			}
		}
	}
	ps, err := catalog.Producers(ctx, f.DB, ids...)
	var out []catalog.Producer
	for _, x := range ids {
		if p, ok := ps[x]; ok {
			out = append(out, p)
		}
	}
	return out, err
}

func (f *Flow) recordSigned(ctx context.Context, sh show.Show, r *Record) (err error) {
	if r.Signoffs, err = compliance.Signoffs(ctx, f.DB, sh.ID); err != nil {
		return err
	}
	r.Corrections, err = compliance.Corrections(ctx, f.DB, sh.ID)
	return err
}

// hiddenKept bounds the hidden lines of a record.
const hiddenKept = 500

func (f *Flow) recordTalk(ctx context.Context, sh show.Show, r *Record) error {
	heard, err := review.HeardSince(ctx, f.DB, clock.FromUs(1), sh.ID)
	if err != nil {
		return err
	}
	for _, h := range heard {
		r.Words = append(r.Words, RecordWord{At: h.At, Word: h.Word, Kind: h.Kind, By: h.Badge})
	}
	hidden, err := chat.HiddenTail(ctx, f.DB, sh.ID, hiddenKept)
	if err != nil {
		return err
	}
	for _, m := range hidden {
		r.Hidden = append(r.Hidden, RecordMessage{At: m.At, Body: m.Body})
	}
	given, err := chat.SanctionsIn(ctx, f.DB, sh.ID)
	if err != nil {
		return err
	}
	for _, x := range given {
		r.Sanctions = append(r.Sanctions, RecordSanction{At: x.At, Until: x.Until, Kind: string(x.Kind), Reason: x.Reason, Lifted: x.Lifted})
	}
	cs, err := review.About(ctx, f.DB, "show", string(sh.ID))
	for _, c := range cs {
		r.Complaints = append(r.Complaints, RecordComplaint{No: c.No, At: c.At, Kind: c.Kind, State: c.State, Answer: c.Answer})
	}
	return err
}

func (f *Flow) recordFilms(ctx context.Context, sh show.Show, r *Record) error {
	sums, err := recording.SumsOf(ctx, f.DB, sh.ID)
	if err != nil {
		return err
	}
	locks, err := recording.Locks(ctx, f.DB, sh.ID)
	_, locked := locks[sh.ID]
	for _, x := range sums[sh.ID] {
		class := x.Kind
		if class == recording.Live {
			class = recording.Sold // the longest: whether something was sold can't make it shorter here
		}
		r.Recordings = append(r.Recordings, RecordFilm{Kind: x.Kind, From: x.From, To: x.To, Length: x.Duration, KeptFor: x.To.Add(f.Retention.For(class)), Locked: locked})
	}
	return err
}

// eventsKept bounds the changes of a record.
const eventsKept = 5000

// changes reads what was done with something, the oldest first.
func (f *Flow) changes(ctx context.Context, kind, of string) ([]audit.Event, error) {
	var out []audit.Event
	next := audit.Filter{ObjectKind: kind, ObjectID: of, Limit: 200}
	for len(out) < eventsKept {
		es, err := audit.List(ctx, f.DB, next)
		if err != nil {
			return nil, err
		}
		out = append(out, es...)
		if len(es) < next.Limit {
			break
		}
		next.Before = es[len(es)-1].ID
	}
	slices.Reverse(out)
	return out, nil
}

func (f *Flow) recordEvents(ctx context.Context, sh show.Show, r *Record) error {
	es, err := f.changes(ctx, "show", string(sh.ID))
	for _, e := range es {
		if e.Action == "coupon.take" || e.Action == "show.remind" {
			continue // buyers', who are not named
		}
		x := RecordEvent{At: e.At, Who: e.ActorName, Action: e.Action, Detail: e.Detail}
		if e.Action == "show.ai" {
			r.Labels = append(r.Labels, x)
		}
		r.Events = append(r.Events, x)
	}
	return err
}
