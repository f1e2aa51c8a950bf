package sandbox

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Keys of a merchant and the provider. Each side needs its own private key
// and the other's public one.
type Keys struct {
	Merchant        string             // the merchant's number at the provider
	MerchantPrivate ed25519.PrivateKey // nil on the provider's side
	MerchantPublic  ed25519.PublicKey
	ProviderPrivate ed25519.PrivateKey // nil on the merchant's side
	ProviderPublic  ed25519.PublicKey
}

// NewKeys makes fresh keys for both sides.
func NewKeys() (Keys, error) {
	mp, mk, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Keys{}, err
	}
	pp, pk, err := ed25519.GenerateKey(rand.Reader)
	return Keys{Merchant: "lindu", MerchantPrivate: mk, MerchantPublic: mp, ProviderPrivate: pk, ProviderPublic: pp}, err
}

// ForMerchant is what our side may know.
func (k Keys) ForMerchant() Keys { k.ProviderPrivate = nil; return k }

// ForProvider is what the provider may know.
func (k Keys) ForProvider() Keys { k.MerchantPrivate = nil; return k }

// serial names a public key, as a certificate's serial number does.
func serial(k ed25519.PublicKey) string {
	sum := sha256.Sum256(k)
	return hex.EncodeToString(sum[:8])
}

// OpenKeys reads keys from a file, or makes fresh ones and keeps them there,
// readable by the owner only.
func OpenKeys(path string) (Keys, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return createKeys(path)
	} else if err != nil {
		return Keys{}, err
	}
	var k Keys
	if err := json.Unmarshal(b, &k); err != nil {
		return Keys{}, fmt.Errorf("sandbox: %s holds no keys: %w", path, err)
	}
	if k.Merchant == "" || !size(k.MerchantPublic, ed25519.PublicKeySize) || !size(k.ProviderPublic, ed25519.PublicKeySize) ||
		k.MerchantPrivate != nil && !size(k.MerchantPrivate, ed25519.PrivateKeySize) ||
		k.ProviderPrivate != nil && !size(k.ProviderPrivate, ed25519.PrivateKeySize) {
		return Keys{}, fmt.Errorf("sandbox: %s holds no whole set of keys", path)
	}
	return k, nil
}

func size(b []byte, n int) bool { return len(b) == n }

func createKeys(path string) (Keys, error) {
	k, err := NewKeys()
	if err != nil {
		return Keys{}, err
	}
	b, err := json.Marshal(k)
	if err != nil {
		return Keys{}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Keys{}, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Keys{}, err
	}
	_, err = f.Write(b)
	return k, errors.Join(err, f.Sync(), f.Close())
}
