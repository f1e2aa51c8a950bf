package me

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// withDevice says what the buyer holds: providers have a way to pay for each
// kind of device.
func withDevice(r *http.Request) context.Context {
	return payment.WithDevice(r.Context(), payment.Device{Kind: payment.DeviceKind(r.UserAgent()), IP: edge.Who(r).Addr})
}

// waysFor leaves out what can't work on the device: WeChat blocks Alipay's
// pages in its browser.
func waysFor(r *http.Request, all []string) []string {
	if payment.DeviceKind(r.UserAgent()) != payment.WeChat {
		return all
	}
	out := make([]string, 0, len(all))
	for _, g := range all {
		if g != "alipay" {
			out = append(out, g)
		}
	}
	return out
}

// payAddress is where a browser goes to pay: a code is shown by a page of ours.
func payAddress(p payment.Payment) string {
	if strings.HasPrefix(p.PayURL, payment.QR) {
		return "/pay/code/" + string(p.ID)
	}
	return p.PayURL
}

// tillView is a payment on one of our own pages.
type tillView struct {
	page.Base
	flow.Mine
	Order string // path of what is paid
	Here  string // in a demo: the code's address, for who has no second device
}

func tillPage(m flow.Mine) string {
	if m.Purpose == payment.ForGift {
		return "/gifts/" + string(m.Payment.Order)
	}
	return "/orders/" + string(m.Payment.Order)
}

// myTill reads the payment in the path. One that can't be paid any more leads
// back to where its state is told; then done is true.
func (s *screens) myTill(w http.ResponseWriter, r *http.Request) (m flow.Mine, done bool, err error) {
	p, err := site.PathID[id.Payment](r, "payment")
	if err != nil {
		return m, false, err
	}
	if m, err = s.Flow.MyPayment(r.Context(), edge.Who(r).Actor, p); err != nil {
		return m, false, err
	}
	switch {
	case m.State == payment.StatePaid:
		http.Redirect(w, r, m.Back, http.StatusSeeOther)
	case m.State != payment.StateOpen, !s.DB.Clock.Now().Before(m.Expires):
		http.Redirect(w, r, tillPage(m), http.StatusSeeOther)
	default:
		return m, false, nil
	}
	return m, true, nil
}

// payCode shows the code that the buyer scans with the phone.
func (s *screens) payCode(w http.ResponseWriter, r *http.Request) error {
	m, done, err := s.myTill(w, r)
	if err != nil || done {
		return err
	}
	if !strings.HasPrefix(m.PayURL, payment.QR) {
		http.Redirect(w, r, tillPage(m), http.StatusSeeOther)
		return nil
	}
	v := tillView{Base: s.Base(w, r, "me", edge.Who(r).P.T("till.code_title")), Mine: m, Order: tillPage(m)}
	if text := strings.TrimPrefix(m.PayURL, payment.QR); s.Centre.Demo && openable(text) {
		v.Here = text
	}
	v.Styles, v.Scripts = []string{"me/me.css", "me/till.css"}, []string{"me/till.js"}
	return s.Render(w, r, codeScreen(v))
}

// openable tells a code that any browser opens: only our simulator makes such.
func openable(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//"))
}

// tillPixels is the size of the code: sharp on a screen of twice the density.
const tillPixels = 512

// payCodePicture is the code itself.
func (s *screens) payCodePicture(w http.ResponseWriter, r *http.Request) error {
	m, done, err := s.myTill(w, r)
	if err != nil || done {
		return err
	}
	text, ok := strings.CutPrefix(m.PayURL, payment.QR)
	if !ok {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if strings.HasPrefix(text, "/") {
		text = s.BaseURL + text
	}
	png, err := qrcode.Encode(text, qrcode.Medium, tillPixels)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(png)
	if r.Context().Err() != nil {
		return nil // the buyer has left
	}
	return err
}

// tillJSON tells a waiting page how its payment stands.
type tillJSON struct {
	State string    `json:"state"`
	Now   time.Time `json:"now"`
}

func (s *screens) payState(w http.ResponseWriter, r *http.Request) error {
	p, err := site.PathID[id.Payment](r, "payment")
	if err != nil {
		return err
	}
	m, err := s.Flow.MyPayment(r.Context(), edge.Who(r).Actor, p)
	if err != nil {
		return err
	}
	return site.JSON(w, r, tillJSON{m.State, s.DB.Clock.Now()})
}

// Steps of paying in WeChat's own browser.
const (
	appElsewhere = "elsewhere" // this is another browser
	appAsk       = "ask"       // WeChat is asked who is paying
	appPay       = "pay"       // the page hands over to WeChat
	appFailed    = "failed"
)

// inAppView is the page in WeChat's own browser.
type inAppView struct {
	tillView
	Step   string
	Next   string // where "ask" leads
	Bridge string // JSON for WeixinJSBridge
	Wrong  string
}

// payInApp pays in WeChat's own browser: WeChat says who the person is, and the
// page hands the payment over.
func (s *screens) payInApp(w http.ResponseWriter, r *http.Request) error {
	m, done, err := s.myTill(w, r)
	if err != nil || done {
		return err
	}
	v := inAppView{tillView: tillView{Base: s.Base(w, r, "me", edge.Who(r).P.T("till.app_title")), Mine: m, Order: tillPage(m)}}
	v.Styles, v.Scripts = []string{"me/me.css", "me/till.css"}, []string{"me/till.js"}
	v.Path, v.Query = r.URL.Path, "" // the code of the address works once
	code := r.URL.Query().Get("code")
	switch {
	case payment.DeviceKind(r.UserAgent()) != payment.WeChat:
		v.Step = appElsewhere
	case code == "" || len(code) > 128 || r.URL.Query().Get("state") != string(m.ID):
		v.Step = appAsk
		v.Next, err = s.Flow.InApp(m, s.BaseURL+r.URL.Path)
		// Our policy lets no form lead to another site, not even by a redirect.
		w.Header().Set("Refresh", "0; url="+v.Next)
	default:
		v.Step = appPay
		v.Bridge, err = s.bridge(r, m, code)
	}
	if err != nil {
		if !site.Correctable(err) {
			return err
		}
		w.Header().Del("Refresh")
		v.Step, v.Wrong = appFailed, v.P.Err(fault.Of(err))
	}
	return s.Render(w, r, inAppScreen(v))
}

func (s *screens) bridge(r *http.Request, m flow.Mine, code string) (string, error) {
	b, err := s.Flow.Bridge(r.Context(), m, code)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(b)
	return string(text), err
}
