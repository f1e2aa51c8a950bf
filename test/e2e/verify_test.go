package e2e

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// bought is an order that was paid, as the buyer's own browser has it.
func (c *centre) bought(t *testing.T, phone string) (order, token string) {
	t.Helper()
	api, token := c.shopper(t, phone)
	list, err := api.Addresses(t.Context())
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	o, err := api.PlaceOrder(t.Context(), "verify-0001", c.wants(c.item(t, 1), list[0].ID, 1))
	if err != nil {
		t.Fatal(err)
	}
	p, err := api.Pay(t.Context(), o.ID, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	c.pay(t, p.PayURL)
	return o.ID, token
}

// verify runs `lindu verify` and gives its words and its exit code.
func verify(t *testing.T, args ...string) (string, int) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), build(t), append([]string{"verify"}, args...)...).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return string(out), 0
	case errors.As(err, &exit):
		return string(out), exit.ExitCode()
	}
	t.Fatal(err)
	return "", -1
}

// checked presses the button on an open page and waits for its last word.
func (b *browser) checked() (good bool, steps, bad int) {
	b.t.Helper()
	b.click("[data-check-go]")
	b.wait(step, `document.querySelector(".check-end.ok, .check-end.bad")`)
	return js[bool](b, `!!document.querySelector(".check-end.ok")`), js[int](b, `document.querySelectorAll("[data-check-steps] li").length`), js[int](b, `document.querySelectorAll("[data-check-steps] li.bad").length`)
}

// forger is a server in between that shows another log than the centre's: one
// digit of every entry that tells of a sum is another.
func forger(t *testing.T, c *centre) *httptest.Server {
	t.Helper()
	target, err := url.Parse(c.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Header.Del("Accept-Encoding") },
		ModifyResponse: func(res *http.Response) error {
			if !strings.HasPrefix(res.Request.URL.Path, "/log/tile/entries/") {
				return nil
			}
			b, err := io.ReadAll(res.Body)
			b = bytes.ReplaceAll(b, []byte(`"fen":{"producer/local/`), []byte(`"fen":{"producer/l0cal/`))
			res.Body = io.NopCloser(bytes.NewReader(b))
			return err
		}})
	t.Cleanup(s.Close)
	return s
}

// TestAnyoneVerifies is issue and docs/verify.md as a stranger does them: the
// button in a phone's browser on the log's page and on a buyer's receipt, the
// program on the address, on a copy of the files and with a receipt, and each
// of them before a log that somebody altered.
func TestAnyoneVerifies(t *testing.T) {
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	order, token := c.bought(t, "13822220077")
	receiptAt := "/orders/" + order + "/receipt"
	receipt := filepath.Join(t.TempDir(), "receipt.json")
	eventually(t, step, "the order is in the public log", func() bool {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", c.HTTP+receiptAt+"?as=file", nil)
		req.AddCookie(&http.Cookie{Name: "lindu", Value: token})
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 || !bytes.Contains(b, []byte("order.paid")) {
			return false
		}
		return os.WriteFile(receipt, b, 0o600) == nil
	})

	t.Run("files", func(t *testing.T) { logFiles(t, c) })
	t.Run("browser", func(t *testing.T) {
		b := newBrowser(t, "verifier", 360, 780)
		b.open(c.HTTP + "/log")
		if good, steps, bad := b.checked(); !good || steps < 5 || bad != 0 {
			t.Errorf("the log: good %v, %d steps, %d bad", good, steps, bad)
		}
		if good, _, _ := b.checked(); !good { // the second time it holds it against what it remembers
			t.Error("again: not good")
		}
		b.open(c.HTTP + "/enter?token=" + token + "&next=" + receiptAt)
		b.wait(step, `document.querySelector("[data-check-go]")`)
		plain := 0
		if good, steps, bad := b.checked(); !good || bad != 0 {
			t.Errorf("the receipt: good %v, %d steps, %d bad", good, steps, bad)
		} else if plain = steps; plain < 8 {
			t.Errorf("%d steps with a receipt", plain)
		}
		quiet(t, b)
		forged := newBrowser(t, "deceived", 360, 780)
		forged.open(forger(t, c).URL + "/log")
		if good, _, bad := forged.checked(); good || bad == 0 {
			t.Errorf("an altered log: good %v, %d bad", good, bad)
		}
		if dir := os.Getenv("LINDU_TEST_SHOTS"); dir != "" {
			b.shot(filepath.Join(dir, "verify-360.png"))
			forged.shot(filepath.Join(dir, "verify-forged-360.png"))
		}
	})
	t.Run("program", func(t *testing.T) { program(t, c, receipt) })
}

// logFiles reads the files as any tlog client does, with the headers that let
// them be cached: a tile for ever, a checkpoint not at all.
func logFiles(t *testing.T, c *centre) {
	read := func(path, cache string) string {
		t.Helper()
		res, err := http.Get(c.HTTP + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 {
			t.Fatal(path, res.StatusCode, err)
		}
		if got := res.Header.Get("Cache-Control"); got != cache {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, cache)
		}
		if res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s can't be read by another site's page", path)
		}
		return string(b)
	}
	checkpoint := strings.Split(read("/log/checkpoint", "no-cache"), "\n")
	size, err := strconv.Atoi(checkpoint[1])
	if err != nil || size == 0 {
		t.Fatal(checkpoint)
	}
	full := size / 256
	suffix := ""
	if full == 0 { // a young log has no whole tile yet
		suffix = ".p/" + strconv.Itoa(size)
	}
	const forever = "public, max-age=31536000, immutable"
	read("/log/tile/0/000"+suffix, forever)
	read("/log/tile/entries/000"+suffix, forever)
	for _, none := range []string{"/log/tile/0/999", "/log/tile/0/../../../keys/log.key", "/log/tile/64/000", "/log/tile/entries/x"} {
		if status, _ := get(t, c.HTTP+none); status != http.StatusNotFound {
			t.Errorf("%s: %d", none, status)
		}
	}
}

// program is `lindu verify` with its three answers.
func program(t *testing.T, c *centre, receipt string) {
	_, key := get(t, c.HTTP+"/log/key")
	state := filepath.Join(t.TempDir(), "seen")
	folder := filepath.Join(c.dir, "log")
	if _, err := os.Stat(filepath.Join(folder, "checkpoint")); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	altered := filepath.Join(t.TempDir(), "altered.json")
	good, err := os.ReadFile(receipt)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(altered, bytes.Replace(good, []byte(`order.paid`), []byte(`order.pa1d`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "half.json")
	if err := os.WriteFile(half, good[:len(good)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	forged := forger(t, c).URL
	for _, x := range []struct {
		what string
		args []string
		code int
	}{
		{"the address", []string{c.HTTP, "--key", strings.TrimSpace(key), "--state", state}, 0},
		{"again, with what it remembers", []string{c.HTTP, "--state", state}, 0},
		{"with the receipt", []string{c.HTTP, "--state", "none", "--receipt", receipt}, 0},
		{"a copy of the files", []string{copied, "--state", "none", "--key", strings.TrimSpace(key)}, 0},
		{"an altered receipt", []string{c.HTTP, "--state", "none", "--receipt", altered}, 1},
		{"an altered log", []string{forged, "--state", "none"}, 1},
		{"another's key", []string{c.HTTP, "--state", "none", "--key", strings.Replace(strings.TrimSpace(key), "A", "B", 1)}, 2},
		{"half a receipt", []string{c.HTTP, "--state", "none", "--receipt", half}, 2},
		{"nobody there", []string{"http://127.0.0.1:1", "--state", "none"}, 2},
		{"no folder", []string{filepath.Join(copied, "none"), "--state", "none"}, 2},
	} {
		if out, code := verify(t, x.args...); code != x.code {
			t.Errorf("%s: exit code %d, want %d\n%s", x.what, code, x.code, out)
		} else if strings.TrimSpace(out) == "" {
			t.Errorf("%s: says nothing", x.what)
		}
	}
	if err := os.Remove(filepath.Join(copied, "checkpoint")); err != nil {
		t.Fatal(err)
	}
	if out, code := verify(t, copied, "--state", "none", "--key", strings.TrimSpace(key)); code == 0 {
		t.Errorf("a copy without a checkpoint is good: %s", out)
	}
}
