package realtime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/fault"
)

const show = "show:0123456789abcdef0123456789abcdef"

func TestATickIsOneFrame(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	a, b := s.connect("u1"), s.connect("avisitor")
	a.subscribe(show)
	b.subscribe(show)
	s.hub.mu.Lock() // 500 events of one moment: no tick can come between
	for i := range 500 {
		s.hub.room(show).put(event{"chat", []byte(fmt.Sprintf(`{"n":%d}`, i))})
	}
	s.hub.mu.Unlock()
	for _, c := range []*client{a, b} {
		p := c.next()
		if len(p.Data.E) != 500 || string(p.Data.E[499].D) != `{"n":499}` {
			t.Errorf("%d events in the frame", len(p.Data.E))
		}
	}
	s.hub.Publish(show, "item", map[string]int{"price_fen": 990})
	if p := a.next(); p.Offset != 2 || string(p.Data.E[0].D) != `{"price_fen":990}` || !slices.Equal(p.kinds(), []string{"item"}) {
		t.Errorf("%+v", p)
	}
}

func TestRoomsAreApart(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	other := "show:" + strings.Repeat("f", 32)
	a, b := s.connect("u1"), s.connect("u2")
	a.subscribe(show)
	b.subscribe(other)
	s.hub.Publish(show, "chat", "for a")
	s.hub.Publish(other, "chat", "for b")
	for c, want := range map[*client]string{a: `chat"for a"`, b: `chat"for b"`} {
		if got, _ := c.until("chat", 1); !slices.Equal(got, []string{want}) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

func TestComingBackGetsWhatWasMissed(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	a := s.connect("u1")
	at := a.subscribe(show).Subscribe
	s.hub.Publish(show, "chat", "seen")
	seen := a.next().Offset
	a.ws.Close()
	s.eventually("u1 has left", func() bool { return s.hub.Online(show) == 0 })

	witness := s.connect("u2")
	witness.subscribe(show)
	for _, line := range []string{"missed one", "missed two"} {
		s.hub.Publish(show, "item", line)
		witness.next() // its tick is over
	}
	a = s.connect("u1")
	r := a.recover(show, at.Epoch, seen).Subscribe
	if !r.Recovered || len(r.Publications) != 2 || string(r.Publications[1].Data.E[0].D) != `"missed two"` {
		t.Fatalf("%+v", r)
	}
	s.hub.Publish(show, "chat", "live again")
	if got, _ := a.until("chat", 1); !slices.Equal(got, []string{`chat"live again"`}) {
		t.Errorf("%v", got)
	}
}

func TestBeingAwayTooLongIsTold(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{size: 2})
	a := s.connect("u1")
	at := a.subscribe(show).Subscribe
	for i := range 4 {
		s.hub.Publish(show, "item", i)
		a.next()
	}
	b := s.connect("u1")
	if r := b.recover(show, at.Epoch, at.Offset).Subscribe; r.Recovered || !r.WasRecovering {
		t.Errorf("history is cut, yet recovered: %+v", r)
	}
	c := s.connect("u1")
	if r := c.recover(show, "another-epoch", 4).Subscribe; r.Recovered || !r.WasRecovering {
		t.Errorf("the node was restarted, yet recovered: %+v", r)
	}
}

func TestARoomThatLostEventsSaysSo(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	a := s.connect("u1")
	a.subscribe(show)
	s.hub.Publish(show, "item", strings.Repeat("x", maxBytes))
	s.hub.Publish(show, "item", "after")
	got, _ := a.until("item", 1)
	if !slices.Equal(got, []string{"lost{}", `item"after"`}) {
		t.Errorf("%v", got)
	}
}

func TestOnlineCountsPeopleNotSockets(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	tabs := []*client{s.connect("u1"), s.connect("u1"), s.connect("a2")}
	for _, c := range tabs {
		c.subscribe(show)
	}
	if n, v := s.hub.Online(show), s.hub.Visitors(show, 10); n != 2 || !slices.Equal(v, []string{"a2", "u1"}) {
		t.Errorf("%d online, %v", n, v)
	}
	if v := s.hub.Visitors(show, 1); len(v) != 1 {
		t.Errorf("limit ignored: %v", v)
	}
	tabs[0].ask(`"unsubscribe":{"channel":"` + show + `"}`)
	if n := s.hub.Online(show); n != 2 {
		t.Errorf("one tab of two left: %d online", n)
	}
	tabs[1].ws.Close()
	s.eventually("u1 has left", func() bool { return s.hub.Online(show) == 1 })
	tabs[2].ws.Close()
	s.eventually("the room is empty and forgotten", func() bool {
		s.hub.mu.Lock()
		defer s.hub.mu.Unlock()
		return len(s.hub.rooms) == 0
	})
}

func TestWhoMayJoin(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{CanJoin: func(_ context.Context, visitor, room string) error {
		switch {
		case visitor == "u-lucky" && room == show:
			return nil
		case room == show:
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return errors.New("the database is away")
	}})
	s.connect("u-lucky").subscribe(show)
	c := s.connect("u-other")
	for room, want := range map[string]int{show: 103, "show:else": 100, strings.Repeat("x", maxName+1): 107} {
		if r := c.ask(fmt.Sprintf(`"subscribe":{"channel":%q}`, room)); r.Error == nil || r.Error.Code != want {
			t.Errorf("%.20s: %+v, want code %d", room, r.Error, want)
		}
	}
	if n := s.hub.Online(show); n != 1 {
		t.Errorf("%d online", n)
	}
}

func TestClientsMaySayNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	for _, cmd := range []string{`"publish":{"channel":"` + show + `","data":{"e":[]}}`, `"rpc":{"method":"x"}`,
		`"history":{"channel":"` + show + `"}`, `"presence":{"channel":"` + show + `"}`} {
		c := s.connect("u1")
		c.subscribe(show)
		if r := c.ask(cmd); r.Error == nil || r.Error.Code != 108 {
			t.Errorf("%s: %+v, want not available", cmd, r)
		}
		c.ws.Close()
	}
}

func TestTooBigAndTooMany(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	big := s.connect("u1")
	big.write(`{"id":9,"subscribe":{"channel":"` + strings.Repeat("x", maxMessage) + `"}}`)
	if code := big.code(); code != 1009 {
		t.Errorf("a big message closes with %d", code)
	}
	fast := s.connect("u2")
	for i := range 2 * commandBurst {
		fast.write(fmt.Sprintf(`{"id":%d,"unsubscribe":{"channel":"x"}}`, 100+i))
	}
	if code := fast.code(); code != 3013 {
		t.Errorf("too many commands close with %d", code)
	}
	wide := s.connect("u3")
	for i := range maxRooms {
		wide.subscribe(fmt.Sprint("show:", i))
	}
	if r := wide.ask(`"subscribe":{"channel":"show:more"}`); r.Error == nil || r.Error.Code != 106 {
		t.Errorf("one room too many: %+v", r.Error)
	}
	garbage := s.connect("u4")
	garbage.write("\x00 this is no JSON")
	if code := garbage.code(); code != 3501 {
		t.Errorf("garbage closes with %d", code)
	}
}

func TestSocketsAreCounted(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{MaxConns: 3, MaxPerVisitor: 2})
	status := func(visitor, origin string) int {
		req, _ := http.NewRequest("GET", s.url+"/?v="+visitor, nil)
		for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": origin} {
			req.Header.Set(k, v)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode >= 429 && res.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		return res.StatusCode
	}
	a, silent := s.connect("u1"), mustDial(s, "u1") // the second never says who it is
	if got := status("u1", s.url); got != http.StatusTooManyRequests {
		t.Errorf("third of one visitor: %d", got)
	}
	s.connect("u2")
	if got := status("u3", s.url); got != http.StatusServiceUnavailable {
		t.Errorf("one too many in all: %d", got)
	}
	a.ws.Close()
	silent.Close()
	s.eventually("places are free again", func() bool {
		s.hub.doors.mu.Lock()
		defer s.hub.doors.mu.Unlock()
		return s.hub.doors.all == 1 && len(s.hub.doors.open) == 1
	})
	s.connect("u1")
	res, err := http.Get(s.url + "/?v=u9") // no upgrade: must not take a place for good
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if n := s.hub.doors.all; n != 2 {
		t.Errorf("%d places taken after a plain GET", n)
	}
}

func mustDial(s *server, visitor string) net.Conn {
	s.Helper()
	ws, err := s.dial(visitor, s.url, nil)
	if err != nil {
		s.Fatal(err)
	}
	return ws
}

func TestOtherSitesPagesStayOut(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{Origins: []string{"https://shop.example"}})
	for origin, ok := range map[string]bool{s.url: true, "https://shop.example": true, "https://evil.example": false, "http://shop.example": false, "null": false} {
		ws, err := s.dial("u1", origin, nil)
		if (err == nil) != ok {
			t.Errorf("%s: %v", origin, err)
		}
		if err == nil {
			ws.Close()
		}
	}
	if _, err := s.dial("", s.url, nil); err == nil {
		t.Error("a nameless visitor got in")
	}
}

// TestASlowReaderHurtsNobody: one client stops reading; it is dropped, and
// everyone else goes on getting every event.
func TestASlowReaderHurtsNobody(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{queue: 64 << 10, write: time.Second})
	fast := s.connect("fast")
	fast.subscribe(show)
	slow, err := s.dial("slow", s.url, func(c net.Conn) net.Conn {
		c.(*net.TCPConn).SetReadBuffer(1024)
		return c
	})
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	slow.Write([]byte(`{"id":1,"connect":{}}` + "\n" + `{"id":2,"subscribe":{"channel":"` + show + `"}}`))
	s.eventually("both are in", func() bool { return s.hub.Online(show) == 2 })

	sent := 0
	for end := time.Now().Add(3 * wait); s.hub.Online(show) == 2; sent++ {
		if time.Now().After(end) {
			t.Fatal("the slow reader is still there")
		}
		s.hub.Publish(show, "item", strings.Repeat("x", 48<<10))
		if got := fast.next().kinds(); !slices.Equal(got, []string{"item"}) {
			t.Fatalf("frame %d brought the fast reader %v", sent, got)
		}
	}
	if v := s.hub.Visitors(show, 10); !slices.Equal(v, []string{"fast"}) {
		t.Errorf("left in the room: %v", v)
	}
	s.hub.Publish(show, "chat", "still here")
	fast.until("chat", 1)
}

func TestCloseSendsTheLastTickAndAsksToComeBack(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	c := h.connect("u1")
	c.subscribe(show)
	h.hub.Publish(show, "chat", "last words")
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	if err := h.hub.Close(ctx); err != nil {
		t.Error(err)
	}
	if got, _ := c.until("chat", 1); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if code := c.code(); code != 3001 { // 3000-3499: come back
		t.Errorf("closed with %d", code)
	}
	h.hub.Publish(show, "chat", "into the void")
	if len(h.hub.rooms) != 0 && len(h.hub.rooms[show].waiting) != 0 {
		t.Error("a closed hub collects events")
	}
}

func TestManyPublishAtOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	c := s.connect("u1")
	c.subscribe(show)
	const each = 200
	for g := range 4 {
		go func() {
			for i := range each {
				s.hub.Publish(show, "item", fmt.Sprint(g, ".", i))
			}
		}()
	}
	events, _ := c.until("item", 4*each)
	for g := range 4 { // all there, each one's in its order
		var mine []string
		for _, e := range events {
			if strings.HasPrefix(e, fmt.Sprintf(`item"%d.`, g)) {
				mine = append(mine, e)
			}
		}
		for i := range each {
			if i >= len(mine) || mine[i] != fmt.Sprintf(`item"%d.%d"`, g, i) {
				t.Fatalf("publisher %d, event %d of %d", g, i, len(mine))
			}
		}
	}
}
