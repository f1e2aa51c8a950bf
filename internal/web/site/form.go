package site

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/money"
)

// Form reads a posted form field by field and gathers what is wrong, so that a
// person sees all of it at once.
type Form struct {
	r      *http.Request
	faults []*fault.Error
}

// ReadForm parses the body.
func ReadForm(r *http.Request) (*Form, error) {
	if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	return &Form{r: r}, nil
}

func (f *Form) wrong(field string, e *fault.Error) { f.faults = append(f.faults, e.At(field)) }

// Add keeps a fault found elsewhere.
func (f *Form) Add(err error) {
	if err != nil {
		f.faults = append(f.faults, fault.Of(err).All()...)
	}
}

// Err is everything that was wrong, or nil.
func (f *Form) Err() error { return fault.Join(f.faults...) }

// Text is a trimmed field of at most n characters, empty allowed.
func (f *Form) Text(field string, n int) string {
	s := strings.TrimSpace(f.r.PostFormValue(field))
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > n {
		f.wrong(field, fault.New(fault.Invalid, "fault.too_long", "Max", n))
		return ""
	}
	return s
}

// Need is Text that must not be empty.
func (f *Form) Need(field string, n int) string {
	s := f.Text(field, n)
	if s == "" && len(f.faults) == 0 || s == "" && f.faults[len(f.faults)-1].Field != field {
		f.wrong(field, fault.New(fault.Invalid, "fault.required"))
	}
	return s
}

// Int is a whole number from min to max.
func (f *Form) Int(field string, min, max int64) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(f.r.PostFormValue(field)), 10, 64)
	if err != nil || n < min || n > max {
		f.wrong(field, fault.New(fault.Invalid, "fault.number", "Min", min, "Max", max))
		return 0
	}
	return n
}

// OptInt is Int, or the default for an empty field.
func (f *Form) OptInt(field string, min, max, def int64) int64 {
	if strings.TrimSpace(f.r.PostFormValue(field)) == "" {
		return def
	}
	return f.Int(field, min, max)
}

// Yuan is an amount; empty is 0 when it may be.
func (f *Form) Yuan(field string, optional bool) money.Fen {
	s := strings.TrimSpace(f.r.PostFormValue(field))
	if s == "" && optional {
		return 0
	}
	v, err := money.Parse(s)
	if err != nil {
		f.wrong(field, fault.New(fault.Invalid, "fault.amount"))
	}
	return v
}

// Day is a calendar day; empty is 0 when it may be.
func (f *Form) Day(field string, optional bool) clock.Day {
	s := strings.TrimSpace(f.r.PostFormValue(field))
	if s == "" && optional {
		return 0
	}
	d, err := clock.ParseDay(s)
	if err != nil {
		f.wrong(field, fault.New(fault.Invalid, "fault.day"))
	}
	return d
}

// One is a choice among the options.
func (f *Form) One(field string, options ...string) string {
	s := f.r.PostFormValue(field)
	for _, o := range options {
		if s == o {
			return s
		}
	}
	f.wrong(field, fault.New(fault.Invalid, "fault.choice"))
	return ""
}

// Tick is a checkbox.
func (f *Form) Tick(field string) bool { return f.r.PostFormValue(field) != "" }

// Many are the values of a repeated field, at most 200.
func (f *Form) Many(field string) []string {
	v := f.r.PostForm[field]
	if len(v) > 200 {
		v = v[:200]
	}
	return v
}
