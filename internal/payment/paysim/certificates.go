package paysim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
)

// platform is one of WeChat's platform certificates and its key.
type platform struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

func (p platform) serial() string { return fmt.Sprintf("%X", p.cert.SerialNumber) }

func newPlatform(key *rsa.PrivateKey, now time.Time) (platform, error) {
	no := make([]byte, 20)
	rand.Read(no) // never fails
	no[0] = no[0]&0x7f | 0x40
	tmpl := &x509.Certificate{SerialNumber: new(big.Int).SetBytes(no), Subject: pkix.Name{CommonName: "Tenpay.com Root CA, played"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(5, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return platform{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return platform{key, cert}, err
}

// Certificate is the platform certificate that WeChat signs with; nil in
// public-key mode.
func (s *Server) Certificate() *x509.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.platforms) == 0 {
		return nil
	}
	return s.platforms[s.signing].cert
}

// IssueCertificate makes another platform certificate, with another key: it is
// handed out from now on beside the older ones, as WeChat does some days before
// it signs with it. Rotate signs with it.
func (s *Server) IssueCertificate() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	p, err := newPlatform(key, s.o.Clock.Now())
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.platforms = append(s.platforms, p)
	return nil
}

// Rotate signs with the newest certificate and hands out no older one.
func (s *Server) Rotate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.platforms, s.signing = s.platforms[len(s.platforms)-1:], 0
}

// signer is what answers and callbacks of WeChat are signed with.
func (s *Server) signer() (serial string, key *rsa.PrivateKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	serial, key = PublicKeyID, s.o.Keys.Provider
	if len(s.platforms) > 0 {
		serial, key = s.platforms[s.signing].serial(), s.platforms[s.signing].key
	}
	return or(s.trouble.Serial, serial), key
}

// certificates hands out the platform certificates, each sealed with the API v3
// key: who has that key needs no other trust.
func (s *Server) certificates(*http.Request, []byte) (any, *problem) {
	s.mu.Lock()
	list := append([]platform(nil), s.platforms...)
	s.mu.Unlock()
	if len(list) == 0 {
		return nil, no(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "this merchant has a public key")
	}
	data := []any{}
	for _, p := range list {
		sealed, err := s.seal(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}), "certificate")
		if err != nil {
			return nil, no(http.StatusInternalServerError, "SYSTEM_ERROR", "the key")
		}
		data = append(data, map[string]any{"serial_no": p.serial(), "encrypt_certificate": sealed,
			"effective_time": p.cert.NotBefore.In(clock.Shanghai).Format(time.RFC3339), "expire_time": p.cert.NotAfter.In(clock.Shanghai).Format(time.RFC3339)})
	}
	return map[string]any{"data": data}, nil
}

// seal seals with the API v3 key (AEAD_AES_256_GCM).
func (s *Server) seal(plain []byte, ad string) (map[string]any, error) {
	block, err := aes.NewCipher([]byte(s.o.Keys.APIv3))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := id.Secret()[:12]
	return map[string]any{"algorithm": "AEAD_AES_256_GCM", "associated_data": ad, "nonce": nonce,
		"ciphertext": base64.StdEncoding.EncodeToString(aead.Seal(nil, []byte(nonce), plain, []byte(ad)))}, nil
}
