package promise

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
)

// Movement is the public part of a booking in the public log: which promises
// its money falls under, and the sums by class of account. Whose money it is,
// of which order, stands only in what is committed to.
type Movement struct {
	Promises []string `json:"promises"`
	entry.Sums
}

// byMoney are the promises by what they are about, in the order of why.
var byMoney = []struct {
	no       string
	prefixes []string
}{
	{"P1", []string{"producer/local", "trade/pending/local", "trade/margin/local", "trade/loss/local"}},
	{"P2", []string{"gift", "charity"}},
	{"P3", []string{"commission/earned", "trade/margin", "trade/loss", "freight/earned", "service", "profit", "growth", "costs"}},
	{"P4", []string{"host", "agency"}},
	{"P5", []string{"producer/outside", "commission"}},
}

// Pledged tells which promises the money of a transaction falls under; none for
// one that is not in the public log: an order that is not paid yet, and money
// that only passes from a channel to the bank or back to its owner.
func Pledged(t ledger.Txn) []string {
	if t.Kind == KindPlaced || t.Kind == KindClosed { // nothing was paid
		return nil
	}
	var out []string
	for _, m := range byMoney {
		if touches(t, m.prefixes...) {
			out = append(out, m.no)
		}
	}
	return out
}

// hidden are the kinds whose single amounts are somebody's own business: what
// one gave, earned or was paid. Their sums are told when enough came together.
var hidden = []string{KindGift, KindGiftRefunded, KindGiftCovered, KindHostEarned, KindHostTakenBack, KindPaidOut, KindPayoutReversed}

// classes adds up the lines by account without the ids: "producer/local/owed".
func classes(t ledger.Txn) map[string]int64 {
	out := map[string]int64{}
	for _, l := range t.Lines {
		if e, _, ok := find(l.Path); ok {
			out[strings.ReplaceAll(e.pattern, "*/", "")] += int64(l.Fen)
		}
	}
	return out
}

// leaf is what the public log gets of a transaction; false for nothing.
func leaf(tx *db.Tx, t ledger.Txn) (tlog.Leaf, bool) {
	m := Movement{Promises: Pledged(t)}
	if len(m.Promises) == 0 {
		return tlog.Leaf{}, false
	}
	o := tlog.Txn{Ref: t.Ref, Kind: t.Kind, AtUs: tx.NowUs(), Day: clock.DayOf(tx.Now), Memo: t.Memo}
	for _, l := range t.Lines {
		o.Lines = append(o.Lines, tlog.Line{Path: l.Path, Fen: int64(l.Fen)})
	}
	if slices.Contains(hidden, t.Kind) {
		m.Hidden, o.Fen = true, classes(t)
	} else {
		m.Fen = classes(t)
	}
	return tlog.Leaf{Kind: t.Kind, Ref: tlog.TxnRef(t.Ref), Public: m, Opening: o}, true
}

// fix puts what was written into the public log, in the same transaction.
func fix(ctx context.Context, tx *db.Tx, txns []ledger.Txn, wrote []bool) error {
	var leaves []tlog.Leaf
	for i, t := range txns {
		if l, ok := leaf(tx, t); ok && wrote[i] {
			leaves = append(leaves, l)
		}
	}
	if len(leaves) == 0 {
		return nil
	}
	return tlog.Fix(ctx, tx, leaves...)
}

// versionPublic is a promise version in the public log: all of it is public.
type versionPublic struct {
	No          string `json:"no"`
	Version     int64  `json:"version"`
	Scope       Scope  `json:"scope"`
	WordsZH     string `json:"words_zh"`
	WordsEN     string `json:"words_en"`
	Script      string `json:"script"`
	NoticeDays  int64  `json:"notice_days"`
	CommentDays int64  `json:"comment_days"`
	Signed      string `json:"signed"` // days
	Start       string `json:"start"`
	Withdrawn   string `json:"withdrawn,omitempty"`
}

// fixVersion puts a version into the public log.
func fixVersion(ctx context.Context, tx *db.Tx, kind string, v Version) error {
	return tlog.Fix(ctx, tx, tlog.Leaf{Kind: kind, Ref: v.LogRef(), Public: publicOf(v)})
}

func publicOf(v Version) versionPublic {
	p := versionPublic{No: v.No, Version: v.Version, Scope: v.Scope, WordsZH: v.Text(i18n.Chinese), WordsEN: v.Text(i18n.English), Script: v.Script,
		NoticeDays: v.NoticeDays, CommentDays: v.CommentDays, Signed: day(v.Signed), Start: day(v.Start)}
	if !v.Withdrawn.IsZero() {
		p.Withdrawn = day(v.Withdrawn)
	}
	return p
}

// AsSigned is a version as it was before it was withdrawn: the public log has
// an entry of each.
func (v Version) AsSigned() Version {
	v.Withdrawn = time.Time{}
	return v
}

// Logged tells whether an entry of the public log says what the version says.
func (v Version) Logged(public []byte) bool {
	var said versionPublic
	return json.Unmarshal(public, &said) == nil && said == publicOf(v)
}

// LogVersions puts signed versions into the public log that are not in it: the
// founding ones came with the tables. It may run at every start.
func LogVersions(ctx context.Context, d *db.DB) error {
	all, err := Versions(ctx, d, false)
	if err != nil {
		return err
	}
	return d.Update(ctx, func(tx *db.Tx) error {
		for _, v := range all {
			if err := fixVersion(ctx, tx, "promise.signed", v.AsSigned()); err != nil {
				return err
			}
		}
		return nil
	})
}

// day as text, "" for the first day of all.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return clock.DayOf(t).String()
}

// LogRef is the ref of the version's entry in the public log, or of that of its
// withdrawal.
func (v Version) LogRef() string {
	ref := fmt.Sprintf("promise/%s/%d", v.No, v.Version)
	if !v.Withdrawn.IsZero() {
		ref += "/withdrawn"
	}
	return ref
}
