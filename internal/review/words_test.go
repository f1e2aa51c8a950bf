package review

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
)

func found(text string) string {
	var out []string
	for _, h := range Default().Find(text) {
		out = append(out, h.Kind+":"+h.Word)
	}
	return strings.Join(out, " ")
}

func TestFindSeesThroughDisguises(t *testing.T) {
	for text, want := range map[string]string{
		"这是最新鲜的蓝莓":                "absolute:最",
		"最好的木耳，全国第一":              "absolute:最好的 absolute:全国第一",
		"国 家 级 示范":                "absolute:国家级",
		"国，家，级":                   "absolute:国家级",
		"国\u200b家\u200b级":         "absolute:国家级",
		"N o . 1":                 "absolute:no1",
		"能降血糖吗":                   "health:降血糖",
		"降-血-糖":                   "health:降血糖",
		"加Ｖ Ｘ：abc":                "contact:加vx",
		"+v 联系":                   "contact:加v",
		"微.信 同号":                  "contact:微信",
		"W e C h a t: x":          "contact:wechat",
		"ⓦⓔⓒⓗⓐⓣ":                  "contact:wechat",
		"see https://x.example/a": "link:https://x.example/a",
		"打电话13800138000":          "contact:138****8000",
		"138 0013-8000":           "contact:138****8000",
		"+86 138 0013 8000":       "contact:138****8000",
		"8613800138000":           "contact:138****8000",
		"１３８００１３８０００":             "contact:138****8000",
		"1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣": "contact:138****8000",
		"傻 逼":              "abuse:傻逼",
		"SB吧你":             "abuse:sb",
		"what a f.u.c.k":   "abuse:fuck",
		"fùçk":             "abuse:fuck",
		"the BEST berries": "absolute:the best",
		"最近最便宜":            "absolute:最",
	} {
		if got := found(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestFindLetsHarmlessWordsPass(t *testing.T) {
	for _, text := range []string{
		"", "   ", "👍👍", "多少钱一斤？", "最近天气好，最后一批蓝莓", "第一次来，第一书记好", "最多买两件，最少一件",
		"最好冷藏，最好当天吃", "用微信支付可以吗", "稍微，信我一回", "USB接口", "a class of glass", "pass hit the brush it",
		"订单 20260301123456789012", "快递 SF1380013800012", "价格39.9，送2斤", "best before 2026-05-01", "这件 1+1 送 1",
		"1380013800", "1234567890123", "林下参三年生", "Scunthorpe shitake", "我最喜欢木耳", "明目张胆", "QQ糖有吗", "治愈系风景",
	} {
		if got := found(text); got != "" {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestWhoMayNotSayWhat(t *testing.T) {
	all := Default().Find("最好的蜂蜜能降血糖，傻逼加微信")
	if len(all) != 4 || len(For(true, all)) != 4 {
		t.Fatalf("hits %v", all)
	}
	if got := For(false, all); len(got) != 2 || got[0].Kind != Abuse || got[1].Kind != Contact {
		t.Errorf("a buyer's hits %v", got)
	}
	if len(all) != 4 {
		t.Error("For changed its argument")
	}
	if err := Default().Check(false, "title", "最好的蜂蜜"); err != nil {
		t.Error(err)
	}
	err := Default().Check(true, "title", "最好的蜂蜜")
	if f := fault.Of(err); f.Key != "review.word" || f.Field != "title" || !strings.Contains(i18n.For(i18n.Chinese).Err(f), "糖度") {
		t.Errorf("%v", err)
	}
	if err := (*Words)(nil).Check(true, "title", "最好的蜂蜜"); err != nil {
		t.Error(err)
	}
}

func TestEveryKindHasAProposal(t *testing.T) {
	for _, k := range append([]string{Link}, Kinds...) {
		if k == allow {
			continue
		}
		for _, l := range i18n.Langs {
			if !i18n.Has(l, Hit{Kind: k}.Proposal()) {
				t.Errorf("%s has no proposal in %s", k, l)
			}
		}
	}
}

func TestBrokenListsAreRefused(t *testing.T) {
	for _, text := range []string{"word before a section", "[nonsense]\nx", "[abuse]\nx\n[contact]\nx"} {
		if list, err := parseWords(text); err == nil {
			t.Errorf("%q gave %v", text, list)
		}
	}
	if w := NewWords(map[string]string{"…": Abuse, "": Abuse}); len(w.Find("anything … at all")) != 0 {
		t.Error("a word of signs matches")
	}
	if w := NewWords(nil); len(w.Find("anything")) != 0 {
		t.Error("the empty list matches")
	}
}

// TestFindAgreesWithTheSlowWay holds the automaton against plain search.
func TestFindAgreesWithTheSlowWay(t *testing.T) {
	letter := rapid.SampledFrom([]rune("最好的微信林ab1 ，."))
	word := rapid.StringOfN(letter, 1, 4, -1)
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.MapOfN(word, rapid.SampledFrom(Kinds), 0, 6).Draw(rt, "list")
		text := rapid.StringOfN(letter, 0, 20, -1).Draw(rt, "text")
		w := NewWords(list)
		got, want := w.now.Load().listed(fold(text)), slow(w.now.Load(), fold(text))
		if !slices.Equal(got, want) {
			rt.Fatalf("%q in %q: got %v, want %v", text, list, got, want)
		}
	})
}

func slow(l *list, f folded) (hits []Hit) {
	pat := make([]string, len(l.words))
	for i, word := range l.words {
		pat[i] = string(fold(word.text).text)
	}
	for at := 0; at < len(f.text); {
		best := -1
		for i, p := range pat {
			if strings.HasPrefix(string(f.text[at:]), p) && (best < 0 || len(p) > len(pat[best])) {
				best = i
			}
		}
		if best < 0 || !f.standsAlone(at, at+len(pat[best]), l.ends[best]) {
			at++
			continue
		}
		at += len(pat[best])
		if h := (Hit{Word: l.words[best].text, Kind: l.words[best].kind}); h.Kind != allow && !slices.Contains(hits, h) {
			hits = append(hits, h)
		}
	}
	return hits
}

func TestManySearchAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got := found("最好的木耳，全国第一"); got != "absolute:最好的 absolute:全国第一" {
					t.Error(got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"微信 13800138000", "\xff最", "👨‍👩‍👧ﬁ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ff := fold(s)
		if len(ff.between) != len(ff.text)+1 {
			t.Fatalf("%q: %d bytes, %d places", s, len(ff.text), len(ff.between))
		}
		Default().Find(s)
	})
}

// BenchmarkFind20k: a chat line against 20,000 words.
func BenchmarkFind20k(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	list := map[string]string{}
	for len(list) < 20_000 {
		word := make([]rune, 2+r.IntN(4))
		for i := range word {
			word[i] = rune(0x4e00 + r.IntN(3000))
		}
		list[string(word)] = Abuse
	}
	w := NewWords(list)
	lines := []string{"主播你好，这个蓝莓多少钱一斤，包邮吗？", "最近天气怎么样，木耳什么时候发货", "Hello from Harbin, how fresh are they?", "已下单两盒，坐等收货👍"}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		w.Find(lines[i%len(lines)])
		i++
	}
	_ = fmt.Sprint(i)
}
