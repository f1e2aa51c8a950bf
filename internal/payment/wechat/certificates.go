package wechat

import (
	"context"
	"crypto/x509"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"lindu.example/lindu/internal/clock"
)

// askAgain is how often WeChat is asked for certificates at most: a stranger's
// callback may name any.
const askAgain = time.Minute

// certificates are WeChat's platform certificates. One that is not known is
// asked of WeChat, which changes them every few years: the new one is there some
// days before anything is signed with it, and nobody has to do a thing.
type certificates struct {
	clock clock.Clock
	fetch func(ctx context.Context) ([]*x509.Certificate, error)

	asking sync.Mutex // one question at a time
	asked  time.Time

	mu    sync.Mutex
	known map[string]*x509.Certificate // by serial number
}

func newCertificates(list []*x509.Certificate, c clock.Clock) *certificates {
	out := &certificates{clock: c, known: map[string]*x509.Certificate{}}
	out.add(list)
	return out
}

func (c *certificates) add(list []*x509.Certificate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range list {
		c.known[utils.GetCertificateSerialNumber(*x)] = x
	}
}

func (c *certificates) have(serial string) (*x509.Certificate, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, ok := c.known[serial]
	return x, ok
}

// GetAll implements the SDK's CertificateGetter.
func (c *certificates) GetAll(context.Context) map[string]*x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.known)
}

// GetNewestSerial implements the SDK's CertificateGetter.
func (c *certificates) GetNewestSerial(context.Context) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var newest time.Time
	serial := ""
	for s, x := range c.known {
		if serial == "" || x.NotBefore.After(newest) {
			serial, newest = s, x.NotBefore
		}
	}
	return serial
}

// Get implements the SDK's CertificateGetter.
func (c *certificates) Get(ctx context.Context, serial string) (*x509.Certificate, bool) {
	if x, ok := c.have(serial); ok {
		return x, true
	}
	c.asking.Lock()
	defer c.asking.Unlock()
	if x, ok := c.have(serial); ok { // somebody asked meanwhile
		return x, true
	}
	now := c.clock.Now()
	if since := now.Sub(c.asked); since >= 0 && since < askAgain {
		return nil, false
	}
	c.asked = now
	list, err := c.fetch(ctx)
	if err != nil {
		return nil, false // what it was to verify does not verify, and is tried again
	}
	c.add(list)
	return c.have(serial)
}

// download asks WeChat for its certificates. Each is sealed with the API v3 key,
// which only WeChat and we have: that is what is trusted, because the answer may
// be signed with a certificate that it brings.
func (g *Gateway) download(ctx context.Context) ([]*x509.Certificate, error) {
	res, err := g.plain.Get(ctx, base+"/v3/certificates")
	if err != nil {
		return nil, refused(err)
	}
	var in struct {
		Data []struct {
			Sealed struct {
				Algorithm      string `json:"algorithm"`
				Ciphertext     string `json:"ciphertext"`
				AssociatedData string `json:"associated_data"`
				Nonce          string `json:"nonce"`
			} `json:"encrypt_certificate"`
		} `json:"data"`
	}
	if err := core.UnMarshalResponse(res.Response, &in); err != nil {
		return nil, down(errors.New("certificates: an answer of another form"))
	}
	var out []*x509.Certificate
	for _, d := range in.Data {
		if d.Sealed.Algorithm != "AEAD_AES_256_GCM" || len(d.Sealed.Nonce) != 12 {
			return nil, down(errors.New("certificates: sealed in another way"))
		}
		pem, err := utils.DecryptAES256GCM(g.o.Keys.APIv3, d.Sealed.AssociatedData, d.Sealed.Nonce, d.Sealed.Ciphertext)
		if err != nil {
			return nil, down(errors.New("certificates: one can't be opened"))
		}
		cert, err := LoadCertificate(pem)
		if err != nil {
			return nil, down(errors.New("certificates: one is none"))
		}
		out = append(out, cert)
	}
	return out, nil
}
