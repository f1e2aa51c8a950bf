package proof_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/proof"
	"lindu.example/lindu/internal/web/webtest"
)

// A buyer's receipt has what was paid and what came back in parts, and is
// nobody else's.
func TestABuyersReceiptHasPartRefunds(t *testing.T) {
	w := webtest.New(t, proof.Routes)
	publish := w.PublicLog()
	buyer := w.Person("Li Lei")
	berries := w.Product("Blueberries", 3000)
	farm := w.Producer("Wang")
	w.Lot(berries, farm, 10)
	o := w.Order(buyer, berries, 2)
	p := w.Pay(buyer, o)
	path := "/orders/" + string(o.ID) + "/receipt"
	buyer.Get(path).Is(200).Has("正在写进去")
	publish()
	before := len(buyer.Get(path).Is(200).HasNot("正在写进去").All(".entry"))
	w.Update(func(tx *db.Tx) error {
		r, err := payment.AddRefund(context.Background(), tx, p, 500, payment.AfterSale)
		if err != nil {
			return err
		}
		return promise.OrderPartRefunded(context.Background(), tx, promise.PartRefund{Refund: r.ID, Order: o.ID, Placed: tx.NowUs(),
			Shares: []promise.Share{{Producer: farm, Local: true, Goods: 500}}, Borne: promise.ByCentre})
	})
	publish()
	if after := len(buyer.Get(path).Is(200).All(".entry")); before == 0 || after != before+1 {
		t.Errorf("%d entries, after the refund %d", before, after)
	}
	w.Person("Han Meimei").Get(path).Is(http.StatusNotFound)
	if file := buyer.Get(path + "?as=file").Is(200); !strings.Contains(file.Body, `"items"`) {
		t.Errorf("%.80q", file.Body)
	}
}

// Whom a fund paid and what for: everybody's receipt, once it was paid.
func TestAnyoneReadsWhatAFundPaidFor(t *testing.T) {
	w := webtest.New(t, proof.Routes)
	publish := w.PublicLog()
	one, two := w.Person("One", actor.Finance).Actor(), w.Person("Two", actor.Finance).Actor()
	ctx := context.Background()
	d := fund.Disbursement{ID: id.New[id.Disbursement](), Fund: fund.Growth, Recipient: "乡村讲堂", Purpose: "免费课的路费", Fen: 5000, VoucherKind: fund.Picture, VoucherHash: strings.Repeat("ab", 32)}
	w.Update(func(tx *db.Tx) (err error) { d, err = fund.Write(ctx, tx, one, d); return err })
	anyone, path := w.Visitor(), "/funds/paid/"+string(d.ID)+"/receipt"
	anyone.Get(path).Is(http.StatusNotFound) // a draft is nobody's business
	w.Update(func(tx *db.Tx) error {
		err := fund.Approve(ctx, tx, two, d.ID)
		if err == nil {
			_, err = fund.MarkPaid(ctx, tx, one, d.ID, "BANK-77")
		}
		return err
	})
	publish()
	anyone.Get(path).Is(200).Has("乡村讲堂", "免费课的路费", "¥50", d.VoucherHash, d.No, "凭证的 SHA-256")
	anyone.In(i18n.English).Get(path).Is(200).Has("Whom this money went to", "Recipient", "乡村讲堂")
	anyone.Get("/funds/paid/none/receipt").Is(http.StatusNotFound)
}
