package paysim

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // WeChat's hash of a bill
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

const wechat = "wechat"

func newRef() string   { return "4200" + strings.ToUpper(id.Secret()[:24]) }
func newEvent() string { return id.New[string]() }

// problem of WeChat's API.
type problem struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

func no(status int, code, message string) *problem { return &problem{status, code, message} }

func (s *Server) wechatRoutes() {
	for path, fn := range map[string]func(*http.Request, []byte) (any, *problem){
		"POST /v3/pay/transactions/{way}":                   s.prepay,
		"GET /v3/pay/transactions/out-trade-no/{id}":        s.wechatQuery,
		"POST /v3/pay/transactions/out-trade-no/{id}/close": s.wechatClose,
		"POST /v3/refund/domestic/refunds":                  s.wechatRefund,
		"GET /v3/refund/domestic/refunds/{id}":              s.wechatRefundState,
		"GET /v3/bill/tradebill":                            s.wechatBill,
		"GET /v3/certificates":                              s.certificates,
		"POST /v3/profitsharing/receivers/add":              s.addReceiver,
		"POST /v3/profitsharing/orders":                     s.splitOrder,
		"POST /v3/profitsharing/orders/unfreeze":            s.splitOrder, // without receivers: all is the merchant's
		"GET /v3/profitsharing/orders/{id}":                 s.splitState,
	} {
		s.mux.HandleFunc(path, s.wechatCall(fn))
	}
	s.mux.HandleFunc("GET /v3/billdownload/file", s.wechatFile)
	s.mux.HandleFunc("GET /connect/oauth2/authorize", s.authorize)
	s.mux.HandleFunc("GET /sns/oauth2/access_token", s.accessToken)
}

var authorization = regexp.MustCompile(`(\w+)="([^"]*)"`)

// wechatCall wraps a call of the merchant: size, signature, signed answer.
func (s *Server) wechatCall(fn func(*http.Request, []byte) (any, *problem)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			s.wechatAnswer(w, http.StatusRequestEntityTooLarge, no(0, "PARAM_ERROR", "the body is too large"))
			return
		}
		if err := s.checkMerchant(r, string(body)); err != nil {
			s.wechatAnswer(w, http.StatusUnauthorized, no(0, "SIGN_ERROR", err.Error()))
			return
		}
		if s.troubled(r.Context()) {
			s.wechatAnswer(w, http.StatusInternalServerError, no(0, "SYSTEM_ERROR", "trouble on demand"))
			return
		}
		out, bad := fn(r, body)
		if bad != nil {
			s.wechatAnswer(w, bad.status, bad)
			return
		}
		if out == nil {
			s.wechatAnswer(w, http.StatusNoContent, nil)
			return
		}
		s.wechatAnswer(w, http.StatusOK, out)
	}
}

// checkMerchant verifies the merchant's signature of a request.
func (s *Server) checkMerchant(r *http.Request, body string) error {
	kind, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if kind != "WECHATPAY2-SHA256-RSA2048" {
		return errors.New("Authorization is of another kind")
	}
	f := map[string]string{}
	for _, m := range authorization.FindAllStringSubmatch(rest, -1) {
		f[m[1]] = m[2]
	}
	sec, err := strconv.ParseInt(f["timestamp"], 10, 64)
	if err != nil || time.Since(time.Unix(sec, 0)).Abs() > 5*time.Minute { // the SDK signs with the machine's clock
		return errors.New("timestamp")
	}
	if f["mchid"] != MerchantNo || f["serial_no"] != MerchantSerial {
		return errors.New("mchid or serial_no")
	}
	message := r.Method + "\n" + r.URL.RequestURI() + "\n" + f["timestamp"] + "\n" + f["nonce_str"] + "\n" + body + "\n"
	return verify(&s.o.Keys.Merchant.PublicKey, message, f["signature"])
}

func (s *Server) wechatAnswer(w http.ResponseWriter, status int, out any) {
	var body []byte
	if out != nil {
		var err error
		if body, err = json.Marshal(out); err != nil {
			panic(err) // our own structures
		}
	}
	h := w.Header()
	s.signWechat(h, string(body), time.Now()) // the SDK compares with the machine's clock
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the merchant has gone
}

// signWechat signs an answer or a callback.
func (s *Server) signWechat(h http.Header, body string, at time.Time) {
	ts, nonce := strconv.FormatInt(at.Unix(), 10), id.Secret()[:32]
	serial, key := s.signer()
	h.Set("Wechatpay-Serial", serial)
	h.Set("Wechatpay-Timestamp", ts)
	h.Set("Wechatpay-Nonce", nonce)
	h.Set("Wechatpay-Signature", sign(key, ts+"\n"+nonce+"\n"+body+"\n"))
	h.Set("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048")
}

func (s *Server) prepay(r *http.Request, body []byte) (any, *problem) {
	var in struct {
		App     string    `json:"appid"`
		Mch     string    `json:"mchid"`
		What    string    `json:"description"`
		ID      string    `json:"out_trade_no"`
		Expires time.Time `json:"time_expire"`
		Notify  string    `json:"notify_url"`
		Amount  struct {
			Total    int64  `json:"total"`
			Currency string `json:"currency"`
		} `json:"amount"`
		Payer struct {
			OpenID string `json:"openid"`
		} `json:"payer"`
		Settle struct {
			Share bool `json:"profit_sharing"`
		} `json:"settle_info"`
	}
	err := json.Unmarshal(body, &in)
	ways := map[string]string{"native": "NATIVE", "h5": "MWEB", "jsapi": "JSAPI"}
	way, now := ways[r.PathValue("way")], s.o.Clock.Now()
	switch {
	case err != nil || way == "" || in.App != AppID || in.Mch != MerchantNo || in.ID == "" || len(in.ID) > 32 || in.What == "" || in.Amount.Total <= 0 || in.Amount.Currency != "CNY":
		return nil, no(http.StatusBadRequest, "PARAM_ERROR", "a field is missing or wrong")
	case way == "JSAPI" && in.Payer.OpenID == "":
		return nil, no(http.StatusBadRequest, "PARAM_ERROR", "openid")
	case !now.Before(in.Expires):
		return nil, no(http.StatusBadRequest, "PARAM_ERROR", "time_expire is over")
	}
	t, ok, err := s.book.start(trade{ID: in.ID, Provider: wechat, Way: way, Amount: money.Fen(in.Amount.Total), Subject: in.What, Notify: in.Notify,
		Expires: in.Expires, OpenID: in.Payer.OpenID, Share: in.Settle.Share}, now)
	switch {
	case err != nil:
		return nil, no(http.StatusInternalServerError, "SYSTEM_ERROR", "the book")
	case t.State == paid:
		return nil, no(http.StatusBadRequest, "ORDERPAID", "paid already")
	case !ok:
		return nil, no(http.StatusForbidden, "OUT_TRADE_NO_USED", "the number stands for another payment")
	}
	page := s.page(r, t)
	switch way {
	case "NATIVE":
		return map[string]string{"code_url": page}, nil
	case "MWEB":
		return map[string]string{"h5_url": page + "?h5=1"}, nil
	}
	return map[string]string{"prepay_id": "wx" + t.Token}, nil
}

// page is the address of a trade's cashier.
func (s *Server) page(r *http.Request, t trade) string {
	at := s.o.Pages
	if at == "" {
		at = "http://" + r.Host
	}
	return at + "/cashier/" + t.Token
}

// standing is a trade as WeChat tells it.
func (t trade) standing() map[string]any {
	out := map[string]any{"appid": AppID, "mchid": MerchantNo, "out_trade_no": t.ID, "trade_type": t.Way,
		"amount": map[string]any{"total": int64(t.Amount), "currency": "CNY"}}
	switch {
	case t.State == paid && t.Refunded > 0:
		out["trade_state"] = "REFUND"
	case t.State == paid:
		out["trade_state"] = "SUCCESS"
	case t.State == closed:
		out["trade_state"] = "CLOSED"
	default:
		out["trade_state"] = "NOTPAY"
	}
	if t.State == paid {
		out["transaction_id"], out["success_time"] = t.Ref, t.PaidAt.In(clock.Shanghai).Format(time.RFC3339)
		out["payer"] = map[string]string{"openid": t.OpenID}
	}
	return out
}

func (s *Server) wechatQuery(r *http.Request, _ []byte) (out any, bad *problem) {
	s.book.look(func() {
		if t := s.book.Trades[r.PathValue("id")]; t != nil && t.Provider == wechat {
			out = t.standing()
		} else {
			bad = no(http.StatusNotFound, "ORDER_NOT_EXIST", "no such payment")
		}
	})
	return out, bad
}

func (s *Server) wechatClose(r *http.Request, _ []byte) (out any, bad *problem) {
	err := s.book.do(func() error {
		t := s.book.Trades[r.PathValue("id")]
		switch {
		case t == nil || t.Provider != wechat:
			bad = no(http.StatusNotFound, "ORDER_NOT_EXIST", "no such payment")
		case t.State == paid:
			bad = no(http.StatusBadRequest, "ORDERPAID", "paid already")
		default:
			t.State = closed
		}
		return nil
	})
	if err != nil {
		return nil, no(http.StatusInternalServerError, "SYSTEM_ERROR", "the book")
	}
	return nil, bad
}

func (r giveBack) wechat(t trade) map[string]any {
	at := r.At.In(clock.Shanghai).Format(time.RFC3339)
	return map[string]any{"refund_id": r.Ref, "out_refund_no": r.ID, "transaction_id": t.Ref, "out_trade_no": r.Trade, "channel": "ORIGINAL",
		"user_received_account": "demo", "create_time": at, "success_time": at, "status": map[string]string{"": "SUCCESS", processing: "PROCESSING", abnormal: "ABNORMAL"}[r.State],
		"amount": map[string]any{"total": int64(t.Amount), "refund": int64(r.Amount), "payer_total": int64(t.Amount), "payer_refund": int64(r.Amount),
			"settlement_refund": int64(r.Amount), "settlement_total": int64(t.Amount), "discount_refund": 0, "currency": "CNY"}}
}

func (s *Server) wechatRefund(_ *http.Request, body []byte) (any, *problem) {
	var in struct {
		Trade  string `json:"out_trade_no"`
		ID     string `json:"out_refund_no"`
		Amount struct {
			Refund int64 `json:"refund"`
			Total  int64 `json:"total"`
		} `json:"amount"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.ID == "" {
		return nil, no(http.StatusBadRequest, "PARAM_ERROR", "a field is missing")
	}
	var t trade
	s.book.look(func() {
		if x := s.book.Trades[in.Trade]; x != nil {
			t = *x
		}
	})
	if t.ID != "" && int64(t.Amount) != in.Amount.Total {
		return nil, no(http.StatusBadRequest, "INVALID_REQUEST", "total is not the payment's")
	}
	r, _, why, err := s.book.refund(giveBack{ID: in.ID, Trade: in.Trade, Amount: money.Fen(in.Amount.Refund), State: s.refundState()}, s.o.Clock.Now())
	switch {
	case err != nil:
		return nil, no(http.StatusInternalServerError, "SYSTEM_ERROR", "the book")
	case why == "unknown":
		return nil, no(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "no such payment")
	case why != "":
		return nil, no(http.StatusBadRequest, "INVALID_REQUEST", why)
	}
	return r.wechat(t), nil
}

func (s *Server) wechatRefundState(r *http.Request, _ []byte) (out any, bad *problem) {
	s.book.look(func() {
		if x := s.book.Refunds[r.PathValue("id")]; x != nil {
			out = x.wechat(*s.book.Trades[x.Trade])
		} else {
			bad = no(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "no such refund")
		}
	})
	return out, bad
}

// authorize plays WeChat's log-in: everybody is the same person.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	to, err := url.Parse(r.URL.Query().Get("redirect_uri"))
	if err != nil || to.Host == "" || r.URL.Query().Get("appid") != AppID {
		http.Error(w, "redirect_uri, appid", http.StatusBadRequest)
		return
	}
	q := to.Query()
	q.Set("code", "demo-code")
	q.Set("state", r.URL.Query().Get("state"))
	to.RawQuery = q.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

func (s *Server) accessToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	out := map[string]any{"errcode": 40029, "errmsg": "invalid code"}
	if q.Get("appid") == AppID && q.Get("secret") == AppSecret && q.Get("code") == "demo-code" {
		out = map[string]any{"access_token": "demo", "openid": "o-demo-visitor", "scope": "snsapi_base"}
	}
	json.NewEncoder(w).Encode(out) //nolint:errcheck // the merchant has gone
}

// WechatEvent is what a callback tells. Tests make every kind with it; the
// server makes only true ones. Empty Merchant, App, Currency and Type are the
// right ones.
type WechatEvent struct {
	ID, Trade, Ref, URL            string
	Amount                         money.Fen
	PaidAt                         time.Time
	Merchant, App, Currency, State string
	Type                           string
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// WechatNotice is a callback, sealed and signed at a time.
func (s *Server) WechatNotice(e WechatEvent, at time.Time) (*http.Request, error) {
	plain, err := json.Marshal(map[string]any{"mchid": or(e.Merchant, MerchantNo), "appid": or(e.App, AppID), "out_trade_no": e.Trade, "transaction_id": e.Ref,
		"trade_type": "NATIVE", "trade_state": or(e.State, "SUCCESS"), "success_time": e.PaidAt.In(clock.Shanghai).Format(time.RFC3339),
		"amount": map[string]any{"total": int64(e.Amount), "payer_total": int64(e.Amount), "currency": or(e.Currency, "CNY")}})
	if err != nil {
		return nil, err
	}
	sealed, err := s.seal(plain, "transaction")
	if err != nil {
		return nil, err
	}
	sealed["original_type"] = "transaction"
	body, err := json.Marshal(map[string]any{"id": e.ID, "create_time": at.In(clock.Shanghai).Format(time.RFC3339), "resource_type": "encrypt-resource",
		"event_type": or(e.Type, "TRANSACTION.SUCCESS"), "summary": "paid",
		"resource": sealed})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	s.signWechat(r.Header, string(body), at)
	return r, nil
}

// wechatBill names the file of a day that is over.
func (s *Server) wechatBill(r *http.Request, _ []byte) (any, *problem) {
	day, err := clock.ParseDay(r.URL.Query().Get("bill_date"))
	if err != nil {
		return nil, no(http.StatusBadRequest, "PARAM_ERROR", "bill_date")
	}
	if day >= clock.DayOf(s.o.Clock.Now()) {
		return nil, no(http.StatusBadRequest, "NO_STATEMENT_EXIST", "the day is not over")
	}
	sum := sha1.Sum(s.wechatText(day)) //nolint:gosec // see above
	return map[string]string{"hash_type": "SHA1", "hash_value": hex.EncodeToString(sum[:]),
		"download_url": "https://api.mch.weixin.qq.com/v3/billdownload/file?token=" + day.String()}, nil
}

func (s *Server) wechatFile(w http.ResponseWriter, r *http.Request) {
	day, err := clock.ParseDay(r.URL.Query().Get("token"))
	if err != nil || s.checkMerchant(r, "") != nil {
		http.Error(w, "token", http.StatusForbidden)
		return
	}
	w.Write(s.wechatText(day)) //nolint:errcheck // the merchant has gone
}

// wechatText is the trade bill of a day: every value begins with a backquote,
// and totals follow.
func (s *Server) wechatText(day clock.Day) []byte {
	c := columns()
	var b bytes.Buffer
	b.WriteString("\ufeff" + strings.Join(c.Wechat, ",") + "\r\n")
	moves := s.book.day(wechat, day.Time(), day.Add(1).Time())
	for _, m := range moves {
		state, refundID, refundNo, back, cost, refund := "SUCCESS", "0", "0", money.Fen(0), fee(m.t.Amount), ""
		if m.r != nil {
			state, refundID, refundNo, back, cost, refund = "REFUND", m.r.Ref, m.r.ID, m.r.Amount, -fee(m.r.Amount), "SUCCESS"
			if m.r.State != "" {
				refund = map[string]string{processing: "PROCESSING", abnormal: "FAIL"}[m.r.State]
			}
		}
		fmt.Fprintf(&b, "`%s,`%s,`%s,`0,`,`%s,`%s,`%s,`%s,`%s,`OTHERS,`CNY,`%s,`0.00,`%s,`%s,`%s,`0.00,`,`%s,`%s,`,`%s,`0.60%%,`%s,`%s,`\r\n",
			m.at.In(clock.Shanghai).Format(time.DateTime), AppID, MerchantNo, m.t.Ref, m.t.ID, m.t.OpenID, m.t.Way, state, m.t.Amount,
			refundID, refundNo, back, refund, strings.ReplaceAll(m.t.Subject, ",", " "), cost, m.t.Amount, back)
	}
	b.WriteString(strings.Join(c.WechatTotals, ",") + "\r\n")
	fmt.Fprintf(&b, "`%d,`0,`0,`0,`0,`0,`0\r\n", len(moves))
	return b.Bytes()
}

func columns() (c struct {
	Wechat, WechatTotals, Alipay        []string
	AlipayPay, AlipayRefund, AlipayHead string
}) {
	if err := json.Unmarshal(columnsJSON, &c); err != nil {
		panic(err) // embedded: a broken build
	}
	return c
}

func (s *Server) addReceiver(_ *http.Request, body []byte) (any, *problem) {
	var in struct {
		Type    string `json:"type"`
		Account string `json:"account"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Account == "" {
		return nil, no(http.StatusBadRequest, "PARAM_ERROR", "account")
	}
	if err := s.book.do(func() error { s.book.Receivers[in.Type+" "+in.Account] = true; return nil }); err != nil {
		return nil, no(http.StatusInternalServerError, "SYSTEM_ERROR", "the book")
	}
	return map[string]string{"type": in.Type, "account": in.Account, "relation_type": "SUPPLIER"}, nil
}

// splitOrder shares a trade: at most 30 % of it may go to others unless the
// merchant has agreed otherwise; the simulator's merchant has.
func (s *Server) splitOrder(r *http.Request, body []byte) (out any, bad *problem) {
	var in struct {
		Ref   string `json:"transaction_id"`
		ID    string `json:"out_order_no"`
		Free  bool   `json:"unfreeze_unsplit"` // nothing is shared of the trade after this
		Parts []struct {
			Type    string `json:"type"`
			Account string `json:"account"`
			Amount  int64  `json:"amount"`
		} `json:"receivers"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.ID == "" || (len(in.Parts) == 0) != strings.HasSuffix(r.URL.Path, "/unfreeze") {
		return nil, no(http.StatusBadRequest, "PARAM_ERROR", "a field is missing")
	}
	err := s.book.do(func() error {
		if old := s.book.Shares[in.ID]; old != nil {
			out = old.answer(in.Ref)
			return nil
		}
		var t *trade
		for _, x := range s.book.Trades {
			if x.Ref == in.Ref && x.Provider == wechat {
				t = x
			}
		}
		if t == nil {
			bad = no(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "no such payment")
			return nil
		}
		if t.Freed {
			bad = no(http.StatusBadRequest, "INVALID_REQUEST", "all of it is the merchant's")
			return nil
		}
		sh := &share{ID: in.ID, Trade: t.ID, Ref: "3008" + id.Secret()[:24]}
		var sum money.Fen
		for _, p := range in.Parts {
			if !s.book.Receivers[p.Type+" "+p.Account] {
				bad = no(http.StatusBadRequest, "INVALID_REQUEST", "an unknown receiver")
				return nil
			}
			sum += money.Fen(p.Amount)
			sh.Parts = append(sh.Parts, sharePart{p.Type, p.Account, money.Fen(p.Amount)})
		}
		if !t.Share || sum > t.Amount-fee(t.Amount)-t.Refunded-t.Shared {
			bad = no(http.StatusBadRequest, "NOT_ENOUGH", "more than there is to share")
			return nil
		}
		t.Shared += sum
		t.Freed = in.Free || len(in.Parts) == 0
		s.book.Shares[in.ID] = sh
		out = sh.answer(in.Ref)
		return nil
	})
	if err != nil {
		return nil, no(http.StatusInternalServerError, "SYSTEM_ERROR", "the book")
	}
	return out, bad
}

func (s *Server) splitState(r *http.Request, _ []byte) (out any, bad *problem) {
	s.book.look(func() {
		if x := s.book.Shares[r.PathValue("id")]; x != nil {
			out = x.answer(r.URL.Query().Get("transaction_id"))
		} else {
			bad = no(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "no such split")
		}
	})
	return out, bad
}

func (x *share) answer(ref string) map[string]any {
	var parts []map[string]any
	for _, p := range x.Parts {
		parts = append(parts, map[string]any{"type": p.Type, "account": p.Account, "amount": int64(p.Amount), "description": "share", "result": "SUCCESS", "detail_id": x.Ref})
	}
	return map[string]any{"order_id": x.Ref, "out_order_no": x.ID, "transaction_id": ref, "state": "FINISHED", "receivers": parts}
}
