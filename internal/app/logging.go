package app

import (
	"context"
	"io"
	"log/slog"
	"regexp"

	"lindu.example/lindu/internal/app/config"
)

// NewLog makes the server's log: structured, and without personal data even
// where somebody forgot.
func NewLog(w io.Writer, c config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked by config
	o := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, o)
	if c.Format == "json" {
		h = slog.NewJSONHandler(w, o)
	}
	return slog.New(redact{h})
}

// personal finds what looks like a mainland mobile number or an identity
// number; the vault keeps the rest out of errors.
var personal = regexp.MustCompile(`(?:^|\D)(?:(?:86)?1[3-9]\d{9}|\d{17}[\dXx])(?:\D|$)`)

// redact blots personal data out of messages and values: the net under rules
// that forbid logging it in the first place.
type redact struct{ slog.Handler }

func blot(s string) string {
	if !personal.MatchString(s) {
		return s
	}
	return "[redacted]"
}

func blotAttr(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(blot(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(blot(err.Error()))
		} else {
			a.Value = slog.StringValue(blot(a.Value.String()))
		}
	case slog.KindGroup:
		var out []slog.Attr
		for _, g := range a.Value.Group() {
			out = append(out, blotAttr(g))
		}
		a.Value = slog.GroupValue(out...)
	}
	return a
}

// Handle implements slog.Handler.
func (h redact) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, blot(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(blotAttr(a))
		return true
	})
	return h.Handler.Handle(ctx, out)
}

// WithAttrs implements slog.Handler.
func (h redact) WithAttrs(as []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(as))
	for i, a := range as {
		out[i] = blotAttr(a)
	}
	return redact{h.Handler.WithAttrs(out)}
}

// WithGroup implements slog.Handler.
func (h redact) WithGroup(name string) slog.Handler { return redact{h.Handler.WithGroup(name)} }
