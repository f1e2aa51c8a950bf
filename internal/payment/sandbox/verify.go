package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
)

// Verify implements payment.Gateway: it reads a callback. Anything that is not
// signed by the provider for this merchant, just now, is refused.
func (g *Gateway) Verify(r *http.Request, body []byte, now time.Time) (payment.Notice, error) {
	err := g.o.Keys.verifyMessage(r.Header, body, now)
	switch {
	case errors.Is(err, errStale):
		return payment.Notice{}, fault.New(fault.Denied, "payment.stale").Because(err)
	case err != nil:
		return payment.Notice{}, forged(err)
	}
	return g.parse(body)
}

// parse reads a callback whose signature was checked.
func (g *Gateway) parse(body []byte) (payment.Notice, error) {
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		return payment.Notice{}, forged(err)
	}
	switch {
	case e.Merchant != g.o.Keys.Merchant:
		return payment.Notice{}, forged(errors.New("another merchant's event"))
	case e.Type != EventPaid || e.Payment.State != statePaid:
		return payment.Notice{}, forged(errors.New("an event of another type"))
	case len(e.ID) < 8 || len(e.ID) > 64 || !id.Valid(e.Payment.PaymentID):
		return payment.Notice{}, forged(errors.New("an event without its ids"))
	case e.Payment.AmountFen <= 0 || e.Payment.AmountFen > money.MaxFen || len(e.Payment.Ref) > 64:
		return payment.Notice{}, forged(errors.New("an event without its amount"))
	}
	return e.Payment.notice(e.ID), nil
}

func (s standing) notice(event string) payment.Notice {
	return payment.Notice{EventID: event, Payment: s.PaymentID, Amount: s.AmountFen, Ref: s.Ref, Paid: s.State == statePaid, At: s.PaidAt}
}

func forged(err error) error { return fault.New(fault.Denied, "payment.forged").Because(err) }

// Ack implements payment.Gateway. What did not verify is answered 401, like
// WeChat Pay asks; our own trouble is answered 5xx, so that it comes again.
func (g *Gateway) Ack(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	switch f := fault.Of(err); {
	case f == nil:
		io.WriteString(w, `{"code":"SUCCESS"}`) //nolint:errcheck // it will come again
		return
	case f.Kind == fault.Denied:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.WriteHeader(f.Kind.Status())
	}
	io.WriteString(w, `{"code":"FAIL"}`) //nolint:errcheck // it will come again
}
