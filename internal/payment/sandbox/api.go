package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
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
	r := &refunded{refundRequest: in, Ref: "SBR" + id.Secret()[:20], At: s.o.Clock.Now()}
	if err := s.book.write(line{Payment: &c}, line{Refund: r}); err != nil {
		return nil, system(err)
	}
	return refundAnswer{r.Ref}, nil
}

// getBill lists what was paid and paid back on a day that is over.
func (s *Server) getBill(r *http.Request, _ []byte) (any, *refusal) {
	day, err := clock.ParseDay(r.PathValue("day"))
	if err != nil {
		return nil, bad("the day is not like 2026-11-22")
	}
	if day >= clock.DayOf(s.o.Clock.Now()) {
		return nil, &refusal{http.StatusNotFound, codeNoBill, "the day is not over"}
	}
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	out := billAnswer{Rows: []billRow{}}
	for _, p := range s.book.order {
		if e := s.book.payments[p]; e.State == statePaid && clock.DayOf(e.PaidAt) == day {
			out.Rows = append(out.Rows, billRow{payment.BillPay, string(e.PaymentID), e.Ref, e.AmountFen, e.PaidAt})
		}
	}
	for _, x := range s.book.refunds {
		if clock.DayOf(x.At) == day {
			out.Rows = append(out.Rows, billRow{payment.BillRefund, string(x.RefundID), x.Ref, x.AmountFen, x.At})
		}
	}
	slices.SortFunc(out.Rows, func(a, b billRow) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Ref, b.Ref))
	})
	return out, nil
}
