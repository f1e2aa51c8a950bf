package id_test

import (
	"testing"

	"lindu.example/lindu/internal/id"
)

func TestNewIsUniqueAndSorts(t *testing.T) {
	last := id.New[id.Order]()
	for range 10_000 {
		n := id.New[id.Order]()
		if !id.Valid(n) || n <= last {
			t.Fatalf("%q after %q", n, last)
		}
		last = n
	}
	for _, bad := range []string{"", "x", "0123", "0123456789ABCDEF0123456789ABCDEF", "../../../../../../../../../etc/xx"} {
		if id.Valid(bad) {
			t.Errorf("%q passes as an id", bad)
		}
	}
}

func TestOrderNoNoticesAWrongDigit(t *testing.T) {
	no := id.OrderNo(20261122)
	if !id.ValidOrderNo(no) {
		t.Fatalf("%q is refused", no)
	}
	for i := range no {
		b := []byte(no)
		b[i] = '0' + (b[i]-'0'+1)%10
		if id.ValidOrderNo(string(b)) {
			t.Errorf("digit %d wrong, not noticed: %s", i, b)
		}
	}
}
