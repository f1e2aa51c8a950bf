package wechat

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/payment"
)

// Name of the gateway: in payments, and in the callback's address.
const Name = "wechat"

// base is where the SDK sends everything.
const base = "https://api.mch.weixin.qq.com"

// Keys of both sides.
type Keys struct {
	MerchantSerial string          // serial number of the merchant's API certificate
	Merchant       *rsa.PrivateKey // signs our requests
	APIv3          string          // 32 characters: opens callbacks
	PublicID       string          // "PUB_KEY_ID_…": public-key mode
	Public         *rsa.PublicKey
	Certificates   []*x509.Certificate // certificate mode; with PublicID both are taken
}

// Options of New.
type Options struct {
	Merchant string // merchant number, mchid
	App      string // app id the merchant is bound to
	Secret   string // of the app, for openid in WeChat's browser; empty: no JSAPI
	Keys     Keys
	Notify   string // where WeChat calls back: https://…/pay/callback/wechat
	Site     string // public address of our site, for JSAPI
	SiteName string // shown by WeChat on a phone
	API      string // replaces the provider's address: the simulator
	Login    string // replaces https://open.weixin.qq.com and https://api.weixin.qq.com
	Clock    clock.Clock
	// Split tells of a payment whether it is to be shared with producers.
	Split func(ctx context.Context, p payment.Payment) (bool, error)
}

// Gateway implements payment.Gateway.
type Gateway struct {
	o        Options
	client   *core.Client // signs and verifies
	plain    *core.Client // signs, for what is proven otherwise: files of bills, certificates
	verifier auth.Verifier
}

var _ payment.Gateway = (*Gateway)(nil)

// timeout of one call beside the caller's context.
const timeout = 8 * time.Second

// New checks the keys and makes a gateway.
func New(o Options) (*Gateway, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	known := newCertificates(o.Keys.Certificates, o.Clock)
	verifier := o.Keys.verifier(known)
	g := &Gateway{o: o, verifier: verifier}
	calls := &http.Client{Timeout: timeout, Transport: &elsewhere{to: o.API}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ctx := context.Background()
	var err error
	g.client, err = core.NewClient(ctx, option.WithMerchantCredential(o.Merchant, o.Keys.MerchantSerial, o.Keys.Merchant),
		option.WithVerifier(verifier), option.WithHTTPClient(calls))
	if err != nil {
		return nil, fmt.Errorf("wechat: %w", err)
	}
	g.plain = core.NewClientWithValidator(g.client, &validators.NullValidator{})
	known.fetch = g.download
	return g, nil
}

func (o Options) check() error {
	k := o.Keys
	switch {
	case o.Merchant == "" || o.App == "":
		return errors.New("wechat: merchant number and app id are needed")
	case k.Merchant == nil || k.MerchantSerial == "":
		return errors.New("wechat: the merchant's private key and its certificate's serial number are needed")
	case len(k.APIv3) != 32:
		return errors.New("wechat: the API v3 key has 32 characters")
	case (k.PublicID == "") != (k.Public == nil):
		return errors.New("wechat: the public key and its id go together")
	case k.Public == nil && len(k.Certificates) == 0:
		return errors.New("wechat: WeChat's public key or its platform certificates are needed")
	}
	for _, a := range []string{o.Notify, o.Site} {
		if u, err := url.Parse(a); err != nil || u.Host == "" {
			return fmt.Errorf("wechat: %q is no address", a)
		}
	}
	return nil
}

// verifier takes what is signed with the public key, with a platform
// certificate, or with either.
func (k Keys) verifier(certificates *certificates) auth.Verifier {
	switch {
	case k.Public == nil:
		return verifiers.NewSHA256WithRSAVerifier(certificates)
	case len(k.Certificates) == 0:
		return verifiers.NewSHA256WithRSAPubkeyVerifier(k.PublicID, *k.Public)
	}
	return verifiers.NewSHA256WithRSACombinedVerifier(certificates, k.PublicID, *k.Public)
}

// LoadKey reads a private key in PEM.
func LoadKey(pem string) (*rsa.PrivateKey, error) { return utils.LoadPrivateKey(pem) }

// LoadPublic reads a public key in PEM.
func LoadPublic(pem string) (*rsa.PublicKey, error) { return utils.LoadPublicKey(pem) }

// LoadCertificate reads a certificate in PEM.
func LoadCertificate(pem string) (*x509.Certificate, error) { return utils.LoadCertificate(pem) }

// elsewhere sends what goes to the provider's address to another one: the
// SDK's address is a constant.
type elsewhere struct{ to string }

func (e *elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if e.to == "" {
		return http.DefaultTransport.RoundTrip(r)
	}
	to, err := url.Parse(e.to)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = to.Scheme, to.Host, to.Host
	r.URL.Path = strings.TrimRight(to.Path, "/") + r.URL.Path
	return http.DefaultTransport.RoundTrip(r)
}

// Name implements payment.Gateway.
func (g *Gateway) Name() string { return Name }

// down is the fault of a provider that can't be used just now.
func down(err error) error {
	return fault.New(fault.Unavailable, "payment.gateway_down").After(5 * time.Second).Because(err)
}

// refused maps WeChat's codes to ours (pay.weixin.qq.com/doc/v3/merchant, error
// codes of each call). What can't be told is tried again.
func refused(err error) error {
	var a *core.APIError
	if !errors.As(err, &a) {
		return down(errors.New("the call did not get through or its answer did not verify"))
	}
	short := fmt.Errorf("%s (%d)", a.Code, a.StatusCode) // not the body: it may hold the request
	switch a.Code {
	case "ORDERPAID":
		return fmt.Errorf("%w: %w", payment.ErrAlreadyPaid, short)
	case "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS":
		return fmt.Errorf("%w: %w", payment.ErrUnknown, short)
	case "NO_STATEMENT_EXIST", "STATEMENT_CREATING":
		return fmt.Errorf("%w: %w", payment.ErrNoBill, short)
	case "INVALID_REQUEST", "PARAM_ERROR", "NO_AUTH", "USER_ACCOUNT_ABNORMAL", "MCH_NOT_EXISTS", "NOT_ENOUGH", "RULE_LIMIT":
		return fmt.Errorf("%w: %w", payment.ErrRefused, short)
	}
	return down(short)
}
