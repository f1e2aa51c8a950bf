package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client of one centre. It is safe for use by many goroutines once made.
type Client struct {
	base  string
	token string
	lang  string
	http  *http.Client
}

// maxAnswer bounds what a client reads of an answer.
const maxAnswer = 8 << 20

// New makes a client of the centre at base ("https://lindu.example"). token
// may be empty; hc may be nil.
func New(base, token string, hc *http.Client) *Client {
	if hc == nil {
		hc = &http.Client{Timeout: 30 * time.Second}
	}
	return &Client{base: strings.TrimSuffix(base, "/"), token: token, http: hc}
}

// As is the same centre with another token.
func (c *Client) As(token string) *Client {
	d := *c
	d.token = token
	return &d
}

// In is the same client with another language ("en", "zh-CN") for words.
func (c *Client) In(lang string) *Client {
	d := *c
	d.lang = lang
	return &d
}

// Error is the centre's refusal (RFC 9457).
type Error struct {
	Status     int               `json:"status"`
	Code       string            `json:"code"`
	Title      string            `json:"title"`
	Fields     map[string]string `json:"fields"`
	RetryAfter int               `json:"retry_after"` // seconds
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Title)
}

// Code is the code of a refusal, "" for any other error.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func (c *Client) do(ctx context.Context, method, path string, header http.Header, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.lang != "" {
		req.Header.Set("Accept-Language", c.lang)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	if res.StatusCode >= 400 {
		e := &Error{}
		if json.Unmarshal(b, e) != nil || e.Code == "" {
			e = &Error{Code: "http", Title: http.StatusText(res.StatusCode)}
		}
		e.Status = res.StatusCode
		return e
	}
	if out == nil || len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, out)
}

func seg(id string) string { return url.PathEscape(id) }
