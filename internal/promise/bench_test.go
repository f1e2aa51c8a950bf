package promise

import (
	"testing"

	"lindu.example/lindu/internal/db/dbtest"
)

var benchSale = Sale{Order: "0123456789abcdef0123456789abcdef", Freight: 500, Shares: []Share{
	{Producer: "f123456789abcdef0123456789abcdef", Local: true, Goods: 3000, Owed: 3000}}}

// BenchmarkPlaced is what the order desk pays an order for lines and guard.
func BenchmarkPlaced(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		txns := placed(benchSale)
		if err := guardSale(benchSale, wasPlaced, txns); err != nil {
			b.Fatal(err)
		}
		for _, t := range txns {
			if err := Guard(t); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkSettled is a script run for a share, with its guard.
func BenchmarkSettled(b *testing.B) {
	rules, err := Load(b.Context(), dbtest.SQLite(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rules.paid(b.Context(), benchSale, "wechat"); err != nil {
			b.Fatal(err)
		}
	}
}
