package entry

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"lindu.example/lindu/internal/clock"
)

// Limits of the texts. The tiles of the log count an entry's length in 16 bits.
const (
	MaxBody    = 16 << 10
	MaxOpening = 64 << 10
	MaxKind    = 40
	SaltSize   = 32
)

// Version of the form.
const Version = 1

// Kind of the entry that sums up the entries before it (package tlog).
const KindTotals = "totals"

const prefix = "lindu log v1\n"

// ErrForm is an entry that is none.
var ErrForm = errors.New("entry: not an entry of the log")

// Entry is an entry as anyone reads it.
type Entry struct {
	V          int             `json:"v"`
	Kind       string          `json:"kind"`
	Day        string          `json:"day"` // 2026-11-23
	Public     json.RawMessage `json:"public"`
	Commitment string          `json:"commitment,omitempty"` // 64 hex digits
}

// Sums is the part of public that every verifier reads, where it is there.
type Sums struct {
	// Fen by class of account, debits positive as in the ledger. They add up
	// to zero. Left out where the amount is somebody's own business (a gift, a
	// host's pay): Hidden is true then, and only totals tell.
	Fen    map[string]int64 `json:"fen,omitempty"`
	Hidden bool             `json:"hidden,omitempty"`
}

// Text writes v as JSON of one line, as entries and openings are kept.
func Text(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// Make writes an entry. opening is the text to commit to with the salt, "" for
// none.
func Make(kind string, day clock.Day, public any, opening, salt string) (string, error) {
	p, err := Text(public)
	if err != nil {
		return "", err
	}
	e := Entry{V: Version, Kind: kind, Day: day.String(), Public: json.RawMessage(p)}
	if opening != "" {
		if e.Commitment, err = Commit(salt, opening); err != nil {
			return "", err
		}
	}
	body, err := Text(e)
	if err != nil {
		return "", err
	}
	if len(opening) > MaxOpening {
		return "", fmt.Errorf("%w: an opening of %d bytes, at most %d", ErrForm, len(opening), MaxOpening)
	}
	_, err = Parse([]byte(body))
	return body, err
}

// NewSalt makes a salt as 64 hex digits.
func NewSalt() string {
	var b [SaltSize]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // the system has no randomness: nothing may go on
	}
	return hex.EncodeToString(b[:])
}

// Commit is the commitment to an opening.
func Commit(salt, opening string) (string, error) {
	s, err := hex.DecodeString(salt)
	if err != nil || len(s) != SaltSize {
		return "", fmt.Errorf("%w: the salt is not %d bytes of hex", ErrForm, SaltSize)
	}
	h := sha256.New()
	io.WriteString(h, prefix) //nolint:errcheck // a hash takes everything
	h.Write(s)
	io.WriteString(h, opening) //nolint:errcheck
	return hex.EncodeToString(h.Sum(nil)), nil
}

var (
	kindForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)
	hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// Parse reads an entry and refuses what has another form: unknown fields, a
// day that is none, public that is no object.
func Parse(body []byte) (Entry, error) {
	var e Entry
	if len(body) > MaxBody {
		return e, fmt.Errorf("%w: %d bytes, at most %d", ErrForm, len(body), MaxBody)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return e, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if d.More() || bytes.IndexByte(body, '\n') >= 0 {
		return e, fmt.Errorf("%w: more than one line", ErrForm)
	}
	_, badDay := clock.ParseDay(e.Day)
	switch {
	case e.V != Version:
		return e, fmt.Errorf("%w: version %d", ErrForm, e.V)
	case len(e.Kind) > MaxKind || !kindForm.MatchString(e.Kind):
		return e, fmt.Errorf("%w: kind %q", ErrForm, e.Kind)
	case badDay != nil:
		return e, fmt.Errorf("%w: day %q", ErrForm, e.Day)
	case len(e.Public) == 0 || e.Public[0] != '{':
		return e, fmt.Errorf("%w: public is no object", ErrForm)
	case e.Commitment != "" && !hashForm.MatchString(e.Commitment):
		return e, fmt.Errorf("%w: commitment %q", ErrForm, e.Commitment)
	}
	return e, nil
}

// Sums reads the sums of the public part.
func (e Entry) Sums() (Sums, error) {
	var s Sums
	if err := json.Unmarshal(e.Public, &s); err != nil {
		return s, fmt.Errorf("%w: sums: %w", ErrForm, err)
	}
	return s, nil
}

// Opens tells whether salt and opening are what the entry commits to.
func (e Entry) Opens(salt, opening string) bool {
	c, err := Commit(salt, opening)
	return err == nil && e.Commitment != "" && c == e.Commitment
}
