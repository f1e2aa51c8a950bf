package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// ErrSealed means a sealed field can't be opened: wrong key, wrong column or
// altered text.
var ErrSealed = errors.New("vault: field can't be opened")

// KeySize is the length of a master key in bytes.
const KeySize = 32

type key struct {
	id   string
	aead cipher.AEAD
	mac  []byte
}

// Vault seals and opens fields.
type Vault struct {
	keys []key // the first seals, all open
}

// New makes a vault of master keys, newest first.
func New(masters ...[]byte) (*Vault, error) {
	if len(masters) == 0 {
		return nil, errors.New("vault: no master key")
	}
	v := &Vault{}
	for _, m := range masters {
		if len(m) != KeySize {
			return nil, fmt.Errorf("vault: master key has %d bytes, want %d", len(m), KeySize)
		}
		k, err := derive(m)
		if err != nil {
			return nil, err
		}
		v.keys = append(v.keys, k)
	}
	return v, nil
}

func derive(master []byte) (key, error) {
	enc, err := hkdf.Key(sha256.New, master, nil, "lindu field encryption", 32)
	if err != nil {
		return key{}, err
	}
	mac, err := hkdf.Key(sha256.New, master, nil, "lindu blind index", 32)
	if err != nil {
		return key{}, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return key{}, err
	}
	sum := sha256.Sum256(append([]byte("lindu key id"), enc...))
	return key{id: hex.EncodeToString(sum[:4]), aead: aead, mac: mac}, nil
}

// Open reads the master keys from a file, one of 64 hex digits a line, newest
// first; the file is made with a fresh key, readable by its owner only, if it
// does not exist.
func Open(path string) (*Vault, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if b, err = create(path); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	var masters [][]byte
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m, err := hex.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("vault: %s holds a line that is no hex key", path)
		}
		masters = append(masters, m)
	}
	return New(masters...)
}

func create(path string) ([]byte, error) {
	m := make([]byte, KeySize)
	if _, err := rand.Read(m); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	b := []byte("# Lindu's master keys, newest first. Without this file sealed personal data can't be read. Keep a copy apart from the database.\n" + hex.EncodeToString(m) + "\n")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(b); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return b, errors.Join(f.Sync(), f.Close())
}

// Seal encrypts text for the column; the empty text stays empty.
func (v *Vault) Seal(column, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	k := v.keys[0]
	nonce := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(text)+k.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	sealed := k.aead.Seal(nonce, nonce, []byte(text), []byte(column))
	return "v1." + k.id + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open decrypts what Seal made for the same column.
func (v *Vault) Open(column, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	part := strings.SplitN(sealed, ".", 3)
	if len(part) != 3 || part[0] != "v1" {
		return "", ErrSealed
	}
	b, err := base64.RawURLEncoding.DecodeString(part[2])
	if err != nil {
		return "", ErrSealed
	}
	for _, k := range v.keys {
		if k.id != part[1] || len(b) < k.aead.NonceSize() {
			continue
		}
		n := k.aead.NonceSize()
		text, err := k.aead.Open(nil, b[:n], b[n:], []byte(column))
		if err != nil {
			return "", ErrSealed
		}
		return string(text), nil
	}
	return "", ErrSealed
}

// Index is the blind index of text in the column, for exact search.
func (v *Vault) Index(column, text string) string {
	h := hmac.New(sha256.New, v.keys[len(v.keys)-1].mac) // the oldest key: an index must not change when a key is added
	h.Write([]byte(column))
	h.Write([]byte{0})
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// Phone masks a phone number: 138****1234.
func Phone(p string) string {
	if len(p) < 7 {
		return strings.Repeat("*", len(p))
	}
	return p[:3] + "****" + p[len(p)-4:]
}

// Name masks a person's name to its first character: 李**.
func Name(n string) string {
	_, w := utf8.DecodeRuneInString(n)
	if w == 0 {
		return ""
	}
	return n[:w] + strings.Repeat("*", max(1, utf8.RuneCountInString(n)-1))
}

// Text masks all but the first n characters.
func Text(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return strings.Repeat("*", len(r))
	}
	return string(r[:n]) + "****"
}
