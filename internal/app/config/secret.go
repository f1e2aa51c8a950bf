package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"lindu.example/lindu/internal/vault"
)

const (
	maxSecretFile = 64 << 10
	maxSecret     = 32 << 10 // sealed, it still fits into maxSecretFile
	sealedPrefix  = "v1."    // what package vault's sealed text begins with
)

// Secrets are the settings whose secret can be sealed, each under its own name.
func Secrets() []string {
	return []string{
		"payment.wechat.key_file", "payment.wechat.apiv3_key_file", "payment.wechat.app_secret_file", "payment.alipay.key_file",
		"sms.webhook_secret", "recording.s3.secret", "db",
	}
}

// Secret reads the secret of a setting from its file and tells whether it stood
// there sealed. A plain one is taken only from a file that nobody else may read.
// No error holds what was in the file.
func (c Config) Secret(name, path string) (value string, sealed bool, err error) {
	text, mode, err := readKey(name, path)
	if err != nil {
		return "", false, err
	}
	if strings.HasPrefix(text, sealedPrefix) {
		if value, err = c.unseal(name, text); err != nil {
			return "", false, fmt.Errorf("%s: %s %w", name, path, err)
		}
		return value, true, nil
	}
	if runtime.GOOS != "windows" && mode.Perm()&0o077 != 0 { // Windows has no such bits
		return "", false, fmt.Errorf("%s: %s is open to others (mode %04o): `chmod 600 %[2]s`, or seal it: `lindu secret seal %[1]s %[2]s --in-place`", name, path, mode.Perm())
	}
	return text, false, nil
}

// Public reads a key that everybody may know from its file.
func Public(name, path string) (string, error) {
	text, _, err := readKey(name, path)
	return text, err
}

func readKey(name, path string) (text string, mode fs.FileMode, err error) {
	if path == "" {
		return "", 0, fmt.Errorf("%s is needed", name)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w", name, err)
	}
	defer f.Close()
	info, err := f.Stat() // of the open file: what is looked at is what is read
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w", name, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	switch text = strings.TrimSpace(string(b)); {
	case err != nil:
		return "", 0, fmt.Errorf("%s: %w", name, err)
	case len(b) > maxSecretFile:
		return "", 0, fmt.Errorf("%s: %s is too large to be a key", name, path)
	case text == "":
		return "", 0, fmt.Errorf("%s: %s is empty", name, path)
	}
	return text, info.Mode(), nil
}

func (c Config) unseal(name, text string) (string, error) {
	v, err := masterVault(c.masterKeys())
	if err != nil {
		return "", fmt.Errorf("is sealed: %w", err)
	}
	value, err := v.Open(column(name), text)
	if err != nil {
		return "", fmt.Errorf("is sealed, but can't be opened: it was sealed for another setting than %[1]s or with other master keys than %[2]s holds, or it is not whole; seal the secret anew: `lindu secret seal %[1]s`", name, c.masterKeys())
	}
	return value, nil
}

// Seal seals the secret of a setting with the master key in a file.
func Seal(keyFile, name, plain string) (string, error) {
	plain = strings.TrimSpace(plain)
	switch {
	case !slices.Contains(Secrets(), name):
		return "", fmt.Errorf("%q is no setting with a secret; these are: %s", name, strings.Join(Secrets(), ", "))
	case plain == "":
		return "", errors.New("there is nothing to seal: the secret is empty")
	case len(plain) > maxSecret:
		return "", fmt.Errorf("this is too large to be a secret: more than %d KB", maxSecret>>10)
	case strings.HasPrefix(plain, sealedPrefix):
		return "", errors.New("this is sealed already")
	}
	v, err := masterVault(keyFile)
	if err != nil {
		return "", err
	}
	return v.Seal(column(name), plain)
}

// column keeps a secret of the configuration apart from the database's columns
// and from other secrets.
func column(name string) string { return "config/" + name }

// masterVault opens the vault but never makes its key: what a fresh key sealed
// in the wrong folder no server could open.
func masterVault(keyFile string) (*vault.Vault, error) {
	if _, err := os.Stat(keyFile); err != nil {
		return nil, fmt.Errorf("the master key is missing: the first `lindu serve` makes it, with secrets still in plain files of mode 600; --data or key_file say where it is: %w", err)
	}
	return vault.Open(keyFile)
}

// MasterKeys is the file of the master keys. It reads no secret: whoever seals
// one may have others that are still refused.
func MasterKeys(path string, environ func() []string, sets []string) (string, error) {
	c, err := parse(path, environ, sets)
	return c.masterKeys(), err
}

func (c Config) masterKeys() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Join(c.Data, "keys", "master.key")
}

// openSecrets puts the secrets in the place of what names them: "file:/path", or
// a sealed value.
func (c *Config) openSecrets() error {
	var errs []error
	for _, s := range []struct {
		name  string
		value *string
	}{{"sms.webhook_secret", &c.SMS.WebhookSecret}, {"db", &c.DB}, {"recording.s3.secret", &c.Recording.S3.Secret}} {
		var err error
		sealed := true
		if path, ok := strings.CutPrefix(*s.value, "file:"); ok {
			*s.value, sealed, err = c.Secret(s.name, path)
		} else if strings.HasPrefix(*s.value, sealedPrefix) {
			if *s.value, err = c.unseal(s.name, *s.value); err != nil {
				err = fmt.Errorf("%s %w", s.name, err)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("config: %w", err))
		} else if !sealed {
			c.Unsealed = append(c.Unsealed, s.name)
		}
	}
	return errors.Join(errs...)
}
