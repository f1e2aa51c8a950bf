package webtest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/i18n"
)

// Client is one browser. It follows no redirect by itself.
type Client struct {
	World *World
	User  account.User // zero for a visitor
	Lang  i18n.Lang    // "" asks in Chinese
	Token string       // of the session, "" for a visitor
	// UserAgent tells phones and WeChat from a PC; "": Go's own.
	UserAgent string

	t    testing.TB
	http *http.Client
}

// Visitor is a browser nobody has signed in with.
func (w *World) Visitor() *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &Client{World: w, t: w.t, http: &http.Client{Jar: jar, Transport: w.server.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Actor is who the client is to domain functions.
func (c *Client) Actor() actor.Actor { return c.User.Actor("web") }

// In is the client asking in another language, in the same session.
func (c *Client) In(l i18n.Lang) *Client {
	d := *c
	d.Lang = l
	return &d
}

// Get reads a page; every HTML page is checked (Check).
func (c *Client) Get(path string) *Page {
	c.t.Helper()
	return c.Do(c.Request("GET", path, nil))
}

// GetJSON reads a page as one of our scripts does.
func (c *Client) GetJSON(path string) *Page {
	c.t.Helper()
	r := c.Request("GET", path, nil)
	r.Header.Set("Accept", "application/json")
	return c.Do(r)
}

// Post sends a form.
func (c *Client) Post(path string, form url.Values) *Page {
	c.t.Helper()
	return c.Do(c.Request("POST", path, form))
}

// PostJSON sends a form as one of our scripts does, for a JSON answer.
func (c *Client) PostJSON(path string, form url.Values) *Page {
	c.t.Helper()
	r := c.Request("POST", path, form)
	r.Header.Set("Accept", "application/json")
	return c.Do(r)
}

// Values makes a form of name, value pairs.
func Values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// Request makes a request of the browser for Do.
func (c *Client) Request(method, path string, form url.Values) *http.Request {
	c.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, c.World.server.URL+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Referer", c.World.server.URL+"/")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.Lang != "" {
		r.Header.Set("Accept-Language", string(c.Lang))
	}
	return r
}

// Do sends a request of the test's own making.
func (c *Client) Do(r *http.Request) *Page {
	if c.UserAgent != "" {
		r.Header.Set("User-Agent", c.UserAgent)
	}
	c.t.Helper()
	name := r.Method + " " + r.URL.RequestURI()
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatalf("%s: %v", name, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s: %v", name, err)
	}
	p := &Page{t: c.t, client: c, Name: name, Status: res.StatusCode, Header: res.Header, Body: string(b)}
	if strings.Contains(res.Header.Get("Content-Type"), "text/html") && strings.Contains(p.Body, "<html") {
		for _, wrong := range Check(p.dom()) {
			c.t.Errorf("%s: %s", name, wrong)
		}
	}
	return p
}

// SetCookie puts a cookie into the browser.
func (c *Client) SetCookie(name, value string) {
	u, err := url.Parse(c.World.server.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	c.http.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// Cookie is the value of a cookie the browser holds, "" if it has none.
func (c *Client) Cookie(name string) string {
	u, err := url.Parse(c.World.server.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, k := range c.http.Jar.Cookies(u) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}
