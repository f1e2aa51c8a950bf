package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium of its own: cookies and caches are nobody
// else's.
type browser struct {
	t      testing.TB
	ctx    context.Context
	name   string
	mu     sync.Mutex
	errors []string // what the page's console said in anger
}

// newBrowser starts one; the size is that of a phone or a PC.
func newBrowser(t testing.TB, name string, width, height int, more ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	need(t, "chromium")
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", false),
		// A camera and a microphone that need nobody's leave, and calls within one machine.
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("allow-loopback-in-peer-connection", true), chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,WebRtcHideLocalIpsWithMdns"),
		chromedp.WSURLReadTimeout(60*time.Second))
	actx, cancelA := chromedp.NewExecAllocator(context.Background(), append(opts, more...)...)
	ctx, cancel := chromedp.NewContext(actx)
	b := &browser{t: t, ctx: ctx, name: name}
	t.Cleanup(func() {
		cancel()
		cancelA()
		b.mu.Lock()
		defer b.mu.Unlock()
		if t.Failed() && len(b.errors) > 0 {
			t.Logf("console of %s:\n%s", name, strings.Join(b.errors, "\n"))
		}
	})
	if err := chromedp.Do(ctx); err != nil { // starts it; a context of one step would end it with the step
		t.Fatal(err)
	}
	b.dress(width, height)
	return b
}

// dress gives the page its size and listens to what it says.
func (b *browser) dress(width, height int) {
	b.t.Helper()
	var view []chromedp.EmulateViewportOption
	if width < 800 {
		view = append(view, chromedp.EmulateMobile, chromedp.EmulateScale(2))
	}
	b.do(chromedp.EmulateViewport(int64(width), int64(height), view...))
	err := chromedp.Listen(b.ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			b.note(fmt.Sprint("exception: ", e.ExceptionDetails.Text, " ", e.ExceptionDetails.URL, ":", e.ExceptionDetails.LineNumber))
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" {
				b.note(fmt.Sprint("console.error: ", args(e.Args)))
			}
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// tab opens another tab of the same browser: the same cookies and storage.
func (b *browser) tab(name string, width, height int) *browser {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatal(err)
	}
	d := &browser{t: b.t, ctx: ctx, name: name}
	d.dress(width, height)
	return d
}

func args(as []*runtime.RemoteObject) string {
	var out []string
	for _, a := range as {
		out = append(out, string(a.Value)+a.Description)
	}
	return strings.Join(out, " ")
}

func (b *browser) note(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) < 50 {
		b.errors = append(b.errors, s)
	}
}

// troubles are the page's exceptions and errors so far.
func (b *browser) troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.errors...)
}

const step = 30 * time.Second

// do runs actions; a failure leaves a picture.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.fail(err)
	}
}

func (b *browser) fail(err error) {
	b.t.Helper()
	if dir := os.Getenv("LINDU_TEST_PICTURES"); dir != "" {
		b.shot(fmt.Sprintf("%s/failed-%s.png", dir, b.name))
	}
	b.t.Fatalf("%s: %v", b.name, err)
}

// open goes to an address.
func (b *browser) open(url string) { b.t.Helper(); b.do(chromedp.Navigate(url)) }

// first runs a script in every page before the page's own.
func (b *browser) first(script string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// click presses what the selector names.
func (b *browser) click(sel string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(sel)), chromedp.Click(chromedp.CSS(sel)))
}

// write types into a field.
func (b *browser) write(sel, text string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(sel)), chromedp.SendKeys(chromedp.CSS(sel), text))
}

// js evaluates an expression.
func js[T any](b *browser, expr string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expr, chromedp.EvalAwaitPromise))
	if err != nil {
		b.fail(fmt.Errorf("%s: %w", expr, err))
	}
	return v
}

// wait waits until an expression is true in the page.
func (b *browser) wait(within time.Duration, expr string) {
	b.t.Helper()
	end := time.Now().Add(within)
	for {
		ctx, cancel := context.WithTimeout(b.ctx, step)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expr+")"))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			b.fail(fmt.Errorf("not within %v: %s (last error %v)", within, expr, err))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// shot writes a picture of what the browser shows.
func (b *browser) shot(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("no picture: %v", err)
		return
	}
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.t.Logf("no picture: %v", err)
	}
}
