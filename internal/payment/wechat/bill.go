package wechat

import (
	"context"
	"crypto/sha1" //nolint:gosec // what WeChat says of the file
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
)

// columns are the headings of the trade bill that we read, by our names.
//
//go:embed columns.json
var columnsJSON []byte

var columns = func() (c map[string]string) {
	if err := json.Unmarshal(columnsJSON, &c); err != nil {
		panic(err) // embedded: a broken build
	}
	return c
}()

// Bill implements payment.Gateway: the trade bill of the day, checked against
// the hash that came signed.
func (g *Gateway) Bill(ctx context.Context, day clock.Day) ([]payment.BillRow, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	res, err := g.client.Get(ctx, base+"/v3/bill/tradebill?bill_date="+day.String()+"&bill_type=ALL")
	if err != nil {
		return nil, refused(err)
	}
	var at struct {
		Type string `json:"hash_type"`
		Hash string `json:"hash_value"`
		URL  string `json:"download_url"`
	}
	if err := core.UnMarshalResponse(res.Response, &at); err != nil {
		return nil, down(errors.New("bill: an answer of another form"))
	}
	if u, err := url.Parse(at.URL); err != nil || u.Scheme+"://"+u.Host != base || at.Type != "SHA1" {
		return nil, down(errors.New("bill: it is kept at a strange place"))
	}
	if res, err = g.plain.Get(ctx, at.URL); err != nil {
		return nil, refused(err)
	}
	defer res.Response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Response.Body, payment.MaxBill+1))
	if err != nil || len(data) > payment.MaxBill {
		return nil, down(errors.New("bill: the file can't be read whole"))
	}
	if sum := sha1.Sum(data); !strings.EqualFold(hex.EncodeToString(sum[:]), at.Hash) { //nolint:gosec // see above
		return nil, down(errors.New("bill: the file is not the one that was promised"))
	}
	return parseBill(string(data))
}

// parseBill reads the rows of the file by the headings of its first line; the
// totals after them are left. Every value begins with a backquote, so that
// spreadsheets keep its digits.
func parseBill(text string) ([]payment.BillRow, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("wechat: bill: %w", err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.TrimSpace(name)] = i
	}
	for _, name := range columns {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("wechat: bill without column %q", name)
		}
	}
	var out []payment.BillRow
	for n := 2; ; n++ {
		line, err := r.Read()
		if errors.Is(err, io.EOF) || err == nil && len(line) < len(head) { // the totals have fewer columns
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("wechat: bill, line %d: %w", n, err)
		}
		row, moved, err := readRow(func(name string) string { return strings.TrimPrefix(strings.TrimSpace(line[at[columns[name]]]), "`") })
		if err != nil {
			return nil, fmt.Errorf("wechat: bill, line %d: %w", n, err)
		}
		if moved {
			out = append(out, row)
		}
	}
}

// readRow reads a line. A refund stands on the bill of the day on which WeChat
// took it, with its state when the bill was made, which is never brought up to
// date (pay.weixin.qq.com, format of the trade bill): one that reached the buyer
// or was on its way counts as there; what became of the latter is asked of WeChat
// itself. One that failed does not count.
func readRow(get func(string) string) (row payment.BillRow, moved bool, err error) {
	when, err := time.ParseInLocation(time.DateTime, get("time"), clock.Shanghai)
	if err != nil {
		return row, false, err
	}
	fee, err := signed(get("fee"))
	if err != nil {
		return row, false, err
	}
	row = payment.BillRow{Kind: payment.BillPay, Ours: get("out_trade_no"), Ref: get("transaction_id"), Fee: fee, At: when}
	amount, moved := get("total"), true
	if get("state") == "REFUND" {
		row.Kind, row.Ours, row.Ref = payment.BillRefund, get("out_refund_no"), get("refund_id")
		state := get("refund_state")
		amount, moved = get("refund"), state == "SUCCESS" || state == "PROCESSING"
	}
	row.Amount, err = signed(amount)
	return row, moved, err
}

// signed reads an amount of yuan that may be below zero.
func signed(s string) (money.Fen, error) {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		f, err := money.Parse(rest)
		return -f, err
	}
	return money.Parse(s)
}
