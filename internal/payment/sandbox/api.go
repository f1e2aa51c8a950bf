package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// postPay opens a payment. The same request again gives the same page; another
// amount for the same payment is a conflict.
func (s *Server) postPay(_ *http.Request, body []byte) (any, *refusal) {
	var in payRequest
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, bad("the body is no JSON of this form")
	}
	if no := in.check(); no != nil {
		return nil, no
	}
	now := s.o.Clock.Now()
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	if e := s.book.payments[in.PaymentID]; e != nil {
		if e.AmountFen != in.AmountFen {
			return nil, &refusal{http.StatusConflict, codeConflict, "this payment was opened with another amount"}
		}
		return payAnswer{"pay/" + e.Token}, nil
	}
	if !now.Before(in.Expires) {
		return nil, bad("expires is over")
	}
	if err := s.book.room(now); err != nil {
		return nil, system(err)
	}
	e := &entry{payRequest: in, Token: id.Secret()[:32], State: stateOpen, Created: now}
	if err := s.book.write(line{Payment: e}); err != nil {
		return nil, system(err)
	}
	return payAnswer{"pay/" + e.Token}, nil
}

func (in payRequest) check() *refusal {
	switch {
	case !id.Valid(in.PaymentID):
		return bad("payment_id is not 32 hex digits")
	case in.AmountFen <= 0 || in.AmountFen > money.MaxFen:
		return bad("amount_fen is no amount")
	case in.Subject == "" || utf8.RuneCountInString(in.Subject) > 127:
		return bad("subject has 1 to 127 characters")
	case !webAddress(in.ReturnURL) && !ownPath(in.ReturnURL):
		return bad("return_url is no address")
	case !webAddress(in.NotifyURL):
		return bad("notify_url is no address")
	}
	return nil
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && len(s) < 500
}

// ownPath lets a merchant on the same site name a path of it.
func ownPath(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "\\\r\n") && len(s) < 500
}

func (e *entry) standing() standing {
	return standing{PaymentID: e.PaymentID, AmountFen: e.AmountFen, State: e.State, Ref: e.Ref, PaidAt: e.PaidAt, Refunded: e.Refunded}
}

// getPayment tells how a payment stands.
func (s *Server) getPayment(r *http.Request, _ []byte) (any, *refusal) {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	e := s.book.payments[id.Payment(r.PathValue("id"))]
	if e == nil {
		return nil, unknown()
	}
	return e.standing(), nil
}

// postClose makes an open payment impossible. Closing a closed one is fine.
func (s *Server) postClose(r *http.Request, _ []byte) (any, *refusal) {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	e := s.book.payments[id.Payment(r.PathValue("id"))]
	switch {
	case e == nil:
		return nil, unknown()
	case e.State == statePaid:
		return nil, &refusal{http.StatusConflict, codePaid, "this payment was paid already"}
	case e.State == stateClosed:
		return e.standing(), nil
	}
	c := *e
	c.State = stateClosed
	if err := s.book.write(line{Payment: &c}); err != nil {
		return nil, system(err)
	}
	return c.standing(), nil
}

// postRefund pays back. The same refund id again gives the same answer.
func (s *Server) postRefund(_ *http.Request, body []byte) (any, *refusal) {
	var in refundRequest
	if err := json.Unmarshal(body, &in); err != nil || !id.Valid(in.RefundID) || in.AmountFen <= 0 {
		return nil, bad("the body is no refund")
	}
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	if r := s.book.refunds[in.RefundID]; r != nil {
		if r.PaymentID != in.PaymentID || r.AmountFen != in.AmountFen {
			return nil, &refusal{http.StatusConflict, codeConflict, "this refund id stands for another refund"}
		}
		return refundAnswer{r.Ref}, nil
	}
	e := s.book.payments[in.PaymentID]
	switch {
	case e == nil:
		return nil, unknown()
	case e.State != statePaid || in.AmountFen > e.AmountFen-e.Refunded:
		return nil, &refusal{http.StatusForbidden, codeOver, "more than was paid"}
	}
	c := *e
	c.Refunded += in.AmountFen
	r := &refunded{refundRequest: in, Ref: "SBR" + id.Secret()[:20]}
	if err := s.book.write(line{Payment: &c}, line{Refund: r}); err != nil {
		return nil, system(err)
	}
	return refundAnswer{r.Ref}, nil
}
