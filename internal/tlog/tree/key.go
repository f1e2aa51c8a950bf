package tree

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Key signs checkpoints.
type Key struct {
	Signer   note.Signer
	Verifier note.Verifier
	VKey     string // to publish: name+hash+key
}

// OpenKey reads the signing key from a file, readable by its owner only, and
// makes it with the name if there is none. The name stays what it was at the
// first start.
func OpenKey(path, name string) (Key, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err = makeKey(path, name); err == nil {
			b, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return Key{}, err
	}
	skey, vkey, ok := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if !ok {
		return Key{}, fmt.Errorf("tree: %s holds no key: two lines, private and public", path)
	}
	k := Key{VKey: strings.TrimSpace(vkey)}
	if k.Signer, err = note.NewSigner(strings.TrimSpace(skey)); err != nil {
		return k, fmt.Errorf("tree: %s: the private key can't be read", path) // the error could hold it
	}
	if k.Verifier, err = note.NewVerifier(k.VKey); err != nil {
		return k, fmt.Errorf("tree: %s: %w", path, err)
	}
	if k.Verifier.KeyHash() != k.Signer.KeyHash() || k.Verifier.Name() != k.Signer.Name() {
		return k, fmt.Errorf("tree: %s: the public key is not the private one's", path)
	}
	return k, nil
}

func makeKey(path, name string) error {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return fmt.Errorf("tree: a key named %q: %w", name, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(skey + "\n" + vkey + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// Witness is the verifier of a witness's cosignatures (C2SP tlog-cosignature)
// from its verifier key.
func Witness(vkey string) (note.Verifier, error) { return fnote.NewVerifierForCosignatureV1(vkey) }
