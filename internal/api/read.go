package api

import (
	"unicode/utf8"

	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// scan reads an order's JSON as nearly everybody writes it: no escapes, no
// member twice, no fractions. What is otherwise it leaves to encoding/json,
// which is four times slower. A test holds the two against each other.
type scan struct {
	b   []byte
	i   int
	bad bool // not for scan
}

// readPlace reads an order, or gives false for what is not that plain.
func readPlace(body []byte, in *placeIn) bool {
	s, o := &scan{b: body}, &in.Body
	s.object(func(key string) {
		switch key {
		case "show":
			o.Show = id.Show(s.text())
		case "address":
			o.Address = id.Address(s.text())
		case "note":
			o.Note = s.text()
		case "no_return_ok":
			o.NoReturnOK = s.truth()
		case "lines":
			s.list(func() { o.Lines = append(o.Lines, s.line()) })
		default:
			s.bad = true
		}
	})
	s.space()
	return !s.bad && s.i == len(s.b)
}

func (s *scan) line() (l flow.PlaceLine) {
	s.object(func(key string) {
		switch key {
		case "item":
			l.Item = id.Item(s.text())
		case "product":
			l.Product = id.Product(s.text())
		case "units":
			l.Units = s.number()
		case "price_fen":
			l.Price = money.Fen(s.number())
		default:
			s.bad = true
		}
	})
	return l
}

func (s *scan) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\n' || s.b[s.i] == '\t' || s.b[s.i] == '\r') {
		s.i++
	}
}

// is takes c if it comes next.
func (s *scan) is(c byte) bool {
	if s.space(); s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scan) want(c byte) {
	if !s.is(c) {
		s.bad = true
	}
}

// maxMembers is more than any object here has.
const maxMembers = 8

func (s *scan) object(member func(key string)) {
	var keys [maxMembers]string
	s.want('{')
	for n := 0; !s.bad; n++ {
		if n == 0 && s.is('}') {
			return
		}
		key := s.text()
		for _, k := range keys[:min(n, maxMembers)] {
			s.bad = s.bad || k == key // encoding/json has its own mind about that
		}
		if s.want(':'); s.bad || n == maxMembers {
			s.bad = true
			return
		}
		keys[n] = key
		member(key)
		if s.is('}') {
			return
		}
		s.want(',')
	}
}

func (s *scan) list(element func()) {
	s.want('[')
	for n := 0; !s.bad; n++ {
		if n == 0 && s.is(']') {
			s.bad = true // no lines: let the other say so
			return
		}
		element()
		if s.is(']') {
			return
		}
		s.want(',')
	}
}

func (s *scan) text() string {
	s.want('"')
	for from := s.i; !s.bad && s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			t := s.b[from:s.i]
			s.i++
			s.bad = !utf8.Valid(t)
			return string(t)
		case c == '\\' || c < ' ':
			s.bad = true
		}
	}
	s.bad = true
	return ""
}

// number reads a whole number of at most 15 digits.
func (s *scan) number() (n int64) {
	s.space()
	from := s.i
	for ; s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9'; s.i++ {
		n = n*10 + int64(s.b[s.i]-'0')
		if s.i-from >= 15 {
			s.bad = true
			return 0
		}
	}
	if s.i == from || s.i-from > 1 && s.b[from] == '0' {
		s.bad = true
	}
	return n // a fraction or an exponent is no ',' and no '}'
}

func (s *scan) truth() bool {
	s.space()
	for _, w := range []string{"true", "false"} {
		if len(s.b)-s.i >= len(w) && string(s.b[s.i:s.i+len(w)]) == w {
			s.i += len(w)
			return w == "true"
		}
	}
	s.bad = true
	return false
}
