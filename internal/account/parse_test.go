package account_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/fault"
)

func TestParsePhone(t *testing.T) {
	for in, want := range map[string]string{
		"13800138000": "13800138000", " 138 0013 8000 ": "13800138000", "138-0013-8000": "13800138000",
		"+86 13800138000": "13800138000", "+8613800138000": "13800138000", "008613800138000": "13800138000",
		"8613800138000": "13800138000", "(+86)13800138000": "13800138000", "１３８００１３８０００": "13800138000",
		"19912345678": "19912345678",
		"":            "", "1380013800": "", "138001380000": "", "12800138000": "", "23800138000": "", "+1 2125551234": "",
		"13800138000x": "", "138+00138000": "", "05584112233": "", "٠٣٨٠٠١٣٨٠٠٠": "", strings.Repeat("1", 1000): "",
	} {
		got, err := account.ParsePhone(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", in, got, err, want)
		}
		if want == "" && (!fault.HasKey(err, "account.phone") || fault.Of(err).Field != "phone") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzParsePhone(f *testing.F) {
	for _, s := range []string{"13800138000", "+86 138 0013 8000", "008613800138000", "１３８", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := account.ParsePhone(s)
		if err != nil {
			return
		}
		if len(p) != 11 || strings.Trim(p, "0123456789") != "" {
			t.Fatalf("%q gave %q", s, p)
		}
		if again, err := account.ParsePhone("+86 " + p); err != nil || again != p {
			t.Fatalf("%q is not stable: %q, %v", p, again, err)
		}
	})
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"山里的梅子": "山里的梅子", "  Li \t Lei ": "Li Lei", "e\u0301": "é", "蓝莓🫐姐": "蓝莓🫐姐", "1998年的酒": "1998年的酒",
		"<script>": "<script>", // markup is data; screens escape it
	} {
		if got, err := account.CleanName(in); err != nil || got != want {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for in, key := range map[string]string{
		"": "fault.required", " \u3000 ": "fault.required", strings.Repeat("梅", 21): "fault.too_long",
		"a\x00b": "account.name_chars", "官\u200b方": "account.name_chars", "\u202eabc": "account.name_chars",
		"\xff": "account.name_chars", "z\u0337\u0338\u0339\u0340": "account.name_chars", "\u0301": "account.name_chars",
		"a\u2028b": "", strings.Repeat("x", 5000): "account.name_chars",
		"13800138000": "account.name_phone", "找我 138 0013 8000": "account.name_phone",
	} {
		got, err := account.CleanName(in)
		if key == "" {
			if err == nil && strings.ContainsRune(got, '\u2028') {
				t.Errorf("%q kept its line separator", in)
			}
			continue
		}
		if !fault.HasKey(err, key) {
			t.Errorf("%q: got %q, %v, want %s", in, got, err, key)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"梅子", "a b", "\u200d", "e\u0301\u0301\u0301", "１３８００１３８０００"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := account.CleanName(s)
		if err != nil {
			return
		}
		if !utf8.ValidString(n) || n == "" || utf8.RuneCountInString(n) > account.MaxName || strings.IndexFunc(n, unicode.IsControl) >= 0 {
			t.Fatalf("%q gave %q", s, n)
		}
		if again, err := account.CleanName(n); err != nil || again != n {
			t.Fatalf("%q is not stable: %q, %v", n, again, err)
		}
	})
}
