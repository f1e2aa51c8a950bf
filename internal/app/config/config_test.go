package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/app/config"
)

func none() []string { return nil }

func write(t *testing.T, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "lindu.yaml")
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLaterSourcesWin(t *testing.T) {
	p := write(t, "http: 127.0.0.1:1\norders:\n  unpaid_for: 1m\n  queue: 7\n")
	c, err := config.Load(p, func() []string {
		return []string{"LINDU_ORDERS__UNPAID_FOR=2m", "LINDU_CENTRE__NAME=X", "OTHER=1", "LINDU_TEST_PG=postgres://x"}
	}, []string{"orders.unpaid_for=3m"})
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTP != "127.0.0.1:1" || c.Orders.UnpaidFor != 3*time.Minute || c.Orders.Queue != 7 || c.Centre.Name != "X" || c.Orders.Group != 256 {
		t.Errorf("got %+v", c)
	}
}

func TestUnknownKeysFail(t *testing.T) {
	if _, err := config.Load(write(t, "htp: x\n"), none, nil); err == nil || !strings.Contains(err.Error(), "htp") {
		t.Errorf("file: %v", err)
	}
	if _, err := config.Load("", func() []string { return []string{"LINDU_ORDERS__QUEU=1"} }, nil); err == nil {
		t.Error("environment: no error")
	}
	if _, err := config.Load("", none, []string{"a.b=c"}); err == nil {
		t.Error("flag: no error")
	}
	if _, err := config.Load("", none, []string{"http"}); err == nil {
		t.Error("flag without value: no error")
	}
}

func TestBadValuesAreAllNamed(t *testing.T) {
	_, err := config.Load("", none, []string{"http=x", "log.level=loud", "orders.group=0", "base_url=ftp://a/", "orders.unpaid_for=0s"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, key := range []string{"http", "log.level", "orders.group", "base_url", "orders.unpaid_for"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%s is not named in: %v", key, err)
		}
	}
	if _, err := config.Load("", none, []string{"orders.queue=many"}); err == nil {
		t.Error("a word passes as a number")
	}
}

func TestExampleIsTheDefault(t *testing.T) {
	c, err := config.Load(write(t, config.Example()), none, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.KeyFile = c.KeyFile
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestSecretFromFile(t *testing.T) {
	p := write(t, "s3cret\n")
	c, err := config.Load("", none, []string{"sms.webhook_secret=file:" + p})
	if err != nil || c.SMS.WebhookSecret != "s3cret" {
		t.Errorf("%q %v", c.SMS.WebhookSecret, err)
	}
	if _, err := config.Load("", none, []string{"sms.webhook_secret=file:/nowhere/x"}); err == nil {
		t.Error("a missing secret file gives no error")
	}
}
