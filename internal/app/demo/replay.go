package demo

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app/demo/art"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/show"
)

// lastNight is the show of yesterday evening, which can be watched again. Its
// picture is the demo's looping clip, a few turns of it.
var lastNight = showPlan{key: "last", title: "昨晚的山货夜市（演示回放）", summary: "昨晚开播的演示场：蜂蜜、木耳、新米。画面是演示用的循环片。", host: "host2", cover: "honey-season", items: []offer{
	{"honey", "45", "46", -1, 0, "", true},
	{"woodear", "28.90", "29.90", -1, 0, "", true},
	{"rice", "34.80", "35.80", -1, 0, "", true},
}}

// said is what people wrote in it, by seconds since the start.
var said = []struct {
	at   int
	body string
}{
	{4, "小陈来啦"}, {11, "蜂蜜结晶的是真的吗"}, {19, "上次买的泡水好喝"}, {31, "能寄到南方吗"}, {44, "木耳泡多久"}, {52, "我家就爱吃这个"}, {63, "刚下单了一份"},
	{74, "有没有小袋的"}, {88, "新米什么时候碾的"}, {97, "煮粥香不香"}, {108, "明晚还播吗"}, {115, "散了散了，早点睡"},
}

const (
	nightTurns = 6 // of the clip, which is 20 s long
	nightOrder = 60 * time.Second
)

// pinsAt is when which item was explained.
var pinsAt = []struct {
	at   time.Duration
	item int
}{{2 * time.Second, 0}, {40 * time.Second, 1}, {80 * time.Second, 2}}

// night is yesterday evening: the centre with a clock that is moved.
type night struct {
	*builder
	flow  *flow.Flow
	db    *db.DB
	clock *clock.Fake
	start time.Time
	show  id.Show
	items []show.Item
}

// makeReplay lets last night's show happen, with its recording.
func (b *builder) makeReplay() error {
	then := *b.a.DB
	evening := clock.DayOf(b.now).Add(-1).Time().Add(19*time.Hour + 30*time.Minute)
	n := &night{builder: b, db: &then, clock: clock.NewFake(evening.Add(-time.Hour)), start: evening}
	then.Clock = n.clock
	desk := orderdesk.New(&then, orderdesk.Options{})
	defer desk.Close(b.ctx) //nolint:errcheck // nothing waits in it any more
	now := b.a.Flow
	n.flow = &flow.Flow{DB: &then, Vault: b.a.Vault, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Desk: desk, Store: b.a.Store, Films: now.Films, Words: now.Words,
		BaseURL: now.BaseURL, Seller: now.Seller, Retention: now.Retention, UnpaidFor: time.Hour, TransferFor: 24 * time.Hour, ReceivedAfter: now.ReceivedAfter, DoneAfter: now.DoneAfter, ClaimWithin: now.ClaimWithin}
	for _, step := range []func() error{n.announce, n.goLive, n.evening, n.film} {
		if err := step(); err != nil {
			return fmt.Errorf("last night: %w", err)
		}
	}
	return nil
}

// to moves the clock to so long after the start.
func (n *night) to(d time.Duration) { n.clock.Add(n.start.Add(d).Sub(n.clock.Now())) }

func (n *night) update(fn func(tx *db.Tx) error) error { return n.db.Update(n.ctx, fn) }

func (n *night) announce() error {
	p := lastNight
	err := n.update(func(tx *db.Tx) (err error) {
		n.show, err = show.Save(n.ctx, tx, system, show.Show{Title: p.title, Summary: p.summary, Host: n.users[p.host].ID, Orientation: show.Portrait, Starts: n.start})
		if err != nil {
			return err
		}
		for _, it := range p.items {
			if _, err := show.AddItem(n.ctx, tx, system, n.show, show.Item{Product: n.products[it.product], State: show.OnSale, Price: fen(it.price), Was: fen(it.was), Released: it.released}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	pic, err := n.picture("show", string(n.show), p.title, p.cover)
	if err != nil {
		return err
	}
	s, err := show.ByID(n.ctx, n.db, n.show)
	if err != nil {
		return err
	}
	s.Cover = pic.ID
	if err := n.update(func(tx *db.Tx) error { _, err := show.Save(n.ctx, tx, system, s); return err }); err != nil {
		return err
	}
	_, err = n.flow.MoveShow(n.ctx, system, n.show, show.Announced)
	return err
}

func (n *night) goLive() (err error) {
	n.to(0)
	if _, err = n.flow.SignShow(n.ctx, system, n.show, "", flow.HandPoints...); err != nil {
		return err
	}
	if _, err = n.flow.MoveShow(n.ctx, system, n.show, show.Live); err != nil {
		return err
	}
	n.items, err = show.Items(n.ctx, n.db, n.show)
	return err
}

// evening is what happened in the room.
func (n *night) evening() error {
	guests, at, err := n.guests()
	if err != nil {
		return err
	}
	pins, ordered := pinsAt, false
	for i, s := range said {
		at1 := time.Duration(s.at) * time.Second
		for len(pins) > 0 && pins[0].at <= at1 {
			n.to(pins[0].at)
			if err := n.flow.PinItem(n.ctx, system, n.show, n.items[pins[0].item].ID); err != nil {
				return err
			}
			pins = pins[1:]
		}
		if !ordered && at1 > nightOrder {
			ordered = true
			n.to(nightOrder)
			if err := n.order(guests[0], at); err != nil {
				return err
			}
		}
		n.to(at1)
		if _, err := n.flow.Say(n.ctx, guests[i%len(guests)], n.show, s.body); err != nil {
			return err
		}
	}
	n.to(nightTurns * 20 * time.Second)
	_, err = n.flow.MoveShow(n.ctx, system, n.show, show.Ended)
	return err
}

func (n *night) guests() (all []actor.Actor, home id.Address, err error) {
	err = n.update(func(tx *db.Tx) error {
		for i, name := range []string{"老客小孙", "北京的王姨", "松花江边", "爱吃木耳"} {
			phone := fmt.Sprintf("199000000%02d", 41+i)
			u, err := account.Create(n.ctx, tx, n.a.Vault, system, phone, name)
			if err != nil {
				return err
			}
			all = append(all, u.Actor("web"))
		}
		home, err = account.SaveAddress(n.ctx, tx, n.a.Vault, all[0], account.Address{Name: "小孙", Phone: "19900000041", Province: "黑龙江", City: "哈尔滨市", District: "道里区", Detail: "演示街 2 号"})
		return err
	})
	return all, home, err
}

// order is one order of the evening, paid, sent and received, so that an order
// leads to its minute.
func (n *night) order(who actor.Actor, at id.Address) error {
	it := n.items[1]
	o, err := n.flow.PlaceOrder(n.ctx, who, flow.PlaceIn{Key: id.New[string](), Show: n.show, Address: at, NoReturnOK: true, Lines: []flow.PlaceLine{{Item: it.ID, Units: 1, Price: it.Price}}})
	if err != nil {
		return err
	}
	if _, err := n.flow.ConfirmOffline(n.ctx, n.users["finance"].Actor("web"), o.ID, o.Total, "demo transfer"); err != nil {
		return err
	}
	if _, err := n.flow.ShipOrder(n.ctx, n.users["packer"].Actor("web"), o.ID, "shunfeng", "DEMO"+o.No[12:]); err != nil {
		return err
	}
	_, err = n.flow.ReceiveOrder(n.ctx, who, o.ID)
	return err
}

// film records the evening: the clip's turns, as the recorder would have.
func (n *night) film() error {
	raw, err := art.Clip()
	if err != nil {
		return err
	}
	clip, err := loop.Parse(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return err
	}
	chunks, err := record.Pack(string(n.show), recording.Live, time.Minute, func(unit func(*media.Unit)) { err = turns(clip, n.start, unit) })
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if err := n.flow.KeepChunk(n.ctx, c.Chunk, c.File); err != nil {
			return err
		}
	}
	return nil
}

// turns plays the clip as a publisher would have sent it.
func turns(clip *loop.Clip, start time.Time, unit func(*media.Unit)) error {
	sps, pps := clip.Video()
	f := &media.Format{Video: &media.VideoFormat{Codec: media.H264, SPS: sps, PPS: pps}}
	if a := clip.Audio(); a != nil {
		f.Audio = &media.AudioFormat{Codec: media.AAC, AAC: *a, SampleRate: a.SampleRate, Channels: int(a.ChannelConfig)}
	}
	for turn := range nightTurns {
		at := time.Duration(turn) * clip.Length()
		for _, s := range clip.Samples() {
			nals, frame, err := s.Read()
			if err != nil {
				return err
			}
			u := &media.Unit{Session: 1, Format: f, Video: s.Video, Key: s.Key, DTS: at + s.DTS, PTS: at + s.PTS, At: start.Add(at + s.DTS), Frame: frame}
			if s.Video {
				u.NALs = pictureOf(nals, s.Key, sps, pps)
			}
			unit(u)
		}
	}
	return nil
}

// pictureOf puts the parameter sets where the hub puts them.
func pictureOf(nals [][]byte, key bool, sps, pps []byte) [][]byte {
	var out [][]byte
	if key {
		out = append(out, sps, pps)
	}
	for _, n := range nals {
		if k := n[0] & 0x1f; k != 7 && k != 8 && k != 9 {
			out = append(out, n)
		}
	}
	return out
}
