package paysim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"lindu.example/lindu/internal/id"
)

// Keys of the merchant and of the providers that are played. One key a side
// serves both providers.
type Keys struct {
	Merchant *rsa.PrivateKey
	Provider *rsa.PrivateKey
	APIv3    string // WeChat's key for callbacks
}

// What the merchant is called at the providers.
const (
	MerchantNo     = "1900000109" // WeChat's mchid
	MerchantSerial = "5157F09EFDC096DE15EBE81A47057A7200000000"
	AppID          = "wx8888888888888888"
	AppSecret      = "demo-app-secret"
	PublicKeyID    = "PUB_KEY_ID_0119000001092026112200000000000000"
	AlipayApp      = "2021000000000000"
	AlipaySeller   = "2088000000000000"
)

// NewKeys makes fresh keys for both sides.
func NewKeys() (Keys, error) {
	k := Keys{APIv3: id.Secret()[:32]}
	var wg sync.WaitGroup
	var merchant, provider error
	wg.Go(func() { k.Merchant, merchant = rsa.GenerateKey(rand.Reader, 2048) })
	wg.Go(func() { k.Provider, provider = rsa.GenerateKey(rand.Reader, 2048) })
	wg.Wait()
	return k, errors.Join(merchant, provider)
}

// kept is how keys stand in a file.
type kept struct {
	Merchant, Provider []byte
	APIv3              string
}

// OpenKeys reads keys from a file, or makes fresh ones and keeps them there,
// readable by the owner only.
func OpenKeys(path string) (Keys, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		k, err := NewKeys()
		if err != nil {
			return Keys{}, err
		}
		b, err := json.Marshal(kept{x509.MarshalPKCS1PrivateKey(k.Merchant), x509.MarshalPKCS1PrivateKey(k.Provider), k.APIv3})
		if err != nil {
			return Keys{}, err
		}
		return k, errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, b, 0o600))
	} else if err != nil {
		return Keys{}, err
	}
	var f kept
	if err := json.Unmarshal(b, &f); err != nil {
		return Keys{}, fmt.Errorf("paysim: %s holds no keys: %w", path, err)
	}
	k := Keys{APIv3: f.APIv3}
	if k.Merchant, err = x509.ParsePKCS1PrivateKey(f.Merchant); err != nil {
		return Keys{}, fmt.Errorf("paysim: %s: %w", path, err)
	}
	if k.Provider, err = x509.ParsePKCS1PrivateKey(f.Provider); err != nil {
		return Keys{}, fmt.Errorf("paysim: %s: %w", path, err)
	}
	return k, nil
}

// MerchantPEM is the merchant's private key as a configuration holds it.
func (k Keys) MerchantPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k.Merchant)}))
}

// ProviderPEM is the providers' public key.
func (k Keys) ProviderPEM() string {
	b, err := x509.MarshalPKIXPublicKey(&k.Provider.PublicKey)
	if err != nil {
		panic(err) // an RSA key always marshals
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}))
}

// sign is SHA256 with RSA (PKCS#1 v1.5), base64.
func sign(k *rsa.PrivateKey, message string) string {
	sum := sha256.Sum256([]byte(message))
	s, err := rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // the key is whole: NewKeys or OpenKeys made it
	}
	return base64.StdEncoding.EncodeToString(s)
}

func verify(k *rsa.PublicKey, message, signature string) error {
	s, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(message))
	return rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], s)
}
