package app_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/paysim"
	"lindu.example/lindu/internal/payment/wechat"
	"lindu.example/lindu/internal/vault"
)

// till is the folder of a centre's payment keys.
type till struct {
	dir    string
	keys   paysim.Keys
	wechat string // the merchant's key as WeChat Pay gives it, PKCS #8
}

func newTill(t *testing.T) till {
	t.Helper()
	k, err := paysim.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.Merchant)
	if err != nil {
		t.Fatal(err)
	}
	l := till{t.TempDir(), k, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}
	if _, err := vault.Open(filepath.Join(l.dir, "keys", "master.key")); err != nil {
		t.Fatal(err)
	}
	for name, text := range l.secrets() {
		l.put(t, name, text, 0o600)
	}
	l.put(t, "public", k.ProviderPEM(), 0o644) // as a public key may be
	return l
}

func (l till) secrets() map[string]string {
	return map[string]string{"payment.wechat.key_file": l.wechat, "payment.wechat.apiv3_key_file": l.keys.APIv3,
		"payment.wechat.app_secret_file": paysim.AppSecret, "payment.alipay.key_file": l.keys.MerchantPEM()}
}

func (l till) path(name string) string { return filepath.Join(l.dir, name) }

func (l till) put(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := errors.Join(os.WriteFile(l.path(name), []byte(text), 0o600), os.Chmod(l.path(name), mode)); err != nil {
		t.Fatal(err)
	}
}

// seal puts what is sealed for a setting into a setting's file.
func (l till) seal(t *testing.T, of, into string) {
	t.Helper()
	s, err := config.Seal(filepath.Join(l.dir, "keys", "master.key"), of, l.secrets()[of])
	if err != nil {
		t.Fatal(err)
	}
	l.put(t, into, s+"\n", 0o644)
}

// open makes the centre and tells which ways to pay it has and what it logged.
func (l till) open(t *testing.T) (ways int, log string, err error) {
	t.Helper()
	sets := []string{"http=127.0.0.1:0", "rtmp=", "rtc.udp=", "rtc.tcp=", "data=" + l.dir, "base_url=https://shop.example",
		"payment.wechat.merchant=" + paysim.MerchantNo, "payment.wechat.app=" + paysim.AppID, "payment.wechat.serial=" + paysim.MerchantSerial,
		"payment.wechat.public_key_id=" + paysim.PublicKeyID, "payment.wechat.public_key_file=" + l.path("public"),
		"payment.alipay.app=" + paysim.AlipayApp, "payment.alipay.seller=" + paysim.AlipaySeller, "payment.alipay.public_key_file=" + l.path("public")}
	for name := range l.secrets() {
		sets = append(sets, name+"="+l.path(name))
	}
	cfg, err := config.Load("", func() []string { return nil }, sets)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	a, err := app.New(t.Context(), cfg, app.Options{Log: slog.New(slog.NewTextHandler(&b, nil))})
	if err == nil {
		for _, n := range []string{wechat.Name, alipay.Name} {
			if a.Flow.Gateways[n] != nil {
				ways++
			}
		}
		err = errors.Join(a.Start(), a.Close())
	}
	// Neither a key nor a line of one.
	said := b.String()
	if err != nil {
		said += err.Error()
	}
	for name, s := range l.secrets() {
		for line := range strings.Lines(s) {
			if line = strings.TrimSpace(line); strings.Contains(said, line) {
				t.Errorf("%s is told: %s", name, said)
			}
		}
	}
	return ways, b.String(), err
}

func TestGatewaysStartWithSealedKeys(t *testing.T) {
	l := newTill(t)
	ways, log, err := l.open(t)
	if err != nil || ways != 2 {
		t.Fatalf("plain: %d ways, %v", ways, err)
	}
	for name := range l.secrets() {
		if strings.Count(log, "setting="+name+"\n") != 1 {
			t.Errorf("the log does not say once that %s is unsealed: %s", name, log)
		}
		l.seal(t, name, name)
	}
	if ways, log, err = l.open(t); err != nil || ways != 2 || strings.Contains(log, "unsealed") {
		t.Errorf("sealed: %d ways, %v, %s", ways, err, log)
	}
}

func TestGatewaysRefuseKeys(t *testing.T) {
	for what, tc := range map[string]struct {
		do  func(*testing.T, till)
		say string
	}{
		"swapped": {func(t *testing.T, l till) { l.seal(t, "payment.wechat.key_file", "payment.alipay.key_file") }, "another setting"},
		"torn": {func(t *testing.T, l till) {
			l.seal(t, "payment.wechat.apiv3_key_file", "payment.wechat.apiv3_key_file")
			if err := os.Truncate(l.path("payment.wechat.apiv3_key_file"), 40); err != nil {
				t.Fatal(err)
			}
		}, "not whole"},
		"open to others": {func(t *testing.T, l till) { l.put(t, "payment.alipay.key_file", l.keys.MerchantPEM(), 0o640) }, "chmod 600"},
		"no key":         {func(t *testing.T, l till) { l.put(t, "payment.wechat.key_file", l.keys.APIv3, 0o600) }, "holds no private key"},
		"half a key":     {func(t *testing.T, l till) { l.put(t, "payment.alipay.key_file", l.keys.MerchantPEM()[:700], 0o600) }, "can't be read"},
	} {
		t.Run(what, func(t *testing.T) {
			l := newTill(t)
			tc.do(t, l)
			if _, _, err := l.open(t); err == nil || !strings.Contains(err.Error(), tc.say) {
				t.Errorf("%v", err)
			}
		})
	}
}
