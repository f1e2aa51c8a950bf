package promise

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
)

// Limits of a change. The least notice is that of the E-Commerce Law, art. 34:
// changed rules are shown at least seven days before they apply, and comments
// on them are asked for.
const (
	MinNotice  = 7 // days
	MaxNotice  = 365
	MinComment = 3
	MaxWords   = 300 // characters
)

// NewVersion is what a drafter fills in.
type NewVersion struct {
	No          string // "P1"; a new number for a new promise
	Scope       Scope  // of a new promise; an old one keeps its own
	WordsZH     string
	WordsEN     string
	Script      string
	NoticeDays  int64
	CommentDays int64
}

var numberForm = regexp.MustCompile(`^P[1-9][0-9]?$`)

func (n *NewVersion) check(ctx context.Context) error {
	n.WordsZH, n.WordsEN = strings.TrimSpace(n.WordsZH), strings.TrimSpace(n.WordsEN)
	n.Script = strings.ReplaceAll(n.Script, "\r\n", "\n")
	var faults []*fault.Error
	for _, f := range []struct{ field, text string }{{"words_zh", n.WordsZH}, {"words_en", n.WordsEN}} {
		switch c := utf8.RuneCountInString(f.text); {
		case c == 0:
			faults = append(faults, fault.New(fault.Invalid, "fault.required").At(f.field))
		case c > MaxWords || strings.ContainsRune(f.text, 0):
			faults = append(faults, fault.New(fault.Invalid, "fault.too_long", "Max", MaxWords).At(f.field))
		}
	}
	if n.NoticeDays < MinNotice || n.NoticeDays > MaxNotice {
		faults = append(faults, fault.New(fault.Invalid, "promise.notice", "Min", MinNotice, "Max", MaxNotice).At("notice_days"))
	}
	if n.CommentDays < MinComment || n.CommentDays > n.NoticeDays {
		faults = append(faults, fault.New(fault.Invalid, "promise.comment_days", "Min", MinComment).At("comment_days"))
	}
	if !numberForm.MatchString(n.No) {
		faults = append(faults, fault.New(fault.Invalid, "promise.number").At("no"))
	}
	if err := Try(ctx, n.Scope, n.Script); err != nil {
		faults = append(faults, fault.Of(err))
	}
	return fault.Join(faults...)
}

// WriteDraft writes the draft of a promise's next version, or writes it anew:
// there is one draft of a promise at a time (finance, admin). The script is
// tried over the examples. Faults a field; promise.script_…; promise.announced
// while a signed version of it still waits for its start.
func WriteDraft(ctx context.Context, tx *db.Tx, who actor.Actor, n NewVersion) (Version, error) {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return Version{}, err
	}
	all, err := Versions(ctx, tx, true)
	if err != nil {
		return Version{}, err
	}
	next := int64(1)
	for _, v := range all {
		switch {
		case v.No != n.No && v.Scope == n.Scope && n.Scope != ForWords:
			return Version{}, fault.New(fault.Conflict, "promise.scope_taken", "No", v.No).At("scope")
		case v.No != n.No:
			continue
		case v.SignedBy != "":
			next, n.Scope = v.Version+1, v.Scope
			if v.Withdrawn.IsZero() && v.Start.After(tx.Now) {
				return Version{}, fault.New(fault.Conflict, "promise.announced", "No", v.No)
			}
		default:
			next = v.Version
		}
	}
	if err := n.check(ctx); err != nil {
		return Version{}, inWords(ctx, tx, err)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO promise_version (no, version, scope, words_zh, words_en, script, notice_days, comment_days, drafted_by, drafted_name, drafted_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (no, version) DO UPDATE SET scope = excluded.scope, words_zh = excluded.words_zh, words_en = excluded.words_en, script = excluded.script,
			notice_days = excluded.notice_days, comment_days = excluded.comment_days,
			drafted_by = excluded.drafted_by, drafted_name = excluded.drafted_name, drafted_us = excluded.drafted_us`,
		n.No, next, n.Scope, n.WordsZH, n.WordsEN, n.Script, n.NoticeDays, n.CommentDays, signer(who), who.Name, tx.NowUs()); err != nil {
		return Version{}, err
	}
	if err := audit.Write(ctx, tx, who, "promise.draft", "promise", n.No, map[string]any{"version": next}); err != nil {
		return Version{}, err
	}
	return VersionOf(ctx, tx, n.No, next)
}

// Sign makes a draft public; another person than the drafter signs (finance,
// admin). It binds from the first midnight after the notice. Signing again
// changes nothing. Faults: NotFound, promise.two_signers, and those of the
// script, which is tried again.
func Sign(ctx context.Context, tx *db.Tx, who actor.Actor, no string, version int64) (Version, error) {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return Version{}, err
	}
	v, err := VersionOf(ctx, tx, no, version)
	if err != nil || v.SignedBy != "" {
		return v, err
	}
	if string(v.DraftedBy) == signer(who) {
		return v, fault.New(fault.Denied, "promise.two_signers")
	}
	if err := Try(ctx, v.Scope, v.Script); err != nil {
		return v, inWords(ctx, tx, err)
	}
	start := clock.DayOf(tx.Now.AddDate(0, 0, int(v.NoticeDays))).Add(1).Time()
	if _, err := tx.Exec(ctx, `
		UPDATE promise_version SET signed_by = $3, signed_name = $4, signed_us = $5, start_us = $6 WHERE no = $1 AND version = $2 AND signed_by = ''`,
		no, version, signer(who), who.Name, tx.NowUs(), clock.Us(start)); err != nil {
		return v, err
	}
	if err := audit.Write(ctx, tx, who, "promise.sign", "promise", no, map[string]any{"version": version, "start": clock.DayOf(start).String()}); err != nil {
		return v, err
	}
	v, err = VersionOf(ctx, tx, no, version)
	if err != nil {
		return v, err
	}
	return v, fixVersion(ctx, tx, "promise.signed", v)
}

// Countersign adds the overseer's name to a signed version; it is not needed
// for it to bind. A third person does it. Again changes nothing.
func Countersign(ctx context.Context, tx *db.Tx, who actor.Actor, no string, version int64) error {
	if err := who.Need(actor.Overseer); err != nil {
		return err
	}
	v, err := VersionOf(ctx, tx, no, version)
	if err != nil || v.CountersignedBy != "" {
		return err
	}
	if v.SignedBy == "" {
		return fault.New(fault.Conflict, "promise.not_signed")
	}
	if me := signer(who); me == string(v.DraftedBy) || me == string(v.SignedBy) {
		return fault.New(fault.Denied, "promise.two_signers")
	}
	if _, err := tx.Exec(ctx, `UPDATE promise_version SET counter_by = $3, counter_name = $4, counter_us = $5 WHERE no = $1 AND version = $2 AND counter_by = ''`,
		no, version, signer(who), who.Name, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "promise.countersign", "promise", no, map[string]any{"version": version})
}

// Withdraw takes a signed version back before it binds (finance, admin): it
// stays public, as withdrawn. Again changes nothing. Faults: promise.binds.
func Withdraw(ctx context.Context, tx *db.Tx, who actor.Actor, no string, version int64) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	v, err := VersionOf(ctx, tx, no, version)
	if err != nil || !v.Withdrawn.IsZero() {
		return err
	}
	if v.SignedBy == "" || !v.Start.After(tx.Now) {
		return fault.New(fault.Conflict, "promise.binds")
	}
	if _, err := tx.Exec(ctx, `UPDATE promise_version SET withdrawn_by = $3, withdrawn_us = $4 WHERE no = $1 AND version = $2 AND withdrawn_us = 0`,
		no, version, signer(who), tx.NowUs()); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, who, "promise.withdraw", "promise", no, map[string]any{"version": version}); err != nil {
		return err
	}
	if v, err = VersionOf(ctx, tx, no, version); err != nil {
		return err
	}
	return fixVersion(ctx, tx, "promise.withdrawn", v)
}

// DropDraft forgets a draft (finance, admin).
func DropDraft(ctx context.Context, tx *db.Tx, who actor.Actor, no string, version int64) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM promise_version WHERE no = $1 AND version = $2 AND signed_by = ''`, no, version)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "promise.drop", "promise", no, map[string]any{"version": version})
}

// Comment is what somebody said to a version before it binds.
type Comment struct {
	ID      id.Comment
	No      string
	Version int64
	Author  string
	Body    string
	Hidden  bool
	Why     string // it was hidden
	At      time.Time
}

// Limits of comments.
const (
	MaxComment      = 500 // characters
	CommentsADay    = 5   // of one person, on all versions
	CommentsOfOne   = 3   // of one person on one version
	MaxCommentsRead = 500
)

// Say adds a comment to a version in its comment period (everyone signed in).
// Faults: promise.comments_closed, promise.comments_many, and those of the
// text.
func Say(ctx context.Context, tx *db.Tx, who actor.Actor, no string, version int64, body string) (Comment, error) {
	c := Comment{ID: id.New[id.Comment](), No: no, Version: version, Author: who.Name, At: clock.FromUs(tx.NowUs())}
	if err := who.Need(actor.Buyer); err != nil {
		return c, err
	}
	body = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(body, "\x00", ""), ""))
	switch n := utf8.RuneCountInString(body); {
	case n == 0:
		return c, fault.New(fault.Invalid, "fault.required").At("body")
	case n > MaxComment:
		return c, fault.New(fault.Invalid, "fault.too_long", "Max", MaxComment).At("body")
	}
	c.Body = body
	v, err := VersionOf(ctx, tx, no, version)
	if err != nil {
		return c, err
	}
	if !v.Open(tx.Now) {
		return c, fault.New(fault.Conflict, "promise.comments_closed")
	}
	var today, here int64
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(sum(CASE WHEN at_us > $2 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN no = $3 AND version = $4 THEN 1 ELSE 0 END), 0)
		FROM promise_comment WHERE author_id = $1`, who.User, clock.Us(tx.Now.AddDate(0, 0, -1)), no, version).Scan(&today, &here); err != nil {
		return c, err
	}
	if today >= CommentsADay || here >= CommentsOfOne {
		return c, fault.New(fault.TooMany, "promise.comments_many", "Here", CommentsOfOne, "Day", CommentsADay)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO promise_comment (id, no, version, author_id, author, body, state, at_us) VALUES ($1, $2, $3, $4, $5, $6, 'shown', $7)`,
		c.ID, no, version, who.User, c.Author, c.Body, tx.NowUs()); err != nil {
		return c, err
	}
	return c, audit.Write(ctx, tx, who, "promise.comment", "promise", no, map[string]any{"version": version, "comment": c.ID})
}

// HideComment hides an unlawful comment, with the reason, which is shown in its
// place (moderator, overseer).
func HideComment(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Comment, why string) error {
	if err := who.Need(actor.Moderator, actor.Overseer); err != nil {
		return err
	}
	why, err := words("why", why)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE promise_comment SET state = 'hidden', hidden_by = $2, hidden_why = $3, hidden_us = $4 WHERE id = $1 AND state = 'shown'`,
		c, who.User, why, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "promise.hide_comment", "promise_comment", c, map[string]any{})
}

// Comments lists what was said to a version, the oldest first. Of a hidden one
// only the reason is given.
func Comments(ctx context.Context, q db.Querier, no string, version int64) ([]Comment, error) {
	rows, err := q.Query(ctx, `
		SELECT id, author, CASE WHEN state = 'hidden' THEN '' ELSE body END, state = 'hidden', hidden_why, at_us
		FROM promise_comment WHERE no = $1 AND version = $2 ORDER BY id LIMIT $3`, no, version, MaxCommentsRead)
	return db.Collect(rows, err, func(r *db.Rows, c *Comment) error {
		var us int64
		c.No, c.Version = no, version
		err := r.Scan(&c.ID, &c.Author, &c.Body, &c.Hidden, &c.Why, &us)
		c.At = clock.FromUs(us)
		return err
	})
}

// Text is the words in a language.
func (v Version) Text(l i18n.Lang) string { return v.Words[string(l)] }
