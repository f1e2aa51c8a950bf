package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// giftKinds are the demo's price list.
var giftKinds = []gift.Kind{
	{NameZh: "松果", NameEn: "Pine cone", Icon: "cone", Fen: 100, OnSale: true},
	{NameZh: "一捧蓝莓", NameEn: "A handful of berries", Icon: "berry", Fen: 600, OnSale: true},
	{NameZh: "一朵大蘑菇", NameEn: "A big mushroom", Icon: "mushroom", Fen: 1800, OnSale: true},
	{NameZh: "一棵白桦", NameEn: "A birch", Icon: "birch", Fen: 6600, OnSale: true},
}

// makeGifts opens gifts: an agreement signed by two, a price list, gifts of the
// weeks before, and one disbursement they paid for.
func (p *past) makeGifts(show id.Show) error {
	p.at(20, 0)
	one, two := p.people["finance"], p.people["admin"]
	var agreement id.Agreement
	var kinds []gift.Kind
	err := p.update(func(tx *db.Tx) (err error) {
		today := clock.DayOf(tx.Now)
		if agreement, err = promise.DraftAgreement(p.ctx, tx, one, promise.Agreement{Recipient: "林都县慈善会（演示）", Purpose: "困难学生的书本和路费", Starts: today, Ends: today.Add(365)}); err != nil {
			return err
		}
		if err := promise.SignAgreement(p.ctx, tx, two, agreement); err != nil {
			return err
		}
		for i, k := range giftKinds {
			k.Pos = int64(i)
			if k.ID, err = gift.SaveKind(p.ctx, tx, two, p.a.Flow.Gifts, k); err != nil {
				return err
			}
			kinds = append(kinds, k)
		}
		return gift.DeclareAdult(p.ctx, tx, p.people["buyer"], today.Add(-30*366))
	})
	if err != nil {
		return err
	}
	for i := range 8 {
		p.at(19-i, 0)
		if err := p.giveGift(show, kinds[i%len(kinds)], agreement); err != nil {
			return err
		}
	}
	p.at(5, 0)
	return p.disburse(agreement, money.Yuan(50))
}

// giveGift is a gift that finance saw on the account: the providers that are
// played know nothing of the time before they were started.
func (p *past) giveGift(show id.Show, k gift.Kind, agreement id.Agreement) error {
	return p.update(func(tx *db.Tx) error {
		g, err := gift.Give(p.ctx, tx, p.people["buyer"], p.a.Flow.Gifts, gift.Gift{Show: show, Host: p.users["host"].ID, Kind: k.ID, NameZh: k.NameZh, NameEn: k.NameEn,
			Icon: k.Icon, Fen: k.Fen, Agreement: agreement, IdemKey: id.New[string](), IdemHash: "demo"})
		if err != nil {
			return err
		}
		pay := payment.Payment{ID: id.New[id.Payment](), Order: id.Order(g.ID), Purpose: payment.ForGift, Gateway: payment.Offline, Amount: g.Fen,
			State: payment.StatePaid, Ref: "demo transfer", Proof: "demo transfer", PaidAt: tx.Now}
		if err := payment.Open(p.ctx, tx, pay); err != nil {
			return err
		}
		if _, err := gift.Move(p.ctx, tx, g.ID, gift.Unpaid, gift.Paid); err != nil {
			return err
		}
		return promise.GiftReceived(p.ctx, tx, string(g.ID), g.Fen, payment.Offline)
	})
}

// disburse pays out of the charity fund, with a voucher.
func (p *past) disburse(agreement id.Agreement, fen money.Fen) error {
	one, two := p.people["finance"], p.people["finance2"]
	d, err := p.flow.DraftDisbursement(p.ctx, one, fund.Disbursement{Fund: fund.Charity, Agreement: agreement, Purpose: "给三名学生买课本（演示）", Fen: fen}, bytes.NewReader(voucher()))
	if err != nil {
		return err
	}
	if err := p.update(func(tx *db.Tx) error { return fund.Approve(p.ctx, tx, two, d.ID) }); err != nil {
		return err
	}
	return p.flow.PayDisbursement(p.ctx, one, d.ID, "DEMO-BANK-0001")
}

// voucher is a picture like a receipt: lines and a red stamp.
func voucher() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 640, 420))
	fill := func(r image.Rectangle, c color.Color) { draw.Draw(m, r, &image.Uniform{c}, image.Point{}, draw.Src) }
	fill(m.Bounds(), color.RGBA{0xfd, 0xfb, 0xf4, 0xff})
	ink := color.RGBA{0x33, 0x38, 0x3a, 0xff}
	fill(image.Rect(180, 40, 460, 62), ink)
	for y := 110; y < 350; y += 40 {
		fill(image.Rect(60, y, 60+120, y+10), color.RGBA{0x8a, 0x90, 0x92, 0xff})
		fill(image.Rect(220, y, 560-(y%90), y+10), ink)
		fill(image.Rect(60, y+24, 580, y+25), color.RGBA{0xcc, 0xcc, 0xc4, 0xff})
	}
	red := color.RGBA{0xc4, 0x2b, 0x2b, 0xff}
	for x := -70; x <= 70; x++ {
		for y := -70; y <= 70; y++ {
			if d := x*x + y*y; d <= 70*70 && d >= 63*63 || d <= 14*14 {
				m.Set(500+x, 320+y, red)
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err) // a picture in memory always encodes
	}
	return b.Bytes()
}
