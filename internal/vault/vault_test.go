package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lindu.example/lindu/internal/vault"
)

func TestSealOpen(t *testing.T) {
	old, fresh := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	v1, _ := vault.New(old)
	s, err := v1.Seal("user.phone", "13800001234")
	if err != nil || strings.Contains(s, "1380") {
		t.Fatal(s, err)
	}
	v2, _ := vault.New(fresh, old) // after a key change
	if p, err := v2.Open("user.phone", s); err != nil || p != "13800001234" {
		t.Errorf("after key change: %q, %v", p, err)
	}
	if v1.Index("user.phone", "1") != v2.Index("user.phone", "1") {
		t.Error("the blind index changed with a new key")
	}
	if v1.Index("user.phone", "1") == v1.Index("address.phone", "1") {
		t.Error("two columns share an index")
	}
	if _, err := v2.Open("address.phone", s); err == nil {
		t.Error("a value moved to another column opens")
	}
	for i := range s {
		b := []byte(s)
		b[i] ^= 1
		if p, err := v2.Open("user.phone", string(b)); err == nil && p != "13800001234" {
			t.Errorf("altered at %d opens as %q", i, p)
		}
	}
}

func TestOpenMakesAFileOnce(t *testing.T) {
	p := filepath.Join(t.TempDir(), "keys", "master.key")
	a, err := vault.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := a.Seal("c", "x")
	b, err := vault.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Open("c", s); err != nil || got != "x" {
		t.Errorf("%q %v", got, err)
	}
	if st, _ := os.Stat(p); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", st.Mode())
	}
}

func TestMasks(t *testing.T) {
	if g := vault.Phone("13812341234"); g != "138****1234" {
		t.Error(g)
	}
	if g := vault.Name("李长山"); g != "李**" {
		t.Error(g)
	}
	if g := vault.Text("黑龙江省伊春市", 3); g != "黑龙江****" {
		t.Error(g)
	}
}
