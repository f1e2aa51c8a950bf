package paysim

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
)

const alipay = "alipay"

func (s *Server) alipayRoutes() {
	s.mux.HandleFunc("POST /gateway.do", s.alipayCall)
	s.mux.HandleFunc("GET /gateway.do", s.alipayPage)
	s.mux.HandleFunc("GET /bill/alipay", s.alipayFile)
}

// content is what is signed of a form: the fields that are not empty, sorted,
// without the ones named.
func content(v url.Values, without ...string) string {
	var parts []string
	for k := range v {
		if s := v.Get(k); s != "" && !slices.Contains(without, k) {
			parts = append(parts, k+"="+s)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

func (s *Server) checkAlipay(v url.Values) error {
	if v.Get("app_id") != AlipayApp || v.Get("sign_type") != "RSA2" {
		return fmt.Errorf("app_id or sign_type")
	}
	return verify(&s.o.Keys.Merchant.PublicKey, content(v, "sign"), v.Get("sign"))
}

// biz is the business part of a request.
type biz struct {
	Trade   string `json:"out_trade_no"`
	Amount  string `json:"total_amount"`
	Subject string `json:"subject"`
	Expires string `json:"time_expire"`
	Refund  string `json:"refund_amount"`
	Request string `json:"out_request_no"`
	Type    string `json:"bill_type"`
	Date    string `json:"bill_date"`
}

// alipayPage opens a trade by a signed address and shows the cashier.
func (s *Server) alipayPage(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	var in biz
	expires, err := time.Time{}, json.Unmarshal([]byte(v.Get("biz_content")), &in)
	if err == nil {
		expires, err = time.ParseInLocation(time.DateTime, in.Expires, clock.Shanghai)
	}
	fen, amount := money.Parse(in.Amount)
	way := map[string]string{"alipay.trade.wap.pay": "WAP", "alipay.trade.page.pay": "PAGE"}[v.Get("method")]
	if err != nil || amount != nil || way == "" || s.checkAlipay(v) != nil {
		http.Error(w, "invalid-signature", http.StatusForbidden)
		return
	}
	t, ok, err := s.book.start(trade{ID: in.Trade, Provider: alipay, Way: way, Amount: fen, Subject: in.Subject, Return: v.Get("return_url"), Notify: v.Get("notify_url"), Expires: expires}, s.o.Clock.Now())
	if err != nil || !ok && t.State == "" {
		http.Error(w, "SYSTEM_ERROR", http.StatusServiceUnavailable)
		return
	}
	at := s.o.Pages // written by hand: the server does not know the prefix of a proxy
	w.Header().Set("Location", at+"/cashier/"+t.Token)
	w.WriteHeader(http.StatusSeeOther)
}

// answer of Alipay's gateway.
type answer map[string]any

func fine(more answer) answer {
	out := answer{"code": "10000", "msg": "Success"}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func bad(sub, why string) answer {
	return answer{"code": "40004", "msg": "Business Failed", "sub_code": sub, "sub_msg": why}
}

// alipayCall is the one address of Alipay's API.
func (s *Server) alipayCall(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "form", http.StatusBadRequest)
		return
	}
	if s.troubled(r.Context()) {
		http.Error(w, "trouble on demand", http.StatusInternalServerError)
		return
	}
	v := url.Values{} // of address and body
	for k, x := range r.Form {
		v.Set(k, x[0])
	}
	method := v.Get("method")
	var out answer
	var in biz
	switch {
	case s.checkAlipay(v) != nil:
		out = answer{"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature", "sub_msg": "signature"}
	case json.Unmarshal([]byte(v.Get("biz_content")), &in) != nil:
		out = answer{"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-parameter", "sub_msg": "biz_content"}
	default:
		out = s.alipayDo(r, method, in)
	}
	node, err := json.Marshal(out)
	if err != nil {
		panic(err) // our own structures
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	fmt.Fprintf(w, `{%q:%s,"sign":%q}`, strings.ReplaceAll(method, ".", "_")+"_response", node, sign(s.o.Keys.Provider, string(node))) //nolint:errcheck // the merchant has gone
}

func (s *Server) alipayDo(r *http.Request, method string, in biz) (out answer) {
	switch method {
	case "alipay.trade.query":
		s.book.look(func() { out = s.trade(in.Trade).alipay() })
	case "alipay.trade.close":
		if err := s.book.do(func() error {
			switch t := s.trade(in.Trade); {
			case t == nil:
				out = bad("ACQ.TRADE_NOT_EXIST", "no such trade")
			case t.State != open:
				out = bad("ACQ.TRADE_STATUS_ERROR", t.State)
			default:
				t.State = closed
				out = fine(answer{"out_trade_no": t.ID})
			}
			return nil
		}); err != nil {
			return bad("ACQ.SYSTEM_ERROR", "the book")
		}
	case "alipay.trade.refund":
		return s.alipayRefund(in)
	case "alipay.trade.fastpay.refund.query":
		s.book.look(func() {
			if x := s.book.Refunds[in.Request]; x != nil && x.Trade == in.Trade && x.State == "" {
				out = fine(answer{"trade_no": s.book.Trades[x.Trade].Ref, "out_trade_no": x.Trade, "out_request_no": x.ID, "refund_amount": x.Amount.String(), "refund_status": "REFUND_SUCCESS"})
			} else {
				out = fine(answer{"out_trade_no": in.Trade, "out_request_no": in.Request})
			}
		})
	case "alipay.data.dataservice.bill.downloadurl.query":
		day, err := clock.ParseDay(in.Date)
		if err != nil || in.Type != "trade" || day >= clock.DayOf(s.o.Clock.Now()) {
			return bad("isp.bill_not_exist", "the day is not over")
		}
		return fine(answer{"bill_download_url": "http://" + r.Host + "/bill/alipay?day=" + day.String() + "&sign=" + url.QueryEscape(sign(s.o.Keys.Provider, "bill "+day.String()))})
	default:
		return bad("isv.invalid-method", method)
	}
	return out
}

// trade finds one of Alipay's. The caller holds the lock.
func (s *Server) trade(id string) *trade {
	if t := s.book.Trades[id]; t != nil && t.Provider == alipay {
		return t
	}
	return nil
}

// alipay is a trade as Alipay tells it.
func (t *trade) alipay() answer {
	if t == nil {
		return bad("ACQ.TRADE_NOT_EXIST", "no such trade")
	}
	out := fine(answer{"out_trade_no": t.ID, "trade_no": t.Ref, "total_amount": t.Amount.String()})
	switch t.State {
	case paid:
		out["trade_status"], out["send_pay_date"] = "TRADE_SUCCESS", t.PaidAt.In(clock.Shanghai).Format(time.DateTime)
	case closed:
		out["trade_status"] = "TRADE_CLOSED"
	default:
		out["trade_status"] = "WAIT_BUYER_PAY"
	}
	return out
}

func (s *Server) alipayRefund(in biz) answer {
	fen, err := money.Parse(in.Refund)
	if err != nil || in.Request == "" {
		return bad("ACQ.INVALID_PARAMETER", "refund_amount, out_request_no")
	}
	r, fresh, why, err := s.book.refund(giveBack{ID: in.Request, Trade: in.Trade, Amount: fen, State: s.refundState()}, s.o.Clock.Now())
	switch {
	case err != nil:
		return bad("ACQ.SYSTEM_ERROR", "the book")
	case why == "unknown":
		return bad("ACQ.TRADE_NOT_EXIST", "no such trade")
	case why == "unpaid":
		return bad("ACQ.TRADE_STATUS_ERROR", "not paid")
	case why == "other":
		return bad("ACQ.DISCORDANT_REPEAT_REQUEST", "another refund")
	case why != "":
		return bad("ACQ.REASON_TRADE_REFUND_FEE_ERR", "more than was paid")
	}
	out, change := answer{}, "N" // of an earlier call, or not yet
	if fresh && r.State == "" {
		change = "Y"
	}
	s.book.look(func() {
		t := s.book.Trades[r.Trade]
		out = fine(answer{"trade_no": t.Ref, "out_trade_no": t.ID, "fund_change": change, "refund_fee": t.Refunded.String()})
	})
	return out
}

// AlipayEvent is what a callback tells. Tests make every kind with it; the
// server makes only true ones. Empty App, Seller and Status are the right
// ones; Paid overrides the amount's text.
type AlipayEvent struct {
	ID, Trade, Ref, URL string
	Amount              money.Fen
	PaidAt              time.Time
	App, Seller, Status string
}

// AlipayNotice is a callback, signed, with the time it was first sent.
func (s *Server) AlipayNotice(e AlipayEvent, at time.Time) (*http.Request, error) {
	v := url.Values{"notify_id": {e.ID}, "notify_type": {"trade_status_sync"}, "notify_time": {at.In(clock.Shanghai).Format(time.DateTime)},
		"charset": {"utf-8"}, "version": {"1.0"}, "sign_type": {"RSA2"}, "app_id": {or(e.App, AlipayApp)}, "seller_id": {or(e.Seller, AlipaySeller)},
		"out_trade_no": {e.Trade}, "trade_no": {e.Ref}, "trade_status": {or(e.Status, "TRADE_SUCCESS")}, "total_amount": {e.Amount.String()},
		"gmt_payment": {e.PaidAt.In(clock.Shanghai).Format(time.DateTime)}}
	v.Set("sign", sign(s.o.Keys.Provider, content(v, "sign", "sign_type")))
	r, err := http.NewRequest(http.MethodPost, e.URL, strings.NewReader(v.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r, nil
}

// alipayFile is the trade bill of a day: a zip with two CSV files in GB18030,
// details and summary.
func (s *Server) alipayFile(w http.ResponseWriter, r *http.Request) {
	day, err := clock.ParseDay(r.URL.Query().Get("day"))
	if err != nil || verify(&s.o.Keys.Provider.PublicKey, "bill "+r.URL.Query().Get("day"), r.URL.Query().Get("sign")) != nil {
		http.Error(w, "sign", http.StatusForbidden)
		return
	}
	c := columns()
	details := "#" + c.AlipayHead + "\r\n#" + AlipaySeller + "\r\n" + strings.Join(c.Alipay, ",") + "\r\n"
	for _, m := range s.book.day(alipay, day.Time(), day.Add(1).Time()) {
		if m.r != nil && m.r.State != "" { // its bill has what moved
			continue
		}
		kind, amount, request, cost := c.AlipayPay, m.t.Amount.String(), "", "-"+fee(m.t.Amount).String()
		if m.r != nil {
			kind, amount, request, cost = c.AlipayRefund, "-"+m.r.Amount.String(), m.r.ID, fee(m.r.Amount).String()
		}
		at := m.at.In(clock.Shanghai).Format(time.DateTime)
		details += fmt.Sprintf("%s\t,%s\t,%s,%s,%s,%s,,,,,demo,%s,%s,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,%s,%s,0.00,\r\n",
			m.t.Ref, m.t.ID, kind, strings.ReplaceAll(m.t.Subject, ",", " "), at, at, amount, amount, request, cost)
	}
	details += "#\r\n"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"details.csv": details, "summary.csv": "#" + c.AlipayHead + "\r\n"} {
		f, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(simplifiedchinese.GB18030.NewEncoder().Writer(f), text)
		}
		if err != nil {
			http.Error(w, "bill", http.StatusInternalServerError)
			return
		}
	}
	if z.Close() != nil {
		http.Error(w, "bill", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Write(b.Bytes()) //nolint:errcheck // the merchant has gone
}
