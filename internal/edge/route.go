package edge

import (
	"net/http"
	"slices"
	"strings"

	"lindu.example/lindu/internal/actor"
)

// Handler answers a request or gives an error, which is rendered once.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Access says who may use a route.
type Access struct {
	Signed bool         // a sign-in is needed
	Roles  []actor.Role // one of these is needed
	Kind   string       // kind of the object in {id} that must be one's own: "order", "show", "producer", …
	OrRole []actor.Role // who may use it with anyone's object
}

// Anyone may use it, signed in or not.
func Anyone() Access { return Access{} }

// Buyers may use it: everyone signed in.
func Buyers() Access { return Access{Signed: true} }

// Only people with one of the roles may use it.
func Only(roles ...actor.Role) Access { return Access{Signed: true, Roles: roles} }

// Own narrows the access to the asker's own object, or anyone's for the roles.
func (a Access) Own(kind string, or ...actor.Role) Access {
	a.Signed, a.Kind, a.OrRole = true, kind, or
	return a
}

// Check refuses an actor whom the access does not let in, the object apart.
func (a Access) Check(who actor.Actor) error {
	if !a.Signed {
		return nil
	}
	if len(a.Roles) == 0 {
		return who.Need(actor.Buyer)
	}
	return who.Need(append(slices.Clone(a.Roles), a.OrRole...)...)
}

// Route is one line of the table.
type Route struct {
	Method string // GET, POST, …; "" for every method
	Path   string // pattern of net/http: "/orders/{id}"
	Access Access
	Handle Handler
	// Raw is mounted instead of Handle for what is no page: sockets, media,
	// provider callbacks. Access holds all the same.
	Raw http.Handler
}

// Pattern is the mux pattern.
func (r Route) Pattern() string { return strings.TrimSpace(r.Method + " " + r.Path) }
