package review

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// own is a list as a centre would have it.
func own(t testing.TB, words ...string) *Words {
	t.Helper()
	list := builtInWords()
	all := map[string]string{}
	for w, k := range list {
		all[w] = k
	}
	for _, w := range words {
		all[w] = Absolute
	}
	return NewWords(all)
}

func TestFindSeesThroughPinyinPaddingAndForeignLetters(t *testing.T) {
	w := own(t, "最好", "黑心木耳", "东北第一家")
	for text, want := range map[string]string{
		"这是zuihao的":              "absolute:最好的",
		"这是 zui hao 的":           "absolute:最好的",
		"ZuiHao":                 "absolute:最好",
		"zui好吃":                  "absolute:最好吃",
		"最hao":                   "absolute:最 absolute:最好",
		"zui hao de 木耳":          "absolute:最好的",
		"quanguodiyi":            "absolute:全国第一",
		"全guo第yi":                "absolute:全国第一",
		"加weixin聊":               "contact:微信",
		"微 xin 同号":               "contact:微信",
		"dong bei di yi jia":     "absolute:东北第一家",
		"國傢級":                    "absolute:国家级",
		"國家級":                    "absolute:国家级",
		"全國第一":                   "absolute:全国第一",
		"能治療":                    "health:能治",
		"抗癌症的黑心木耳":               "health:抗癌 absolute:黑心木耳",
		"国a家b级":                  "absolute:国家级",
		"黑1心1木1耳":                "absolute:黑心木耳",
		"微x信":                    "contact:微信",
		"加weixin好友，好":            "contact:微信",     // sounds like 微信号
		"wесhаt me":              "contact:wechat", // Cyrillic e, c, a
		"ϝυсk":                   "",               // digamma is nobody's f
		"fυсk":                   "abuse:fuck",
		"w3chat":                 "contact:wechat",
		"sh1t happens":           "abuse:shit",
		"assh01e":                "abuse:asshole",
		"行业领先 hang ye ling xian": "absolute:行业领先",
		"看 www.abc.xyz 有":        "link:www.abc.xyz",
		"上taobao.com/i?id=3买":    "link:taobao.com/i?id=3",
		"abc。com":                "link:abc。com",
		"abc点cn":                 "link:abc点cn",
		"HTTPS://x.y":            "link:HTTPS://x.y",
	} {
		var got []string
		for _, h := range w.Find(text) {
			got = append(got, h.Kind+":"+h.Word)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: %q, want %q", text, g, want)
		}
	}
}

func TestDisguisesLeaveHarmlessTextsAlone(t *testing.T) {
	w := own(t, "我们", "吃拿", "最好", "盘大")
	for _, text := range []string{
		"women like this honey", "from China with love", "panda", "Li Zuihaoran here", "fizuihao", "zuiha o", "zu ihao",
		"zui，hao", "39.9元 2.5斤", "买3送1", "第2次来", "第1批", "治2病虫", "顶3级台阶", "5点。com吗", "a.m. to p.m.", "版本1.2.3", "no.", "e.g. this",
		"Wuhan people", "微信支付 weixin zhifu", "6点cn", "最近 zuijin 天气", "b2b 5kg 3x 2盒", "gg 好hao吃",
	} {
		for _, h := range w.Find(text) {
			if text == "6点cn" && h.Kind == Link {
				continue // "six o'clock China" is no sentence
			}
			t.Errorf("%q: %s %s", text, h.Kind, h.Word)
		}
	}
}

// TestEveryPinyinSpellingIsFound writes a listed word in any mixture of
// characters and syllables, with or without gaps between them.
func TestEveryPinyinSpellingIsFound(t *testing.T) {
	var words []string
	l := builtInList()
	for i, x := range l.words {
		if x.kind != allow && x.han == x.runes && x.han >= 2 && l.sounds.has(i) {
			words = append(words, x.text)
		}
	}
	if len(words) < 100 {
		t.Fatalf("only %d words have a sound", len(words))
	}
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.SampledFrom(words).Draw(rt, "word")
		var b strings.Builder
		typed := false
		for i, r := range word {
			if i > 0 && rapid.Bool().Draw(rt, "gap") {
				b.WriteString(rapid.SampledFrom([]string{" ", "-", "."}).Draw(rt, "sign"))
			}
			if rapid.Bool().Draw(rt, "typed") {
				b.WriteString(pinyin().usual[simplified(r)-firstHan])
				typed = true
			} else {
				b.WriteRune(r)
			}
		}
		text := "好，" + b.String() + "，好"
		for _, h := range Default().Find(text) {
			if h.Kind != Link {
				return // this word, or one that sounds the same or is part of it
			}
		}
		rt.Fatalf("%q (%s, typed %v) is not found", text, word, typed)
	})
}

func (s sounds) has(word int) bool {
	for _, x := range s.what {
		if x.word == word && string(x.han) != "" {
			return true
		}
	}
	return false
}

func FuzzLinks(f *testing.F) {
	f.Add("https://a.b www.x.y a点com \xff.")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range links(s) {
			if l == "" || len(l) > mostLink {
				t.Errorf("%q: %q", s, l)
			}
		}
	})
}

func TestWordFiles(t *testing.T) {
	got, err := ParseFile("\ufeff# ours\n老王头家最甜\n\n包治\thealth\t说说口感\n[allow]\n最甜的季节\n包治,health,另一句\n", Absolute)
	if err != nil || fmt.Sprint(got) != "[{老王头家最甜 absolute  } {包治 health 另一句 } {最甜的季节 allow  }]" {
		t.Errorf("%v, %v", got, err)
	}
	for text, key := range map[string]string{
		"": "review.file_empty", "#x\n": "review.file_empty", "好\tnonsense": "review.file_line", "a": "review.file_line",
		"[x]\n好": "review.file_kind", "\xff\xfe": "review.file_coding", strings.Repeat("好", MaxWord+1): "review.file_line",
		strings.Repeat("x", MaxFile+1): "review.file_large",
	} {
		if _, err := ParseFile(text, Abuse); !fault.HasKey(err, key) {
			t.Errorf("%.20q: %v, want %s", text, err, key)
		}
	}
	_, err = ParseFile("a\n好的\nb\n", Abuse)
	if n := len(fault.Of(err).All()); n != 2 {
		t.Errorf("%d wrong lines told", n)
	}
}

func TestOwnWordsCountAtOnceAndOnEveryNode(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 20, 0, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		ctx, clk := t.Context(), d.Clock.(*clock.Fake)
		mod := actor.Actor{User: id.New[id.User](), Roles: []actor.Role{actor.Moderator}, Via: "web"}
		here, there := New(), New()
		put := func(who actor.Actor, words ...Word) error {
			clk.Add(time.Second)
			return d.Update(ctx, func(tx *db.Tx) error { return Put(ctx, tx, who, words...) })
		}
		finds := func(w *Words, text, want string) {
			t.Helper()
			if _, err := w.Reload(ctx, d); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range w.Find(text) {
				got = append(got, h.Word+"/"+h.Wording)
			}
			if g := strings.Join(got, " "); g != want {
				t.Errorf("%q: %q, want %q", text, g, want)
			}
		}
		if err := put(actor.Actor{User: "u", Via: "web"}, Word{Text: "黑心", Kind: Abuse}); !fault.Is(err, fault.Denied) {
			t.Errorf("a buyer writes words: %v", err)
		}
		if err := put(mod, Word{Text: "黑心", Kind: Abuse, Wording: "@直接说哪里不好"}); err != nil {
			t.Fatal(err)
		}
		for _, w := range []*Words{here, there} {
			finds(w, "黑心商家 傻逼", "黑心/直接说哪里不好 傻逼/")
		}
		if again, err := here.Reload(ctx, d); again || err != nil {
			t.Errorf("read again without a change: %v", err)
		}
		finds(Default(), "x", "")
		if err := put(mod, Word{Text: "傻逼", Kind: allow}); err != nil { // the centre's own wins
			t.Fatal(err)
		}
		finds(here, "黑心商家 傻逼", "黑心/直接说哪里不好")
		clk.Add(time.Second)
		if err := d.Update(ctx, func(tx *db.Tx) error { return Drop(ctx, tx, mod, "黑心") }); err != nil {
			t.Fatal(err)
		}
		finds(there, "黑心商家", "")
		if list, err := Own(ctx, d, "", "", 10); err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		for _, x := range []Word{{Text: "a", Kind: Abuse}, {Text: "…", Kind: Abuse}, {Text: "好", Kind: "x"}, {Text: strings.Repeat("好", 41), Kind: Abuse}} {
			if err := put(mod, Word{Text: "好的好的", Kind: Abuse}, x); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v: %v", x, err)
			}
		}
		if list, _ := Own(context.Background(), d, "", "好的", 10); len(list) != 0 {
			t.Errorf("half an import stayed: %v", list)
		}
	})
}
