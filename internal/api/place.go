package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow"
)

// maxOrderBody bounds an order's JSON: 20 lines with room to spare.
const maxOrderBody = 64 << 10

// placeFast takes an order as a crowd sends it, without the work of checking a
// request against a description. What is not plainly well-formed goes on to
// next, the described operation, which says what is wrong with it; so the two
// can't differ in what they refuse.
func (a *API) placeFast(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := readBody(r)
		var in placeIn
		if err != nil || len(b) > maxOrderBody || !plainJSON(r) || !in.read(r, b) {
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(b), r.Body), r.Body}
			next.ServeHTTP(w, r)
			return
		}
		out, err := a.placeOrder(r.Context(), edge.Who(r).Actor, &in)
		if err != nil {
			a.answerProblem(w, r, "place-order", err)
			return
		}
		if out.Replayed != "" {
			w.Header().Set("Idempotent-Replayed", out.Replayed)
		}
		answerBytes(w, "application/json", http.StatusCreated, append(appendOrder(make([]byte, 0, 1024), &out.Body), '\n'))
	})
}

// readBody reads a body of told length in one piece.
func readBody(r *http.Request) ([]byte, error) {
	if n := r.ContentLength; n > 0 && n <= maxOrderBody {
		b := make([]byte, n)
		n, err := io.ReadFull(r.Body, b)
		return b[:n], err
	}
	return io.ReadAll(io.LimitReader(r.Body, maxOrderBody+1))
}

// plainJSON tells whether JSON is sent and JSON is wanted.
func plainJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return r.Header.Get("Content-Type") == "application/json" && (accept == "" || accept == "*/*" || accept == "application/json")
}

// read reads an order that keeps to the description, and else gives up.
func (in *placeIn) read(r *http.Request, body []byte) bool {
	in.Key = r.Header.Get("Idempotency-Key")
	o := &in.Body
	if !readPlace(body, in) {
		*o = placeIn{}.Body
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if d.Decode(o) != nil || len(bytes.TrimSpace(body[d.InputOffset():])) > 0 {
			return false
		}
	}
	if n := utf8.RuneCountInString(in.Key); n < flow.MinKey || n > flow.MaxKey || len(o.Lines) == 0 || len(o.Lines) > flow.MaxLines || o.Address == "" || utf8.RuneCountInString(o.Note) > 400 || !utf8.Valid(body) {
		return false
	}
	for _, l := range o.Lines {
		if l.Units < 1 || l.Units > flow.MaxUnits || l.Price <= 0 {
			return false
		}
	}
	return true
}

// answerProblem renders an error as the described operations do.
func (a *API) answerProblem(w http.ResponseWriter, r *http.Request, operation string, err error) {
	err = a.problem(r.Context(), operation, err)
	var h huma.HeadersError
	if errors.As(err, &h) {
		for k, vs := range h.GetHeaders() {
			w.Header()[k] = vs
		}
	}
	var p *Problem
	if !errors.As(err, &p) {
		p = newProblem(http.StatusInternalServerError, err.Error()).(*Problem)
	}
	answer(w, p.ContentType(""), p.Status, p)
}

// answer writes JSON whose length is told.
func answer(w http.ResponseWriter, contentType string, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // our own types always marshal
	}
	answerBytes(w, contentType, status, b.Bytes())
}

func answerBytes(w http.ResponseWriter, contentType string, status int, b []byte) {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(b))}
	w.WriteHeader(status)
	_, _ = w.Write(b) // the caller may be gone
}

// useFast puts the fast way in front of a described operation's route.
func (a *API) useFast(method, path string, fast func(http.Handler) http.Handler) {
	for i, rt := range a.routes {
		if rt.Method == method && strings.HasSuffix(rt.Path, path) {
			a.routes[i].Raw = fast(rt.Raw)
		}
	}
}
