package actor

import (
	"slices"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Role is what a person may do at the centre.
type Role string

const (
	Buyer     Role = "buyer"
	Host      Role = "host"
	Operator  Role = "operator"
	Moderator Role = "moderator"
	Selector  Role = "selector"
	Packer    Role = "packer"
	Service   Role = "service"
	Finance   Role = "finance"
	Teacher   Role = "teacher"
	Overseer  Role = "overseer"
	Producer  Role = "producer"
	Admin     Role = "admin"
)

// Roles lists every role in the order screens show them.
var Roles = []Role{Buyer, Host, Operator, Moderator, Selector, Packer, Service, Finance, Teacher, Producer, Overseer, Admin}

// ValidRole tells whether r is a role.
func ValidRole(r Role) bool { return slices.Contains(Roles, r) }

var adminCovers = []Role{Operator, Moderator, Selector, Packer, Service}

// Actor is who asks for something to be done. The zero Actor is an anonymous
// visitor.
type Actor struct {
	User  id.User // "" for an anonymous visitor and for the system
	Name  string  // shown name, never a phone number
	Roles []Role
	Via   string // "web", "api", "system": for the audit trail
}

// System is the centre itself: clocks, callbacks, the demo world.
func System(name string) Actor { return Actor{Name: name, Via: "system"} }

// SignedIn tells whether a person stands behind it.
func (a Actor) SignedIn() bool { return a.User != "" }

// IsSystem tells whether it is the centre itself.
func (a Actor) IsSystem() bool { return a.Via == "system" }

// Has tells whether the actor holds one of the roles. Everyone signed in is a
// buyer; the system holds every role.
func (a Actor) Has(any ...Role) bool {
	if a.IsSystem() {
		return true
	}
	if !a.SignedIn() {
		return false
	}
	for _, r := range any {
		if r == Buyer || slices.Contains(a.Roles, r) {
			return true
		}
		if slices.Contains(a.Roles, Admin) && slices.Contains(adminCovers, r) {
			return true
		}
	}
	return false
}

// Staff tells whether the actor works at the centre.
func (a Actor) Staff() bool {
	return a.Has(Host, Operator, Moderator, Selector, Packer, Service, Finance, Teacher, Overseer, Admin)
}

// Need refuses an actor who holds none of the roles.
func (a Actor) Need(any ...Role) error {
	switch {
	case a.Has(any...):
		return nil
	case !a.SignedIn():
		return fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	return fault.New(fault.Denied, "fault.denied")
}
