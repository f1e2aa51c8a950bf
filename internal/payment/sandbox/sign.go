package sandbox

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lindu.example/lindu/internal/id"
)

// Window is how old or how far ahead a timestamp may be.
const Window = 5 * time.Minute

// Headers of answers and callbacks.
const (
	headerSerial    = "Sandbox-Serial"
	headerTimestamp = "Sandbox-Timestamp"
	headerNonce     = "Sandbox-Nonce"
	headerSignature = "Sandbox-Signature"
)

// scheme starts the Authorization header of requests.
const scheme = "SANDBOX-ED25519 "

// Errors of verification.
var (
	errForged = errors.New("sandbox: signature missing or wrong")
	errStale  = errors.New("sandbox: timestamp outside the window")
)

// SignMessage signs an answer or a callback as the provider and gives its
// headers. Tests use it to make callbacks of every kind.
func (k Keys) SignMessage(body []byte, now time.Time) http.Header {
	ts, nonce := strconv.FormatInt(now.Unix(), 10), id.New[string]()
	h := http.Header{}
	h.Set(headerSerial, serial(k.ProviderPublic))
	h.Set(headerTimestamp, ts)
	h.Set(headerNonce, nonce)
	h.Set(headerSignature, sign(k.ProviderPrivate, ts, nonce, string(body)))
	return h
}

// verifyMessage checks an answer or a callback on the merchant's side.
func (k Keys) verifyMessage(h http.Header, body []byte, now time.Time) error {
	ts, nonce := h.Get(headerTimestamp), h.Get(headerNonce)
	if h.Get(headerSerial) != serial(k.ProviderPublic) || !validNonce(nonce) {
		return errForged
	}
	if !verify(k.ProviderPublic, h.Get(headerSignature), ts, nonce, string(body)) {
		return errForged
	}
	return fresh(ts, now)
}

// signRequest signs a request as the merchant. path is the API's, without the
// prefix of a proxy.
func (k Keys) signRequest(r *http.Request, path string, body []byte, now time.Time) {
	ts, nonce := strconv.FormatInt(now.Unix(), 10), id.New[string]()
	sig := sign(k.MerchantPrivate, r.Method, path, ts, nonce, string(body))
	r.Header.Set("Authorization", fmt.Sprintf(`%smerchant="%s",serial="%s",timestamp="%s",nonce="%s",signature="%s"`,
		scheme, k.Merchant, serial(k.MerchantPublic), ts, nonce, sig))
}

// verifyRequest checks a request on the provider's side.
func (k Keys) verifyRequest(r *http.Request, body []byte, now time.Time) error {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), scheme)
	if !ok || len(text) > 1000 {
		return errForged
	}
	f := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		f[name] = strings.Trim(value, `"`)
	}
	if f["merchant"] != k.Merchant || f["serial"] != serial(k.MerchantPublic) || !validNonce(f["nonce"]) {
		return errForged
	}
	if !verify(k.MerchantPublic, f["signature"], r.Method, r.URL.Path, f["timestamp"], f["nonce"], string(body)) {
		return errForged
	}
	return fresh(f["timestamp"], now)
}

// message is what is signed: every part on a line of its own.
func message(parts []string) []byte { return []byte(strings.Join(parts, "\n") + "\n") }

func sign(k ed25519.PrivateKey, parts ...string) string {
	return base64.StdEncoding.EncodeToString(ed25519.Sign(k, message(parts)))
}

func verify(k ed25519.PublicKey, signature string, parts ...string) bool {
	b, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && len(b) == ed25519.SignatureSize && ed25519.Verify(k, message(parts), b)
}

// validNonce asks for 16 to 64 letters and digits: with line breaks in it, two
// different messages could be signed alike.
func validNonce(s string) bool {
	return len(s) >= 16 && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

func fresh(ts string, now time.Time) error {
	sec, err := strconv.ParseInt(ts, 10, 64)
	if err != nil || len(ts) > 12 {
		return errForged
	}
	if d := now.Sub(time.Unix(sec, 0)); d > Window || d < -Window {
		return errStale
	}
	return nil
}
