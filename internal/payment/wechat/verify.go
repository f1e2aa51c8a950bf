package wechat

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/payment"
)

// maxAge of a callback's signature, as the SDK has it.
const maxAge = 5 * time.Minute

func forged(why string) error {
	return fault.New(fault.Denied, "payment.forged").Because(errors.New("wechat: " + why))
}

// Verify implements payment.Gateway.
func (g *Gateway) Verify(r *http.Request, body []byte, now time.Time) (payment.Notice, error) {
	sec, err := strconv.ParseInt(r.Header.Get("Wechatpay-Timestamp"), 10, 64)
	if err != nil {
		return payment.Notice{}, forged("a callback without its time")
	}
	if d := now.Sub(time.Unix(sec, 0)); d > maxAge || d < -maxAge {
		return payment.Notice{}, fault.New(fault.Denied, "payment.stale")
	}
	if err := g.checkSignature(r, body); err != nil {
		return payment.Notice{}, err
	}
	return g.open(body)
}

// open reads a callback whose signature was checked.
func (g *Gateway) open(body []byte) (payment.Notice, error) {
	e, err := g.decrypt(body)
	if err != nil {
		return payment.Notice{}, err
	}
	if e.EventType != "TRANSACTION.SUCCESS" || len(e.ID) < 8 || len(e.ID) > 64 {
		return payment.Notice{}, forged("an event of another type")
	}
	if str(e.TradeState) != "SUCCESS" {
		return payment.Notice{}, forged("a payment that did not succeed")
	}
	return g.notice(e.ID, &e.Transaction)
}

// Ack implements payment.Gateway: 200 or 204 when it was taken; what did not
// verify is answered 401, our own trouble 5xx, and then it comes again.
func (g *Gateway) Ack(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	switch f := fault.Of(err); {
	case err == nil:
		io.WriteString(w, `{"code":"SUCCESS"}`) //nolint:errcheck // it will come again
	case f.Kind == fault.Denied:
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"code":"FAIL","message":"signature"}`) //nolint:errcheck // a stranger has gone
	case f.Kind == fault.TooLarge:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, `{"code":"FAIL","message":"try again"}`) //nolint:errcheck // it will come again
	}
}

// event is a callback, opened.
type event struct {
	ID        string
	EventType string
	payments.Transaction
}

// checkSignature checks that WeChat signed the body. The SDK's own handler is
// not asked: it compares with the machine's clock, and its error holds the
// request.
func (g *Gateway) checkSignature(r *http.Request, body []byte) error {
	h := r.Header
	nonce, signature, serial := h.Get("Wechatpay-Nonce"), h.Get("Wechatpay-Signature"), h.Get("Wechatpay-Serial")
	if t := h.Get("Wechatpay-Signature-Type"); t != "" && t != "WECHATPAY2-SHA256-RSA2048" {
		return forged("a signature of another kind")
	}
	if nonce == "" || signature == "" || serial == "" || len(nonce)+len(signature)+len(serial) > 4096 {
		return forged("a callback without its signature")
	}
	message := h.Get("Wechatpay-Timestamp") + "\n" + nonce + "\n" + string(body) + "\n"
	if g.verifier.Verify(r.Context(), serial, message, signature) != nil {
		return forged("the signature does not fit")
	}
	return nil
}

// decrypt opens the resource of a callback (AEAD_AES_256_GCM).
func (g *Gateway) decrypt(body []byte) (event, error) {
	var n struct {
		ID        string `json:"id"`
		EventType string `json:"event_type"`
		Resource  struct {
			Algorithm      string `json:"algorithm"`
			Ciphertext     string `json:"ciphertext"`
			AssociatedData string `json:"associated_data"`
			Nonce          string `json:"nonce"`
		} `json:"resource"`
	}
	if err := json.Unmarshal(body, &n); err != nil || n.Resource.Algorithm != "AEAD_AES_256_GCM" || len(n.Resource.Nonce) != 12 {
		return event{}, forged("a body of another form")
	}
	plain, err := utils.DecryptAES256GCM(g.o.Keys.APIv3, n.Resource.AssociatedData, n.Resource.Nonce, n.Resource.Ciphertext)
	if err != nil {
		return event{}, forged("the resource can't be opened")
	}
	e := event{ID: n.ID, EventType: n.EventType}
	if err := json.Unmarshal([]byte(plain), &e.Transaction); err != nil {
		return event{}, forged("a resource of another form")
	}
	return e, nil
}
