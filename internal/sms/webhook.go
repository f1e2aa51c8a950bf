package sms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"code.dny.dev/ssrf"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Webhook sends a text by posting it to an adapter, see the package comment.
// Fill the fields before the first Send.
type Webhook struct {
	URL    string
	Secret string         // at least 16 characters
	Allow  []netip.Prefix // networks it may reach although they are not public
	Clock  clock.Clock    // nil: the system's

	once   sync.Once
	client *http.Client
	err    error // of the settings
}

var _ Sender = (*Webhook)(nil)

const (
	webhookTimeout = 5 * time.Second // somebody is looking at "sending…"
	webhookSlack   = 5 * time.Minute // how far two clocks may be apart
	minSecret      = 16

	// SignatureHeader names the header that signs a post.
	SignatureHeader = "Lindu-Signature"
)

// Check tells whether the settings can work; Send gives the same error.
func (w *Webhook) Check() error {
	w.once.Do(func() { w.client, w.err = w.build() })
	return w.err
}

func (w *Webhook) build() (*http.Client, error) {
	u, err := url.Parse(w.URL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("sms: the webhook's address can't be read") // its text may hold a password
	}
	if len(w.Secret) < minSecret {
		return nil, fmt.Errorf("sms: the webhook's secret is shorter than %d characters", minSecret)
	}
	ip, err := netip.ParseAddr(u.Hostname())
	near := err == nil && slices.ContainsFunc(w.Allow, func(p netip.Prefix) bool { return p.Contains(ip) })
	if u.Scheme != "https" && !(u.Scheme == "http" && near) {
		return nil, errors.New("sms: the webhook's address must be https")
	}
	return &http.Client{
		Timeout:       webhookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               nil, // a proxy would connect behind the guard's back
			DialContext:         (&net.Dialer{Timeout: webhookTimeout, Control: w.guard(u).Safe}).DialContext,
			TLSHandshakeTimeout: webhookTimeout,
			MaxConnsPerHost:     8,
			MaxIdleConns:        2,
			IdleConnTimeout:     time.Minute,
		},
	}, nil
}

// guard refuses connections to addresses that are not public when they are
// made, after the name was resolved, so a name that changes its mind helps
// nobody.
func (w *Webhook) guard(u *url.URL) *ssrf.Guardian {
	port := uint64(443)
	if u.Scheme == "http" {
		port = 80
	}
	if p, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		port = p
	}
	var v4, v6 []netip.Prefix
	for _, p := range w.Allow {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithPorts(uint16(port)), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// Send posts the text once.
func (w *Webhook) Send(ctx context.Context, phone, text string) error {
	if err := w.post(ctx, phone, text); err != nil {
		return fault.New(fault.Unavailable, "sms.failed").Because(err)
	}
	return nil
}

func (w *Webhook) post(ctx context.Context, phone, text string) error {
	if err := w.Check(); err != nil {
		return err
	}
	now := w.now()
	body, err := json.Marshal(map[string]string{"id": id.New[string](), "phone": phone, "text": text, "at": now.Format(time.RFC3339)})
	if err != nil {
		return errors.New("sms: the text can't be written as JSON")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("sms: the webhook's address can't be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(SignatureHeader, sign(w.Secret, now, body))
	resp, err := w.client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address, which may hold a key
		}
		return fmt.Errorf("sms: webhook: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // lets the connection be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("sms: webhook answered %d", resp.StatusCode)
	}
	return nil
}

func (w *Webhook) now() time.Time {
	if w.Clock == nil {
		return clock.System{}.Now()
	}
	return w.Clock.Now()
}

func sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac(secret, t, body))
}

func mac(secret, t string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(t + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Verify tells an adapter whether a post is ours and fresh: header is the
// value of SignatureHeader, body the whole body.
func Verify(secret, header string, body []byte, now time.Time) bool {
	ts, sum, ok := strings.Cut(header, ",")
	t, ok1 := strings.CutPrefix(ts, "t=")
	v, ok2 := strings.CutPrefix(sum, "v1=")
	sec, err1 := strconv.ParseInt(t, 10, 64)
	got, err2 := hex.DecodeString(v)
	if !ok || !ok1 || !ok2 || err1 != nil || err2 != nil {
		return false
	}
	off := now.Sub(time.Unix(sec, 0))
	return off <= webhookSlack && off >= -webhookSlack && hmac.Equal(got, mac(secret, t, body))
}
