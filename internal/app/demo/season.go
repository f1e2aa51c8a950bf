package demo

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// sold is what a demo farm sold in the weeks before, through the same flows as
// everything else, by a clock of the past.
type sold struct {
	producer, product, price string
	daysAgo                  int
	units                    []int64 // an order each
	claim                    string  // who bears a claim for part of the last order
}

var season = []sold{
	{"li", "blueberry", "39.90", 62, []int64{2, 1, 3, 2}, ""},
	{"nut", "pinenut", "59", 62, []int64{2, 1}, ""},
	{"li", "blueberry", "39.90", 41, []int64{2, 3, 1, 2, 4}, aftersale.ByProducer},
	{"wang", "woodear", "29.90", 41, []int64{3, 2, 5}, aftersale.ByCentre},
	{"bee", "honey", "46", 41, []int64{1, 2}, ""},
	{"nut", "pinenut", "59", 41, []int64{3, 2}, ""},
}

// past is the centre as it was: its database with a clock that is moved.
type past struct {
	*builder
	flow    *flow.Flow
	db      *db.DB
	clock   *clock.Fake
	people  map[string]actor.Actor
	address id.Address
}

// makeSeason lets the weeks before today happen, with statements issued,
// approved and paid.
func (b *builder) makeSeason() error {
	then := *b.a.DB
	p := &past{builder: b, db: &then, clock: clock.NewFake(b.now.AddDate(0, 0, -70)), people: map[string]actor.Actor{}}
	then.Clock = p.clock
	desk := orderdesk.New(&then, orderdesk.Options{})
	defer desk.Close(b.ctx) //nolint:errcheck // nothing waits in it any more
	p.flow = &flow.Flow{DB: &then, Vault: b.a.Vault, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Desk: desk, Store: b.a.Store, BaseURL: b.a.Flow.BaseURL,
		UnpaidFor: time.Hour, TransferFor: 24 * time.Hour, ReceivedAfter: 15 * 24 * time.Hour, DoneAfter: 7 * 24 * time.Hour, ClaimWithin: 48 * time.Hour}
	if err := p.staff(); err != nil {
		return err
	}
	for _, days := range []int{62, 41} {
		for _, s := range season {
			if s.daysAgo == days {
				if err := p.sell(s); err != nil {
					return fmt.Errorf("%s of %s: %w", s.product, s.producer, err)
				}
			}
		}
		p.at(days-12, 0)
		if _, err := p.flow.AdvanceOrders(b.ctx); err != nil {
			return err
		}
		if days == 62 {
			if err := p.firstStatements(); err != nil {
				return err
			}
		}
	}
	if err := p.money(); err != nil {
		return err
	}
	if err := p.lastStatements(); err != nil {
		return err
	}
	return p.makeGifts("")
}

// at moves the clock to so many days ago.
func (p *past) at(daysAgo, hours int) {
	p.clock.Add(p.now.AddDate(0, 0, -daysAgo).Add(time.Duration(hours) * time.Hour).Sub(p.clock.Now()))
}

func (p *past) update(fn func(tx *db.Tx) error) error { return p.db.Update(p.ctx, fn) }

func (p *past) staff() error {
	for _, k := range []string{"finance", "finance2", "packer", "service", "admin", "producer"} {
		p.people[k] = p.users[k].Actor("web")
	}
	return p.update(func(tx *db.Tx) (err error) {
		// A customer of their own: the visitor's buyer starts with an empty page.
		c, err := account.Create(p.ctx, tx, p.a.Vault, system, "19900000032", "常客小周")
		if err != nil {
			return err
		}
		p.people["buyer"] = c.Actor("web")
		p.address, err = account.SaveAddress(p.ctx, tx, p.a.Vault, p.people["buyer"], account.Address{Name: "小周", Phone: "19900000032", Province: "黑龙江", City: "哈尔滨市", District: "南岗区", Detail: "西大直街 1 号"})
		return err
	})
}

// sell takes a lot in, sells all of it, has it received, and closes it.
func (p *past) sell(s sold) error {
	p.at(s.daysAgo, 0)
	all, err := catalog.Products(p.ctx, p.db, p.products[s.product])
	if err != nil {
		return err
	}
	x := all[p.products[s.product]]
	var l lot.Lot
	err = p.update(func(tx *db.Tx) (err error) {
		var units int64
		for _, n := range s.units {
			units += n
		}
		day := clock.DayOf(tx.Now)
		l, err = lot.Create(p.ctx, tx, system, lot.New{Product: x.ID, Producer: p.producers[s.producer], Grade: "一级", Harvest: day.Add(-1), BestBefore: day.Add(4),
			Origin: p.village(s.producer), Qty: units * x.BasePerUnit})
		for _, st := range []lot.State{lot.Graded, lot.OnSale} {
			if err == nil {
				err = lot.SetState(p.ctx, tx, system, l.ID, st)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	var last order.Order
	for i, n := range s.units {
		p.at(s.daysAgo, 1+i)
		if last, err = p.buy(x, fen(s.price), n); err != nil {
			return err
		}
	}
	if s.claim != "" {
		if err := p.claim(last, s.claim); err != nil {
			return err
		}
	}
	return p.update(func(tx *db.Tx) error { return lot.SetState(p.ctx, tx, system, l.ID, lot.Closed) })
}

func (p *past) buy(x catalog.Product, price money.Fen, units int64) (order.Order, error) {
	o, err := p.flow.PlaceOrder(p.ctx, p.people["buyer"], flow.PlaceIn{Key: id.New[string](), Address: p.address, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Product: x.ID, Units: units, Price: price}}})
	if err != nil {
		return o, err
	}
	if _, err := p.flow.ConfirmOffline(p.ctx, p.people["finance"], o.ID, o.Total, "demo transfer"); err != nil {
		return o, err
	}
	if _, err := p.flow.ShipOrder(p.ctx, p.people["packer"], o.ID, "shunfeng", "DEMO"+o.No[12:]); err != nil {
		return o, err
	}
	_, err = p.flow.ReceiveOrder(p.ctx, p.people["buyer"], o.ID)
	return o, err
}

// claim is a part of an order that was bad; service grants it.
func (p *past) claim(o order.Order, bearer string) error {
	c, err := p.flow.AskAfterSale(p.ctx, p.people["service"], flow.AskIn{Key: id.New[string](), Order: o.ID, Kind: aftersale.Claim, Reason: aftersale.Quality,
		Words: "有几颗压坏了", Lines: []flow.AskLine{{Line: o.Lines[0].ID, Share: 2000}}})
	if err == nil {
		_, err = p.flow.RefundCase(p.ctx, p.people["service"], c.ID, flow.Decision{Bearer: bearer, Note: "按坏的比例退给您"})
	}
	return err
}

// firstStatements issues, signs and pays those of the first weeks.
func (p *past) firstStatements() error {
	p.at(33, 0)
	if _, err := p.flow.IssueStatements(p.ctx, actor.System("clock"), statement.HalfMonth); err != nil {
		return err
	}
	list, err := statement.List(p.ctx, p.db, statement.Filter{})
	if err != nil {
		return err
	}
	for i, s := range list {
		if err := p.account(s.Payee, s.Name, fmt.Sprintf("62284800000000%04d", 1234+i)); err != nil {
			return err
		}
		if err := p.sign(s.ID, true); err != nil {
			return err
		}
	}
	b, err := p.flow.MakePayouts(p.ctx, p.people["finance"], "演示：第一批")
	if err != nil {
		return err
	}
	if err := p.update(func(tx *db.Tx) error { return statement.Release(p.ctx, tx, p.people["finance2"], b) }); err != nil {
		return err
	}
	p.at(32, 0)
	return p.flow.BatchPaid(p.ctx, p.people["finance"], b, "DEMO-BANK-0001")
}

func (p *past) account(payee statement.Payee, holder, number string) error {
	return p.update(func(tx *db.Tx) error {
		a, err := statement.SetAccount(p.ctx, tx, p.a.Vault, p.people["finance"], statement.NewAccount{Payee: payee, Holder: holder, Bank: "农商银行（演示）", Number: number, Consent: "演示：本人签字存档"})
		if err != nil {
			return err
		}
		return statement.ConfirmAccount(p.ctx, tx, p.people["finance2"], a)
	})
}

func (p *past) sign(s id.Statement, approve bool) error {
	err := p.flow.CheckStatement(p.ctx, p.people["finance"], s)
	if err == nil && approve {
		err = p.flow.ApproveStatement(p.ctx, p.people["finance2"], s)
	}
	return err
}

// money enters what the centre itself spent and what a host earned.
func (p *past) money() error {
	p.at(28, 0)
	day := clock.DayOf(p.clock.Now())
	for i, c := range []struct{ kind, fen, memo string }{
		{"freight", "86.50", "快递月结（演示）"}, {"packing", "31", "泡沫箱、冰袋（演示）"}, {"classes", "60", "蓝莓采收课讲义（演示）"}, {breakeven.Service, "300", "帮合作社拍商品图（演示）"},
	} {
		if err := p.flow.AddCost(p.ctx, p.people["finance"], breakeven.Cost{Kind: c.kind, Day: day, Fen: fen(c.fen), Memo: c.memo, Key: fmt.Sprint("demo-", i)}); err != nil {
			return err
		}
	}
	for i, e := range []statement.Earning{
		{Kind: promise.FromCommission, What: "十月松子专场（演示）", HostFen: 1500},
		{Kind: promise.FromWages, What: "十月晚场六场（演示）", HostFen: 48000},
	} {
		e.Host, e.Day, e.Key = p.users["host2"].ID, day, fmt.Sprint("demo-pay-", i)
		if err := p.flow.HostPay(p.ctx, p.people["finance"], e); err != nil {
			return err
		}
	}
	return nil
}

// lastStatements are those on the desk today: one approved, one checked, one
// with a question, the others new.
func (p *past) lastStatements() error {
	p.at(3, 0)
	if _, err := p.flow.IssueStatements(p.ctx, actor.System("clock"), statement.HalfMonth); err != nil {
		return err
	}
	list, err := statement.List(p.ctx, p.db, statement.Filter{State: statement.Issued})
	if err != nil {
		return err
	}
	for _, s := range list {
		switch s.Payee.ID {
		case string(p.producers["li"]):
			err = p.sign(s.ID, true)
		case string(p.producers["wang"]):
			err = p.sign(s.ID, false)
		case string(p.producers["bee"]):
			err = p.update(func(tx *db.Tx) error {
				return statement.Ask(p.ctx, tx, p.people["producer"], s.ID, "这回只有两单吗？我记得是三单。")
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
