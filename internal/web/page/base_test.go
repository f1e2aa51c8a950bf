package page_test

import (
	"testing"

	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/web/page"
)

func TestYuanIsReadAtAGlance(t *testing.T) {
	for fen, want := range map[money.Fen]string{
		0: "¥0", 5: "¥0.05", 3900: "¥39", 3990: "¥39.90", -505: "-¥5.05", 999999: "¥9999.99",
		1000000: "¥10,000", 11700000: "¥117,000", -11700050: "-¥117,000.50", 123456789012: "¥1,234,567,890.12",
	} {
		if got := (page.Base{}).Yuan(fen); got != want {
			t.Errorf("%d fen: %s, want %s", fen, got, want)
		}
	}
}
