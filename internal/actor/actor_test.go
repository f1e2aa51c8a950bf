package actor_test

import (
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
)

func TestNeed(t *testing.T) {
	li := actor.Actor{User: "u1", Roles: []actor.Role{actor.Host}}
	if err := li.Need(actor.Operator, actor.Host); err != nil {
		t.Error(err)
	}
	if err := li.Need(actor.Operator); !fault.Is(err, fault.Denied) {
		t.Errorf("host as operator: %v", err)
	}
	if err := li.Need(actor.Buyer); err != nil {
		t.Errorf("everyone signed in is a buyer: %v", err)
	}
	if err := (actor.Actor{}).Need(actor.Buyer); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("anonymous: %v", err)
	}
	admin := actor.Actor{User: "u2", Roles: []actor.Role{actor.Admin}}
	if !admin.Has(actor.Operator) || admin.Has(actor.Finance) {
		t.Error("admin must cover operator and not finance")
	}
}
