package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"lindu.example/lindu/internal/vault"
)

// sealed runs 'lindu secret seal …' as it stands on the command line.
func sealed(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var c commands
	p, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Parse(append([]string{"secret", "seal"}, args...)); err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = c.Secret.Seal.seal(&c, strings.NewReader(in), &out)
	return out.String(), err
}

func TestSecretSeal(t *testing.T) {
	const name, plain = "sms.webhook_secret", "a-secret-of-some-length"
	dir := t.TempDir()
	if out, err := sealed(t, plain, name, "--data", dir); err == nil || !strings.Contains(err.Error(), "master key is missing") {
		t.Fatalf("without a master key: %q %v", out, err)
	}
	if _, err := vault.Open(filepath.Join(dir, "keys", "master.key")); err != nil {
		t.Fatal(err)
	}
	read := func(value string) string {
		t.Helper()
		cfg, err := (&commands{Set: []string{name + "=" + value}}).load("data=" + dir)
		if err != nil {
			t.Fatal(err)
		}
		return cfg.SMS.WebhookSecret
	}
	out, err := sealed(t, plain+"\n", name, "--data", dir)
	if err != nil || strings.Contains(out, plain) || read(strings.TrimSpace(out)) != plain {
		t.Fatalf("standard input: %q %v", out, err)
	}

	file := filepath.Join(dir, "sms.secret")
	link := filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte(plain), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	// The configuration that the server refuses because of this very file.
	set := []string{"--data", dir, "--set", name + "=file:" + file}
	out, err = sealed(t, "", append(set, name, file)...)
	if b, _ := os.ReadFile(file); err != nil || !strings.HasPrefix(out, "v1.") || string(b) != plain {
		t.Fatalf("printed: %q %v, the file holds %q", out, err, b)
	}
	out, err = sealed(t, "", append(set, name, link, "--in-place")...)
	if err != nil || strings.Contains(out, plain) || read("file:"+file) != plain {
		t.Fatalf("in place: %q %v", out, err)
	}
	if st, err := os.Lstat(file); err != nil || st.Mode() != 0o600 {
		t.Errorf("%v %v", st.Mode(), err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", st, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".seal-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	before, _ := os.ReadFile(file)
	if _, err := sealed(t, "", name, file, "--in-place", "--data", dir); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("twice: %v", err)
	}
	if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
		t.Error("a refused file was changed")
	}
}

func TestSecretSealRefusals(t *testing.T) {
	dir := t.TempDir()
	if _, err := vault.Open(filepath.Join(dir, "keys", "master.key")); err != nil {
		t.Fatal(err)
	}
	for say, tc := range map[string]struct {
		in   string
		args []string
	}{
		"payment.wechat.key_file": {"x", []string{"payment.wechat.public_key_file"}},
		"empty":                   {"\n", []string{"db"}},
		"too large":               {strings.Repeat("x", 2<<20), []string{"db"}},
		"needs a FILE":            {"x", []string{"db", "--in-place"}},
		"no such file":            {"x", []string{"db", filepath.Join(dir, "nowhere")}},
	} {
		if out, err := sealed(t, tc.in, append(tc.args, "--data", dir)...); err == nil || out != "" || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %q %v", say, out, err)
		}
	}
}
