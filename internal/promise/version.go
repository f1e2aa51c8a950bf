package promise

import (
	"context"
	"fmt"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
)

// Scope says whose money a promise is about, and so what its script gets.
type Scope string

// Scopes.
const (
	ForLocal   Scope = "local"   // a local producer's part of an order that was paid
	ForOutside Scope = "outside" // an outside seller's
	ForGift    Scope = "gift"    // a gift that was paid
	ForProfit  Scope = "profit"  // a period's profit
	ForHost    Scope = "host"    // a host's pay
	ForWords   Scope = "words"   // words only: nothing is booked by it
)

// Version is one wording of a promise. A draft has no signer; a signed one is
// public for ever.
type Version struct {
	No      string // "P1"
	Version int64
	Scope   Scope
	Words   fault.Words // by language
	Script  string      // Numscript

	NoticeDays  int64 // between the signature and the start
	CommentDays int64 // of these, how long anybody may comment
	Start       time.Time

	Drafted, Signed, Countersigned, Withdrawn                 time.Time // zero: not
	DraftedBy, SignedBy, CountersignedBy                      id.User
	DraftedName, SignedName, CountersignedName, WithdrawnByID string

	startUs int64
}

// Founding tells whether it stood from the first day.
func (v Version) Founding() bool { return v.SignedBy != "" && v.startUs == 0 }

// State of a version.
type State string

// States. Which of several signed ones is in force is a matter of time alone.
const (
	Draft     State = "draft"     // being written, not public
	Announced State = "announced" // signed, public, not yet in force
	InForce   State = "in_force"
	Replaced  State = "replaced"
	Retracted State = "withdrawn" // before it came into force
)

// CommentsEnd is when nobody may comment any more.
func (v Version) CommentsEnd() time.Time {
	return v.Signed.AddDate(0, 0, int(v.CommentDays))
}

// Open tells whether comments are taken.
func (v Version) Open(now time.Time) bool {
	return v.SignedBy != "" && v.startUs > 0 && v.Withdrawn.IsZero() && now.Before(v.CommentsEnd()) && now.Before(v.Start)
}

const versionColumns = `no, version, scope, words_zh, words_en, script, notice_days, comment_days, start_us,
	drafted_by, drafted_name, drafted_us, signed_by, signed_name, signed_us, counter_by, counter_name, counter_us, withdrawn_by, withdrawn_us`

func scanVersion(r *db.Rows, v *Version) error {
	var zh, en string
	var drafted, signed, counter, withdrawn int64
	err := r.Scan(&v.No, &v.Version, &v.Scope, &zh, &en, &v.Script, &v.NoticeDays, &v.CommentDays, &v.startUs,
		&v.DraftedBy, &v.DraftedName, &drafted, &v.SignedBy, &v.SignedName, &signed,
		&v.CountersignedBy, &v.CountersignedName, &counter, &v.WithdrawnByID, &withdrawn)
	v.Words = fault.Words{string(i18n.Chinese): zh, string(i18n.English): en}
	v.Start, v.Drafted, v.Signed = clock.FromUs(v.startUs), clock.FromUs(drafted), clock.FromUs(signed)
	v.Countersigned, v.Withdrawn = clock.FromUs(counter), clock.FromUs(withdrawn)
	return err
}

// Versions lists every version of every promise by number, the oldest first;
// drafts only with drafts.
func Versions(ctx context.Context, q db.Querier, drafts bool) ([]Version, error) {
	rows, err := q.Query(ctx, `SELECT `+versionColumns+` FROM promise_version WHERE $1 OR signed_by <> '' ORDER BY no, version`, drafts)
	return db.Collect(rows, err, scanVersion)
}

// VersionOf reads one; NotFound.
func VersionOf(ctx context.Context, q db.Querier, no string, version int64) (Version, error) {
	rows, err := q.Query(ctx, `SELECT `+versionColumns+` FROM promise_version WHERE no = $1 AND version = $2`, no, version)
	list, err := db.Collect(rows, err, scanVersion)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return append(list, Version{})[0], err
}

// Rules are the signed versions, from which the one in force at a time is taken.
type Rules struct{ all []Version }

// Load reads the rules.
func Load(ctx context.Context, q db.Querier) (*Rules, error) {
	all, err := Versions(ctx, q, false)
	return &Rules{all}, err
}

// For is the version of a scope in force at a time, in microseconds.
func (r *Rules) For(s Scope, us int64) (Version, error) {
	var found *Version
	for i, v := range r.all {
		if v.Scope == s && v.Withdrawn.IsZero() && v.startUs <= us && (found == nil || v.startUs >= found.startUs) {
			found = &r.all[i]
		}
	}
	if found == nil {
		return Version{}, fmt.Errorf("promise: no promise of %s was in force then", s)
	}
	return *found, nil
}

// InForce lists the version of each promise in force at a time, by number.
func (r *Rules) InForce(at time.Time) []Version {
	var out []Version
	for _, v := range r.all { // by number, the oldest first
		if !v.Withdrawn.IsZero() || v.startUs > clock.Us(at) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].No == v.No {
			if v.startUs >= out[n-1].startUs {
				out[n-1] = v
			}
			continue
		}
		out = append(out, v)
	}
	return out
}

// StateOf tells how a version stands at a time.
func (r *Rules) StateOf(v Version, at time.Time) State {
	switch {
	case v.SignedBy == "":
		return Draft
	case !v.Withdrawn.IsZero():
		return Retracted
	case v.startUs > clock.Us(at):
		return Announced
	}
	for _, x := range r.InForce(at) {
		if x.No == v.No && x.Version == v.Version {
			return InForce
		}
	}
	return Replaced
}
