package alipay

import (
	"archive/zip"
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/smartwalle/alipay/v3"
	"golang.org/x/text/encoding/simplifiedchinese"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
)

// columns are the headings of the trade bill that we read, by our names, and
// the words that tell its kinds of rows apart.
//
//go:embed columns.json
var columnsJSON []byte

var columns = func() (c map[string]string) {
	if err := json.Unmarshal(columnsJSON, &c); err != nil {
		panic(err) // embedded: a broken build
	}
	return c
}()

// Bill implements payment.Gateway: the trade bill of the day, a zip with CSV
// files in GB18030.
func (g *Gateway) Bill(ctx context.Context, day clock.Day) ([]payment.BillRow, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	res, err := g.client.BillDownloadURLQuery(ctx, sdk.BillDownloadURLQuery{BillType: "trade", BillDate: day.String()})
	if err != nil {
		return nil, refused(err)
	}
	if err := problem(res.Error); err != nil {
		return nil, err
	}
	// The address came signed; still only the provider's own places are asked.
	u, err := url.Parse(res.BillDownloadURL)
	if err != nil || g.o.API == "" && (u.Scheme != "http" && u.Scheme != "https" || !strings.HasSuffix(u.Hostname(), ".alipay.com")) {
		return nil, down(errors.New("bill: it is kept at a strange place"))
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, down(errors.New("bill: address"))
	}
	file, err := g.http.Do(r)
	if err != nil {
		return nil, down(errors.New("bill: no answer"))
	}
	defer file.Body.Close()
	data, err := io.ReadAll(io.LimitReader(file.Body, payment.MaxBill+1))
	if err != nil || len(data) > payment.MaxBill || file.StatusCode != http.StatusOK {
		return nil, down(errors.New("bill: the file can't be read whole"))
	}
	return unzip(data)
}

// unzip finds the file of details, the one with our columns, in the zip.
func unzip(data []byte) ([]payment.BillRow, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > 10 {
		return nil, fmt.Errorf("alipay: the bill is no zip: %w", err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("alipay: bill: %w", err)
		}
		text, err := io.ReadAll(io.LimitReader(simplifiedchinese.GB18030.NewDecoder().Reader(r), payment.MaxBill+1))
		if err = errors.Join(err, r.Close()); err != nil || len(text) > payment.MaxBill {
			return nil, fmt.Errorf("alipay: bill: %w", err)
		}
		if rows, ok, err := parseBill(string(text)); ok || err != nil {
			return rows, err
		}
	}
	return nil, errors.New("alipay: a bill without its details")
}

// parseBill reads the rows by the headings; lines that begin with # are notes.
// ok is false for a file without our columns (the summary).
func parseBill(text string) (out []payment.BillRow, ok bool, err error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace, r.Comment = -1, true, true, '#'
	var at map[string]int
	for n := 1; ; n++ {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, at != nil, nil
		} else if err != nil {
			return nil, false, fmt.Errorf("alipay: bill, line %d: %w", n, err)
		}
		if at == nil {
			at = headings(line)
			continue
		}
		row, err := readRow(func(name string) string {
			if i, ok := at[columns[name]]; ok && i < len(line) {
				return strings.Trim(line[i], "` \t")
			}
			return ""
		})
		if err != nil {
			return nil, false, fmt.Errorf("alipay: bill, line %d: %w", n, err)
		}
		out = append(out, row)
	}
}

// headings tells where our columns are; nil if the line is not theirs.
func headings(line []string) map[string]int {
	at := map[string]int{}
	for i, name := range line {
		at[strings.TrimSpace(name)] = i
	}
	for _, c := range []string{"trade_no", "out_trade_no", "kind", "done", "amount", "out_request_no", "fee"} {
		if _, ok := at[columns[c]]; !ok {
			return nil
		}
	}
	return at
}

func readRow(get func(string) string) (payment.BillRow, error) {
	when, err := time.ParseInLocation(time.DateTime, get("done"), clock.Shanghai)
	if err != nil {
		return payment.BillRow{}, err
	}
	amount, err := signed(get("amount"))
	if err != nil {
		return payment.BillRow{}, err
	}
	fee, err := signed(get("fee"))
	if err != nil {
		return payment.BillRow{}, err
	}
	// On the bill a fee is what the account lost: below zero.
	row := payment.BillRow{Kind: payment.BillPay, Ours: get("out_trade_no"), Ref: get("trade_no"), Amount: amount, Fee: -fee, At: when}
	if get("kind") == columns["is_refund"] {
		row.Kind, row.Ours, row.Amount = payment.BillRefund, get("out_request_no"), -amount
	}
	return row, nil
}

// signed reads an amount of yuan that may be below zero.
func signed(s string) (money.Fen, error) {
	if s == "" {
		return 0, nil
	}
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		f, err := money.Parse(rest)
		return -f, err
	}
	return money.Parse(s)
}
