package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"lindu.example/lindu/internal/id"
)

// pay is what a buyer's money does: the payment is paid, and a callback for
// each of the events waits to be sent; all of it is one write. It reports
// false when the payment can't be paid any more.
func (s *Server) pay(p id.Payment, events int) (bool, error) {
	now := s.o.Clock.Now()
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	e := s.book.payments[p]
	if e == nil || e.State != stateOpen || !now.Before(e.Expires) {
		return false, nil
	}
	c := *e
	c.State, c.Ref, c.PaidAt = statePaid, "SBX"+id.Secret()[:20], now
	ls := []line{{Payment: &c}}
	for range events {
		if len(s.book.waiting)+len(ls) > maxDeliveries {
			s.o.Log.Warn("sandbox: too many callbacks wait; the merchant must ask", "payment", p)
			break
		}
		ev := PaidEvent(id.New[string](), s.o.Keys.Merchant, c.PaymentID, c.AmountFen, c.Ref, now)
		b, err := json.Marshal(ev)
		if err != nil {
			return false, err
		}
		ls = append(ls, line{Send: &delivery{Event: ev.ID, URL: c.NotifyURL, Body: string(b)}})
	}
	if err := s.book.write(ls...); err != nil {
		return false, err
	}
	for _, l := range ls[1:] {
		s.send(*l.Send)
	}
	return true, nil
}

// send delivers a callback until it is taken, given up, or the server stops.
func (s *Server) send(d delivery) {
	if s.ctx.Err() != nil {
		return
	}
	s.wg.Go(func() {
		for try, wait := range s.o.Backoff {
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(wait):
			}
			err := s.post(d)
			if err == nil {
				break
			}
			if s.ctx.Err() != nil {
				return
			}
			s.o.Log.Warn("sandbox: callback not taken", "event", d.Event, "try", try+1, "err", err)
		}
		s.book.mu.Lock()
		defer s.book.mu.Unlock()
		if err := s.book.write(line{Taken: d.Event}); err != nil {
			s.o.Log.Error("sandbox: keep", "err", err)
		}
	})
}

// post sends a callback once, signed anew.
func (s *Server) post(d delivery) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader([]byte(d.Body)))
	if err != nil {
		return err
	}
	r.Header = s.o.Keys.SignMessage([]byte(d.Body), s.o.Clock.Now())
	r.Header.Set("Content-Type", "application/json")
	res, err := s.o.HTTP.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, maxBody)) //nolint:errcheck // so that the connection can be used again
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}
