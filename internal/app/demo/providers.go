package demo

import (
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"time"

	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/paysim"
	"lindu.example/lindu/internal/payment/wechat"
)

// providers are WeChat Pay and Alipay, played, on a port of their own; their
// pages are shown under /paysim of the centre's, so that a visitor needs to
// reach only one.
type providers struct {
	keys paysim.Keys
	sim  *paysim.Server
	web  *http.Server
	url  string
}

// openProviders starts them once the address of the site is known.
func openProviders(cfg config.Config, base string, o Options) (*providers, error) {
	p := &providers{}
	var err error
	dir := filepath.Join(cfg.Data, "paysim")
	if p.keys, err = paysim.OpenKeys(filepath.Join(dir, "keys.json")); err != nil {
		return nil, err
	}
	if p.sim, err = paysim.New(paysim.Options{Keys: p.keys, File: filepath.Join(dir, "book.json"), Pages: base + "/paysim", Log: o.Log}); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.sim.Close()
		return nil, err
	}
	p.url = "http://" + ln.Addr().String()
	p.web = &http.Server{Handler: p.sim, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	go func() {
		if err := p.web.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("the played payment providers stopped", "err", err)
		}
	}()
	return p, nil
}

// gateways are our side of both.
func (p *providers) gateways(base string) ([]payment.Gateway, error) {
	public, err := wechat.LoadPublic(p.keys.ProviderPEM())
	if err != nil {
		return nil, err
	}
	w, err := wechat.New(wechat.Options{Merchant: paysim.MerchantNo, App: paysim.AppID, Secret: paysim.AppSecret, Site: base, SiteName: "Lindu", Notify: base + "/pay/callback/" + wechat.Name,
		API: p.url, Login: base + "/paysim", Keys: wechat.Keys{MerchantSerial: paysim.MerchantSerial, Merchant: p.keys.Merchant, APIv3: p.keys.APIv3, PublicID: paysim.PublicKeyID, Public: public}})
	if err != nil {
		return nil, err
	}
	// Alipay's address is where the buyer goes, so it is the one they can reach.
	a, err := alipay.New(alipay.Options{App: paysim.AlipayApp, Seller: paysim.AlipaySeller, Private: p.keys.MerchantPEM(), Public: p.keys.ProviderPEM(),
		Notify: base + "/pay/callback/" + alipay.Name, API: base + "/paysim/gateway.do"})
	return []payment.Gateway{w, a}, err
}

// close stops the server and its callbacks.
func (p *providers) close() error {
	if p == nil {
		return nil
	}
	err := p.web.Close()
	p.sim.Close()
	return err
}

// proxyRoute shows another server's pages under a path of ours. to is asked for
// with every call: the server may start later than the route is made.
func proxyRoute(path string, to func() string) edge.Route {
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		u, err := url.Parse(to())
		if err != nil {
			panic(err) // our own listener's address
		}
		r.SetURL(u)
		r.SetXForwarded()
	}}
	show := http.StripPrefix(path, proxy)
	return edge.Route{Path: path + "/", Access: edge.Anyone(), Raw: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if to() == "" {
			http.NotFound(rw, r)
			return
		}
		for _, h := range []string{"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options"} {
			rw.Header().Del(h) // the provider sets its own
		}
		show.ServeHTTP(rw, r)
	})}
}
