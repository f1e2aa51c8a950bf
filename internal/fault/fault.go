package fault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind says what sort of failure it is.
type Kind string

const (
	Invalid         Kind = "invalid"         // the request is wrong; change it
	Unauthenticated Kind = "unauthenticated" // sign in first
	Denied          Kind = "denied"          // signed in, but not allowed
	NotFound        Kind = "not_found"       // no such thing, or not yours to see
	Conflict        Kind = "conflict"        // the thing has moved on
	Gone            Kind = "gone"            // it was here and is over
	TooLarge        Kind = "too_large"       // over a limit of size
	TooMany         Kind = "too_many"        // over a limit of rate, or a full queue: try again
	Unavailable     Kind = "unavailable"     // we can't just now: try again
	Internal        Kind = "internal"        // our mistake
)

var status = map[Kind]int{
	Invalid:         http.StatusUnprocessableEntity,
	Unauthenticated: http.StatusUnauthorized,
	Denied:          http.StatusForbidden,
	NotFound:        http.StatusNotFound,
	Conflict:        http.StatusConflict,
	Gone:            http.StatusGone,
	TooLarge:        http.StatusRequestEntityTooLarge,
	TooMany:         http.StatusTooManyRequests,
	Unavailable:     http.StatusServiceUnavailable,
	Internal:        http.StatusInternalServerError,
}

// Status is the HTTP status of the kind.
func (k Kind) Status() int {
	if s, ok := status[k]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Error is a failure that can be told to a person.
type Error struct {
	Kind       Kind
	Key        string         // message key, "order.sold_out"
	Args       map[string]any // values for the message's placeholders
	Field      string         // form field it belongs to, "" for the whole request
	RetryAfter time.Duration  // when to try again, 0 if unknown
	Others     []*Error       // further faults of the same request, one a field
	cause      error
}

// Words is an argument that is said in several languages, by language: text
// that people wrote and no message key has.
type Words map[string]string

// New makes a fault; args are name, value pairs for the message.
func New(kind Kind, key string, args ...any) *Error {
	e := &Error{Kind: kind, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = make(map[string]any, len(args)/2)
		}
		e.Args[fmt.Sprint(args[i])] = args[i+1]
	}
	return e
}

// Error is for logs: kind, key and cause, never a translated text.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Key)
	if e.Field != "" {
		fmt.Fprintf(&b, " (%s)", e.Field)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// At ties the fault to a form field.
func (e *Error) At(field string) *Error { e.Field = field; return e }

// After says when trying again makes sense.
func (e *Error) After(d time.Duration) *Error { e.RetryAfter = d; return e }

// Because keeps the cause for the log.
func (e *Error) Because(err error) *Error { e.cause = err; return e }

// Of gives the fault in err; an error that is none becomes an Internal one.
// Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return New(Internal, "fault.internal").Because(err)
}

// Is tells whether err is a fault of the kind.
func Is(err error, kind Kind) bool {
	var f *Error
	return errors.As(err, &f) && f.Kind == kind
}

// HasKey tells whether err is a fault with the message key.
func HasKey(err error, key string) bool {
	var f *Error
	return errors.As(err, &f) && f.Key == key
}

// Join makes one fault of several (one a field); nil if there is none.
func Join(faults ...*Error) error {
	var first *Error
	for _, f := range faults {
		switch {
		case f == nil:
		case first == nil:
			c := *f
			first = &c
		default:
			first.Others = append(first.Others, f)
		}
	}
	if first == nil {
		return nil
	}
	return first
}

// All lists the fault and its others.
func (e *Error) All() []*Error { return append([]*Error{e}, e.Others...) }
