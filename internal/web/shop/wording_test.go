package shop_test

import (
	"testing"

	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/show"
)

// TestNewWordsOfAPromiseAreSaidEverywhere: what is in force is what buyers read,
// on the hall's first screen and beside a farmer's goods.
func TestNewWordsOfAPromiseAreSaidEverywhere(t *testing.T) {
	h := open(t, show.Ended)
	farmer := "/producers/" + string(h.Lot.Producer)
	lot := "/lots/" + string(h.Lot.ID)
	h.Visitor().In(i18n.English).Get(farmer).Is(200).Has("We take no commission from local producers.")
	h.Reword("P1", "一分钱不收，一个子儿不扣。", "Not a penny, ever.")
	zh, en := h.Visitor(), h.Visitor().In(i18n.English)
	for _, path := range []string{"/", farmer, lot} {
		zh.Get(path).Is(200).Has("一分钱不收，一个子儿不扣。").HasNot("一分钱佣金都不收")
		en.Get(path).Is(200).Has("Not a penny, ever.").HasNot("We take no commission from local producers.")
	}
}
