package compliance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Point of a checklist. Key has its words ("compliance.point_<key>").
type Point struct {
	Key string `json:"key"`
	OK  bool   `json:"ok"`
	// Hand is ticked by the signer; the machine can't see it.
	Hand bool `json:"hand,omitempty"`
	// What is missing: names of goods, words of the list.
	What []string `json:"what,omitempty"`
	// Help has the words that say what to do ("compliance.help_<Help>"); empty:
	// those of Key.
	Help string `json:"help,omitempty"`
	// Seen is what the machine looked at, as it stood: names, numbers, days.
	Seen []string `json:"seen,omitempty"`
	// Say is what could be said instead, for each of What: the centre's own
	// words, or "@" and a message key.
	Say []string `json:"say,omitempty"`
}

// Checklist is everything that is looked at before a show.
type Checklist struct {
	Points []Point `json:"points"`
	// Of is what is signed for, in a form that changes when any of it does.
	Of any `json:"of"`
}

// Digest is the SHA-256 of what is signed for. Whether a point is fulfilled is
// no part of it: a licence that is entered later makes nothing stale.
func (c Checklist) Digest() string {
	b, err := json.Marshal(c.Of)
	if err != nil {
		panic(err) // plain values
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Missing are the keys of points that are not fulfilled, once ticked are.
func (c Checklist) Missing(ticked ...string) []string {
	var out []string
	for _, p := range c.Points {
		if !p.OK && !(p.Hand && slices.Contains(ticked, p.Key)) {
			out = append(out, p.Key)
		}
	}
	return out
}

// Signoff is a signature under a checklist.
type Signoff struct {
	ID       string
	Show     id.Show
	Digest   string
	Snapshot Checklist
	By       id.User
	Name     string
	At       time.Time
}

// Sign keeps a signature (operator, administrator). ticked are the points that
// the signer has seen to. Fault compliance.missing (Conflict) names the points
// that are open.
func Sign(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, c Checklist, ticked ...string) (Signoff, error) {
	if err := who.Need(actor.Operator, actor.Admin); err != nil {
		return Signoff{}, err
	}
	if open := c.Missing(ticked...); len(open) > 0 {
		return Signoff{}, fault.New(fault.Conflict, "compliance.missing", "N", len(open))
	}
	c.Points = slices.Clone(c.Points)
	for i := range c.Points {
		c.Points[i].OK = true
	}
	b, err := json.Marshal(c)
	if err != nil {
		return Signoff{}, err
	}
	so := Signoff{ID: id.New[string](), Show: s, Digest: c.Digest(), Snapshot: c, By: who.User, Name: who.Name, At: clock.FromUs(tx.NowUs())}
	err = tx.Insert(ctx, "show_signoff", []string{"id", "show_id", "digest", "snapshot", "signed_by", "signer", "at_us"},
		[][]any{{so.ID, s, so.Digest, string(b), who.User, who.Name, tx.NowUs()}})
	if err != nil {
		return Signoff{}, err
	}
	return so, audit.Write(ctx, tx, who, "show.sign", "show", s, map[string]any{"digest": so.Digest})
}

const signoffColumns = `id, show_id, digest, snapshot, signed_by, signer, at_us`

func scanSignoff(r interface{ Scan(...any) error }) (so Signoff, err error) {
	var snap string
	var us int64
	if err = r.Scan(&so.ID, &so.Show, &so.Digest, &snap, &so.By, &so.Name, &us); err != nil {
		return so, err
	}
	so.At = clock.FromUs(us)
	return so, json.Unmarshal([]byte(snap), &so.Snapshot)
}

// LastSignoff is the newest signature of a show; false if there is none.
func LastSignoff(ctx context.Context, q db.Querier, s id.Show) (Signoff, bool, error) {
	so, err := scanSignoff(q.QueryRow(ctx, `SELECT `+signoffColumns+` FROM show_signoff WHERE show_id = $1 ORDER BY id DESC LIMIT 1`, s))
	if errors.Is(err, db.ErrNoRows) {
		return Signoff{}, false, nil
	}
	return so, err == nil, err
}

// Signoffs lists a show's signatures, the oldest first.
func Signoffs(ctx context.Context, q db.Querier, s id.Show) ([]Signoff, error) {
	rows, err := q.Query(ctx, `SELECT `+signoffColumns+` FROM show_signoff WHERE show_id = $1 ORDER BY id`, s)
	return db.Collect(rows, err, func(r *db.Rows, so *Signoff) (err error) {
		*so, err = scanSignoff(r)
		return err
	})
}
