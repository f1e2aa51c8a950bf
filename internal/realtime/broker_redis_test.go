package realtime

import (
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
)

// TestTwoNodesAreOneRoom runs two hubs on one Redis: events, history, recovery
// and counts are shared, and a Redis that lost everything makes clients come
// back and reload the truth.
func TestTwoNodesAreOneRoom(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	one := serve(t, Options{Redis: "redis://" + redis.Addr() + "/0"})
	two := serve(t, Options{Redis: "redis://" + redis.Addr() + "/0"})
	a, b := one.connect("u1"), two.connect("u2")
	at := a.subscribe(show).Subscribe
	b.subscribe(show)
	one.hub.Publish(show, "item", "from one")
	first := b.next()
	if got := first.Data.E[0]; got.K != "item" || string(got.D) != `"from one"` {
		t.Fatalf("node two got %+v", got)
	}
	a.next()
	one.eventually("both count over both nodes", func() bool { return one.hub.Online(show) == 2 && two.hub.Online(show) == 2 })
	if v := two.hub.Visitors(show, 10); !slices.Equal(v, []string{"u2"}) {
		t.Errorf("node two lists %v, want its own", v)
	}

	a.ws.Close()
	two.hub.Publish(show, "item", "missed")
	b.next()
	again := two.connect("u1") // the balancer sends it to the other node
	if r := again.recover(show, at.Epoch, first.Offset).Subscribe; !r.Recovered || len(r.Publications) != 1 {
		t.Errorf("recovery on another node: %+v", r)
	}

	redis.FlushAll()
	if code := b.unsubscribed(); code != 2500 { // insufficient state: subscribe again
		t.Errorf("after Redis lost its history: %d", code)
	}
	if r := b.recover(show, at.Epoch, first.Offset+1).Subscribe; r.Recovered || !r.WasRecovering {
		t.Errorf("nothing was lost? %+v", r)
	}
}

func TestARedisThatIsAwayIsNoSecret(t *testing.T) {
	t.Parallel()
	_, err := New(Options{Redis: "redis://user:hunter2@127.0.0.1:1/0"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
