package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lindu.example/lindu/client"
)

// token of a sign-in link.
func (c *centre) token(role string) string {
	c.t.Helper()
	u, err := url.Parse(c.Links[role])
	if err != nil || u.Query().Get("token") == "" {
		c.t.Fatalf("no sign-in link for %s: %v", role, c.Links)
	}
	return u.Query().Get("token")
}

// as is a client of a role.
func (c *centre) as(role string) *client.Client { return client.New(c.HTTP, c.token(role), nil) }

// stockOnCard is what the room's "explaining now" card says is left.
const stockOnCard = `(() => { const m = /(\d+)/.exec(document.querySelector("#card .stock")?.textContent ?? ""); return m ? Number(m[1]) : -1 })()`

// TestAShowSellsAFarmersGoods is the main job on real parts: ffmpeg publishes,
// two browsers watch, they talk, the operator pins, a buyer orders and pays,
// the other sees the stock fall, the farmer is owed the goods price, and when
// the publisher is cut both players come back by themselves.
func TestAShowSellsAFarmersGoods(t *testing.T) {
	need(t, "ffmpeg", "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	stop := publish(t, c, c.Show.StreamKey)

	buyer := newBrowser(t, "buyer", 360, 780)
	buyer.open(c.HTTP + "/lang/en?next=/")
	buyer.open(c.Links["buyer"])
	other := newBrowser(t, "other", 1280, 800)
	other.open(c.HTTP + "/lang/zh-CN?next=/")
	other.open(c.Links["service"])
	other.open(c.Show.Page)
	for _, b := range []*browser{buyer, other} {
		b.wait(step, playing)
		b.wait(step, `document.querySelector("video").webkitAudioDecodedByteCount > 0`)
		before := js[float64](b, `document.querySelector("video").currentTime`)
		b.wait(15*time.Second, `document.querySelector("video").currentTime > `+num(before+2))
	}

	t.Log("they talk")
	buyer.write("#say-body", "how long do the berries keep?\r")
	other.wait(step, `document.querySelector("#chat").textContent.includes("how long do the berries keep?")`)

	t.Log("the operator pins")
	operator := newBrowser(t, "operator", 1280, 900)
	operator.open(c.Links["operator"])
	operator.open(c.HTTP + "/desk/shows/" + c.Show.ID)
	show, err := c.as("operator").Show(t.Context(), c.Show.ID)
	if err != nil {
		t.Fatal(err)
	}
	item := show.Items[0] // fresh blueberries, of two local farmers
	other.wait(step, `document.querySelector("#card").textContent.includes(`+quote(item.Name)+`)`)
	second := show.Items[1]
	operator.click(`.desk-item:nth-child(2) button.pin`)
	for _, b := range []*browser{buyer, other} {
		b.wait(step, `document.querySelector("#card").textContent.includes(`+quote(second.Name)+`)`)
	}

	t.Log("the buyer orders and pays")
	stock := js[int](other, stockOnCard)
	owed := c.owed(t)
	buy(t, buyer)
	other.wait(step, stockOnCard+` === `+num(float64(stock-1)))
	eventually(t, step, "the farmers are owed the goods price", func() bool {
		return c.owed(t)-owed == second.PriceFen
	})

	t.Log("the publisher is cut for five seconds")
	buyer.open(c.Show.Page)
	buyer.wait(step, playing)
	stop()
	for _, b := range []*browser{buyer, other} {
		b.wait(10*time.Second, `!document.querySelector("#slate").hidden`)
	}
	time.Sleep(5 * time.Second) // the cut itself
	publish(t, c, c.Show.StreamKey)
	for _, b := range []*browser{buyer, other} {
		b.wait(step, `document.querySelector("#slate").hidden && `+playing)
		before := js[float64](b, `document.querySelector("video").currentTime`)
		b.wait(15*time.Second, `document.querySelector("video").currentTime > `+num(before+2))
		if bad := b.troubles(); len(bad) > 0 {
			t.Errorf("%s: the page complains: %v", b.name, bad)
		}
	}
	if out, err := c.fsck(); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

// owed is what all the demo's linked producer and the others are owed together,
// as finance sees it.
func (c *centre) owed(t *testing.T) int64 {
	t.Helper()
	var sum int64
	for _, p := range c.producers(t) {
		b, err := c.as("finance").ProducerBalance(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if b.Local {
			sum += b.OwedFen
		}
	}
	return sum
}

// producers are found on the goods' pages, as a visitor finds them.
func (c *centre) producers(t *testing.T) []string {
	t.Helper()
	_, html := get(t, c.Show.Page)
	seen := map[string]bool{}
	var out []string
	for _, part := range strings.Split(html, `href="/producers/`)[1:] {
		if id, _, ok := strings.Cut(part, `"`); ok && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		t.Fatal("the room's seller panel names no producer")
	}
	return out
}

// buy goes through the half-sheet with a pasted address and pays at the sandbox.
func buy(t *testing.T, b *browser) {
	t.Helper()
	b.click(`#card [data-do="buy"]`)
	b.wait(step, `document.querySelector("#buy-form")`)
	if !js[bool](b, `document.querySelector("video").paused === false`) {
		t.Error("the video stopped behind the half-sheet")
	}
	b.write("#na-paste", "李小满 13800001234 黑龙江省哈尔滨市南岗区学府路52号3单元501")
	b.wait(step, `document.querySelector("#na-phone").value === "13800001234" && document.querySelector("#na-detail").value !== ""`)
	b.click(`.new-address button[form="address-form"]`)
	b.wait(step, `/¥/.test(document.querySelector("#buy-sum [data-sum=total]")?.textContent ?? "")`)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const t = document.querySelector("#buy-form [name=no_return_ok]"); if (t) t.click() })()`))
	b.wait(step, `document.querySelector("#buy-go") && document.querySelector("#buy-form").dataset.signed === "true"`)
	b.click("#buy-go")
	b.click(`#buy .placed .button.buy`) // pay in the sandbox
	b.wait(step, `location.pathname.startsWith("/sandbox/")`)
	b.click(`button[name="do"][value="pay"]`)
	b.wait(step, `location.pathname.startsWith("/pay/return/") || location.pathname.startsWith("/orders/") || document.querySelector(".done")`)
}
