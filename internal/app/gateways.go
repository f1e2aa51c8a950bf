package app

import (
	"context"
	"fmt"
	"path/filepath"

	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/wechat"
)

// gatewaysOf makes the payment gateways that are configured, in the order
// buyers see them.
func (a *App) gatewaysOf(cfg config.Config) ([]payment.Gateway, error) {
	var out []payment.Gateway
	if cfg.Payment.WeChat.Merchant != "" {
		o, err := a.wechatOptions(cfg)
		if err != nil {
			return nil, err
		}
		o.Clock, o.Split = a.DB.Clock, a.splits
		g, err := wechat.New(o)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	if c := cfg.Payment.Alipay; c.App != "" {
		private, err := a.secret("payment.alipay.key_file", c.KeyFile)
		if err != nil {
			return nil, err
		}
		public, err := config.Public("payment.alipay.public_key_file", c.PublicKeyFile)
		if err != nil {
			return nil, err
		}
		g, err := alipay.New(alipay.Options{App: c.App, Seller: c.Seller, Private: private, Public: public, Notify: cfg.BaseURL + "/pay/callback/" + alipay.Name, Clock: a.DB.Clock, API: alipayAt()})
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// alipayAt is the one address of Alipay's API.
func alipayAt() string {
	if at := providerAt(); at != "" {
		return at + "/gateway.do"
	}
	return ""
}

func (a *App) wechatOptions(cfg config.Config) (wechat.Options, error) {
	c := cfg.Payment.WeChat
	o := wechat.Options{Merchant: c.Merchant, App: c.App, Site: cfg.BaseURL, SiteName: cfg.Centre.Name, Notify: cfg.BaseURL + "/pay/callback/" + wechat.Name, API: providerAt(),
		Keys: wechat.Keys{MerchantSerial: c.Serial, PublicID: c.PublicKeyID}}
	key, err := a.secret("payment.wechat.key_file", c.KeyFile)
	if err != nil {
		return o, err
	}
	if o.Keys.Merchant, err = wechat.LoadKey(key); err != nil {
		return o, fmt.Errorf("payment.wechat.key_file: %s holds no private key", c.KeyFile) // the library's error may hold it
	}
	if o.Keys.APIv3, err = a.secret("payment.wechat.apiv3_key_file", c.APIv3KeyFile); err != nil {
		return o, err
	}
	if c.AppSecretFile != "" {
		if o.Secret, err = a.secret("payment.wechat.app_secret_file", c.AppSecretFile); err != nil {
			return o, err
		}
	}
	if c.PublicKeyFile != "" {
		pem, err := config.Public("payment.wechat.public_key_file", c.PublicKeyFile)
		if err != nil {
			return o, err
		}
		if o.Keys.Public, err = wechat.LoadPublic(pem); err != nil {
			return o, fmt.Errorf("payment.wechat.public_key_file: %s holds no public key", c.PublicKeyFile)
		}
	}
	return o, loadCertificates(&o, c.CertificateDir)
}

func loadCertificates(o *wechat.Options, dir string) error {
	if dir == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("payment.wechat.certificate_dir: no *.pem in %s", dir)
	}
	for _, f := range files {
		pem, err := config.Public("payment.wechat.certificate_dir", f)
		if err != nil {
			return err
		}
		cert, err := wechat.LoadCertificate(pem)
		if err != nil {
			return fmt.Errorf("payment.wechat.certificate_dir: %s is no certificate", f)
		}
		o.Keys.Certificates = append(o.Keys.Certificates, cert)
	}
	return nil
}

// secret reads a key from its file and tells the log of one that is not sealed.
func (a *App) secret(setting, path string) (string, error) {
	v, sealed, err := a.cfg.Secret(setting, path)
	if err == nil && !sealed {
		a.tellUnsealed(setting)
	}
	return v, err
}

func (a *App) tellUnsealed(settings ...string) {
	for _, s := range settings {
		a.log.Warn("a secret stands in its file unsealed: whoever copies the file has it; 'lindu secret seal' seals it", "setting", s)
	}
}

// splits tells whether a payment's order has goods that the provider shares
// with their producers.
func (a *App) splits(ctx context.Context, p payment.Payment) (bool, error) {
	if p.Purpose == payment.ForGift {
		return false, nil
	}
	shares, err := order.Shares(ctx, a.DB, p.Order)
	if err != nil {
		return false, err
	}
	for _, s := range shares {
		if s.Settlement == order.Split {
			return true, nil
		}
	}
	return false, nil
}
