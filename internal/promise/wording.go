package promise

import (
	"context"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
)

// Wording is what the promises in force at a time say: words by language, by a
// promise's number. Pages and papers take them from here and never from a list
// of messages, so that a new version speaks everywhere from its first minute.
type Wording map[string]fault.Words

// In is a promise's words in a language; "" when no such promise was in force.
func (w Wording) In(lang, no string) string { return w[no][lang] }

// Worded reads the words in force at a time.
func Worded(ctx context.Context, q db.Querier, at time.Time) (Wording, error) {
	rules, err := Load(ctx, q)
	if err != nil {
		return nil, err
	}
	w := Wording{}
	for _, v := range rules.InForce(at) {
		w[v.No] = v.Words
	}
	return w, nil
}

// Broken is the refusal of something that promise no forbids, in the words in
// force; key is its message and ref what was refused.
func Broken(ctx context.Context, q db.Querier, key, no, ref string) error {
	return inWords(ctx, q, broken(key, no, ref))
}

// inWords puts the words in force into a refusal that names a promise.
func inWords(ctx context.Context, q db.Querier, err error) error {
	if err == nil {
		return nil
	}
	f := fault.Of(err)
	no, ok := f.Args["No"].(string)
	if !ok {
		return err
	}
	words, lerr := Worded(ctx, q, db.Now(q))
	if lerr != nil {
		return err // the refusal matters more than its words
	}
	if w, ok := words[no]; ok {
		f.Args["Words"] = w
	}
	return err
}
