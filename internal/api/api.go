package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/realtime"
	"lindu.example/lindu/internal/vault"
)

// API is what the handlers work on.
type API struct {
	Flow  *flow.Flow
	DB    *db.DB
	Vault *vault.Vault
	RT    *realtime.Hub
	Rooms *room.Cache // the truth of a room, read once for all who ask
	// Stream tells how a show's picture is: idle, live, away, ended.
	Stream func(show string) string
	Log    *slog.Logger
	// OnScreenCode gives a sign-in code in the answer: the demo only.
	OnScreenCode func(codeID string) string
	CodeLimit    *edge.Limiter

	mux    *http.ServeMux
	huma   huma.API
	routes []edge.Route
}

// Version of the interface.
const Version = "1.0.0"

// Routes builds the interface and gives its part of the route table.
func (a *API) Routes() []edge.Route {
	useProblems.Do(func() { huma.NewError = newProblem })
	a.mux = http.NewServeMux()
	c := huma.DefaultConfig("Lindu", Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema in bodies
	c.Info.Description = "The centre for programs: shows, orders, chat, control desk, producers' balances. Amounts are integers in fen."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer"}}
	a.huma = humago.New(a.mux, c)
	a.account()
	a.shows()
	a.orders()
	a.control()
	a.staff()
	spec, err := a.Spec()
	if err != nil {
		panic(err) // our own types can't be described: a broken build, seen by every test
	}
	return append(a.routes, edge.Route{Method: "GET", Path: "/api/openapi.json", Access: edge.Anyone(), Handle: func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, err := w.Write(spec)
		return err
	}})
}

// Spec is the OpenAPI description as indented JSON.
func (a *API) Spec() ([]byte, error) {
	b, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return append(b, '\n'), err
}

// op registers an operation and its line in the route table.
func op[I, O any](a *API, access edge.Access, o huma.Operation, fn func(ctx context.Context, who actor.Actor, in *I) (*O, error)) {
	if access.Signed {
		o.Security = []map[string][]string{{"bearer": {}}}
	}
	o.MaxBodyBytes = 64 << 10
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, edge.FromContext(ctx).Actor, in)
		if err != nil {
			return nil, a.problem(ctx, o.OperationID, err)
		}
		return out, nil
	})
	a.routes = append(a.routes, edge.Route{Method: o.Method, Path: o.Path, Access: access, Raw: a.mux})
}

// Problem is a fault as problem details (RFC 9457).
type Problem struct {
	Type       string            `json:"type" doc:"always about:blank; code says what it is"`
	Title      string            `json:"title" doc:"what happened, in the caller's language"`
	Status     int               `json:"status"`
	Code       string            `json:"code" doc:"message key, stable for programs: order.sold_out"`
	Fields     map[string]string `json:"fields,omitempty" doc:"what is wrong, by field"`
	RetryAfter int               `json:"retry_after,omitempty" doc:"seconds"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func newProblemOf(v edge.Visitor, f *fault.Error) *Problem {
	p := &Problem{Type: "about:blank", Title: v.P.Err(f), Status: f.Kind.Status(), Code: f.Key,
		RetryAfter: int((f.RetryAfter + time.Second - 1) / time.Second)}
	for _, o := range f.All() {
		if o.Field != "" {
			if p.Fields == nil {
				p.Fields = map[string]string{}
			}
			p.Fields[o.Field] = v.P.Err(o)
		}
	}
	return p
}

func (a *API) problem(ctx context.Context, operation string, err error) error {
	f := fault.Of(err)
	switch {
	case db.IsStorage(err):
		f = fault.New(fault.Unavailable, "fault.storage").After(10 * time.Second)
		a.Log.Error("storage failed", "operation", operation, "err", err)
	case errors.Is(err, db.ErrAway):
		f = fault.New(fault.Unavailable, "fault.stopping").After(2 * time.Second)
		a.Log.Error("the database does not answer", "operation", operation, "err", err)
	case db.IsBadText(err):
		f = fault.New(fault.Invalid, "fault.form")
	case f.Kind == fault.Internal && ctx.Err() == nil:
		a.Log.Error("request failed", "operation", operation, "err", err)
	}
	p := newProblemOf(edge.FromContext(ctx), f)
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if errors.Is(err, orderdesk.ErrAgain) {
		h.Set("Idempotent-Replayed", "true")
	}
	if len(h) > 0 {
		return huma.ErrorWithHeaders(p, h)
	}
	return p
}

var useProblems sync.Once

// newProblem is how huma tells of a body it can't read.
func newProblem(status int, msg string, errs ...error) huma.StatusError {
	p := &Problem{Type: "about:blank", Title: msg, Status: status, Code: "api.request"}
	for _, err := range errs {
		var d *huma.ErrorDetail
		if e, ok := err.(huma.ErrorDetailer); ok {
			d = e.ErrorDetail()
		} else if err != nil {
			d = &huma.ErrorDetail{Message: err.Error()}
		}
		if d != nil {
			if p.Fields == nil {
				p.Fields = map[string]string{}
			}
			p.Fields[d.Location] = d.Message
		}
	}
	return p
}

// RenderFault answers a request to /api/ that never reached an operation.
func RenderFault(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	p := newProblemOf(edge.Who(r), f)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller may be gone
}
