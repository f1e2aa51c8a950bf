package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/vault"
)

const plain = "0123456789abcdef-never-in-an-error"

// centre is a configuration with a master key, and a way to seal with it.
func centre(t *testing.T) (config.Config, func(name string) string) {
	t.Helper()
	c := config.Default()
	c.KeyFile = filepath.Join(t.TempDir(), "master.key")
	if _, err := vault.Open(c.KeyFile); err != nil {
		t.Fatal(err)
	}
	return c, func(name string) string {
		s, err := config.Seal(c.KeyFile, name, plain+"\n")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// file writes a file with exactly this mode.
func file(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	p := write(t, text)
	if err := os.Chmod(p, mode); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSealedSecretOpensForItsSettingOnly(t *testing.T) {
	c, seal := centre(t)
	for _, name := range config.Secrets() {
		s := seal(name)
		if strings.Contains(s, plain) {
			t.Fatalf("%s is not sealed: %s", name, s)
		}
		p := file(t, s+"\n", 0o644) // worth nothing to those who may read it
		if got, sealed, err := c.Secret(name, p); err != nil || got != plain || !sealed {
			t.Errorf("%s: %q %v %v", name, got, sealed, err)
		}
		for _, other := range config.Secrets() {
			if got, _, err := c.Secret(other, p); other != name && (err == nil || got != "" || !strings.Contains(err.Error(), "another setting")) {
				t.Errorf("sealed for %s, %s takes it: %q %v", name, other, got, err)
			}
		}
	}
}

func TestSecretRefusals(t *testing.T) {
	const name = "payment.wechat.apiv3_key_file"
	c, seal := centre(t)
	whole := seal(name)
	for what, tc := range map[string]struct {
		text string
		mode os.FileMode
		say  string
	}{
		"torn":            {whole[:len(whole)-5], 0o600, "not whole"},
		"torn to nothing": {"v1.", 0o600, "not whole"},
		"garbage":         {"v1.0000.%%%", 0o600, "not whole"},
		"altered":         {whole[:20] + "AAAA" + whole[24:], 0o600, "not whole"},
		"group reads":     {plain, 0o640, "chmod 600"},
		"all read":        {plain, 0o604, "lindu secret seal " + name},
		"group writes":    {plain, 0o620, "chmod 600"},
		"empty":           {" \n", 0o600, "empty"},
		"too large":       {strings.Repeat(plain, 4000), 0o600, "too large"},
	} {
		p := file(t, tc.text, tc.mode)
		got, _, err := c.Secret(name, p)
		if err == nil || got != "" || !strings.Contains(err.Error(), tc.say) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %q %v", what, got, err)
			continue
		}
		if strings.Contains(err.Error(), plain) || strings.Contains(err.Error(), whole[12:30]) {
			t.Errorf("%s: the error holds what was in the file: %v", what, err)
		}
	}
	if _, _, err := c.Secret(name, ""); err == nil || !strings.Contains(err.Error(), "is needed") {
		t.Errorf("no file: %v", err)
	}
	if _, _, err := c.Secret(name, t.TempDir()); err == nil {
		t.Error("a folder is a secret")
	}
	if got, sealed, err := c.Secret(name, file(t, plain+"\n", 0o400)); err != nil || got != plain || sealed {
		t.Errorf("plain, for the owner only: %q %v %v", got, sealed, err)
	}
}

func TestSealedSecretNeedsItsMasterKey(t *testing.T) {
	const name = "payment.alipay.key_file"
	_, seal := centre(t)
	p := file(t, seal(name), 0o600)
	other, _ := centre(t)
	if _, _, err := other.Secret(name, p); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("another centre: %v", err)
	}
	other.KeyFile = filepath.Join(t.TempDir(), "gone.key")
	if _, _, err := other.Secret(name, p); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("no master key: %v", err)
	}
	if _, err := os.Stat(other.KeyFile); err == nil {
		t.Error("a fresh master key was made, which opens nothing")
	}
}

func TestPublicKeysMayBeRead(t *testing.T) {
	if got, err := config.Public("payment.alipay.public_key_file", file(t, "PUBLIC\n", 0o644)); err != nil || got != "PUBLIC" {
		t.Errorf("%q %v", got, err)
	}
}

func TestSealRefusals(t *testing.T) {
	c, seal := centre(t)
	for say, tc := range map[string][2]string{
		"payment.alipay.key_file": {"no.such", plain}, // the names are listed
		"empty":                   {"db", " \n"},
		"too large":               {"db", strings.Repeat("x", 33<<10)},
		"already":                 {"db", seal("db")},
	} {
		if s, err := config.Seal(c.KeyFile, tc[0], tc[1]); err == nil || s != "" || !strings.Contains(err.Error(), say) || strings.Contains(err.Error(), plain) {
			t.Errorf("%s: %q %v", say, s, err)
		}
	}
	gone := filepath.Join(t.TempDir(), "gone.key")
	if _, err := config.Seal(gone, "db", plain); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("no master key: %v", err)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("a master key was made")
	}
}

func TestLargestSecretFitsItsFile(t *testing.T) {
	c, _ := centre(t)
	s, err := config.Seal(c.KeyFile, "db", strings.Repeat("x", 32<<10))
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := c.Secret("db", file(t, s, 0o600)); err != nil || len(got) != 32<<10 {
		t.Errorf("%d %v", len(got), err)
	}
}

func TestSecretsOfTheConfiguration(t *testing.T) {
	c, seal := centre(t)
	load := func(sets ...string) (config.Config, error) {
		return config.Load("", none, append(sets, "key_file="+c.KeyFile))
	}
	// A file, sealed and plain, and a sealed value in the configuration itself.
	got, err := load("sms.webhook_secret=file:"+file(t, seal("sms.webhook_secret"), 0o644), "recording.s3.secret="+seal("recording.s3.secret"), "db=file:"+file(t, plain, 0o600))
	if err != nil || got.SMS.WebhookSecret != plain || got.Recording.S3.Secret != plain || got.DB != plain {
		t.Fatalf("%v", err)
	}
	if !reflect.DeepEqual(got.Unsealed, []string{"db"}) {
		t.Errorf("unsealed: %v", got.Unsealed)
	}
	for what, set := range map[string]string{
		"of another setting":          "sms.webhook_secret=" + seal("db"),
		"of another setting, in file": "sms.webhook_secret=file:" + file(t, seal("db"), 0o600),
		"open to others":              "sms.webhook_secret=file:" + file(t, plain, 0o644),
	} {
		if _, err := load(set); err == nil || !strings.Contains(err.Error(), "sms.webhook_secret") || strings.Contains(err.Error(), plain) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := load("Unsealed=x"); err == nil {
		t.Error("what was read from plain files can be set")
	}
}
