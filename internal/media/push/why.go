package push

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"unicode"

	"lindu.example/lindu/internal/media"
)

// Reasons of our own.
var (
	errAway    = errors.New("push: no picture")
	errLagging = errors.New("push: the target is too slow")
	errNoAAC   = errors.New("push: no program makes AAC of Opus")
	errAAC     = errors.New("push: the program that makes AAC failed")
)

// refusal is what a target said when it did not want the picture.
type refusal struct{ said string }

func (r *refusal) Error() string { return "push: refused by the target" }

// outcome of an attempt, for the status.
type outcome struct {
	why      string
	said     string
	refused  bool
	hopeless bool // only a person can mend it
}

// sort puts an error into words for people. Its own text is not shown:
// it may quote what was sent, and so the key.
func sort(err error, key string) outcome {
	var dns *net.DNSError
	var bad *refusal
	var tls *tlsError
	var ne net.Error
	switch {
	case errors.Is(err, ErrPrivate):
		return outcome{why: "send.err_private", refused: true, hopeless: true}
	case errors.Is(err, errNoAAC):
		return outcome{why: "send.err_no_aac", refused: true, hopeless: true}
	case errors.Is(err, errAAC):
		return outcome{why: "send.err_aac"}
	case errors.Is(err, errLagging), errors.Is(err, media.ErrSlow):
		return outcome{why: "send.err_slow"}
	case errors.As(err, &bad):
		return outcome{why: "send.err_refused", said: clean(bad.said, key), refused: true}
	case errors.As(err, &dns):
		return outcome{why: "send.err_name"}
	case errors.As(err, &tls):
		return outcome{why: "send.err_tls"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return outcome{why: "send.err_silent"}
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return outcome{why: "send.err_unreachable"}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return outcome{why: "send.err_closed"}
	}
	return outcome{why: "send.err_strange"}
}

// clean makes a target's words fit to be shown: without the key or its parts,
// without control characters, short.
func clean(said, key string) string {
	const most, hidden = 160, "•••"
	for _, part := range append([]string{key}, strings.FieldsFunc(key, func(r rune) bool { return r == '?' || r == '&' || r == '=' || r == '/' })...) {
		if len(part) >= 6 {
			said = strings.ReplaceAll(said, part, hidden)
		}
	}
	said = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, said)
	r := []rune(strings.Join(strings.Fields(said), " "))
	if len(r) > most {
		r = append(r[:most], '…')
	}
	return string(r)
}
