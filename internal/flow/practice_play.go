package flow

import (
	"context"
	"fmt"
	"strconv"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/practice"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// play is one transaction of an audience.
type play struct {
	ctx    context.Context
	tx     *db.Tx
	sh     show.Show
	run    practice.Run
	pinned show.Item // none: its ID is ""
	name   string    // of the pinned product
	asked  map[int64]practice.Event

	events []practice.Event
	said   []chat.Message
	likes  int64
}

// playPractice lets a show's audience do what is due and tells the room.
func (f *Flow) playPractice(ctx context.Context, s id.Show) error {
	var p play
	var counts room.Counts
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		p = play{ctx: ctx, tx: tx}
		due, err := p.open(s)
		if err != nil || len(due) == 0 {
			return err
		}
		for i, step := range due {
			if p.tx.Now.Sub(p.sh.LiveAt)-step.At > late && step.Kind != practice.Leave {
				continue
			}
			if err := p.do(p.run.Done+i, step); err != nil {
				return err
			}
		}
		if err := practice.Advance(ctx, tx, s, p.run.Done+len(due), p.events); err != nil {
			return err
		}
		counts, err = PracticeCounts(ctx, tx, s)
		return err
	})
	if err != nil || len(p.events) == 0 {
		return err
	}
	f.tellMessage(p.said...)
	if p.likes > 0 {
		f.tell(s, room.KindLike, room.Likes{N: p.likes})
	}
	f.tell(s, room.KindCount, counts)
	return nil
}

// open reads what the steps that are due need.
func (p *play) open(s id.Show) ([]practice.Step, error) {
	var err error
	if p.run, err = practice.Lock(p.ctx, p.tx, s); err != nil {
		return nil, err
	}
	if p.sh, err = show.ByID(p.ctx, p.tx, s); err != nil || p.sh.State != show.Live {
		return nil, err
	}
	if err := p.staffAnswers(); err != nil {
		return nil, err
	}
	plan := practice.NewPlan(practice.TheScript, p.run.Seed)
	since := p.tx.Now.Sub(p.sh.LiveAt)
	end := p.run.Done
	for end < len(plan) && plan[end].At <= since && end-p.run.Done < stepsAtOnce {
		end++
	}
	if end == p.run.Done {
		return nil, nil
	}
	before, err := practice.Events(p.ctx, p.tx, s)
	if err != nil {
		return nil, err
	}
	p.asked = map[int64]practice.Event{}
	for _, e := range before {
		if e.Kind == practice.Ask {
			p.asked[e.Viewer] = e
		}
	}
	return plan[p.run.Done:end], p.readPinned()
}

func (p *play) readPinned() error {
	if p.sh.Pinned == "" {
		return nil
	}
	items, err := show.ItemsByID(p.ctx, p.tx, p.sh.Pinned)
	if err != nil {
		return err
	}
	p.pinned = items[p.sh.Pinned]
	goods, err := catalog.Products(p.ctx, p.tx, p.pinned.Product)
	p.name = goods[p.pinned.Product].Name
	return err
}

// staffAnswers takes a reply of host or staff in the chat for an answer.
func (p *play) staffAnswers() error {
	tail, err := chat.Tail(p.ctx, p.tx, p.sh.ID, chat.MaxTail)
	if err != nil {
		return err
	}
	for _, m := range tail {
		if m.Reply == nil || m.Badge == "" {
			continue
		}
		by := practice.ByStaff
		if m.Badge == chat.HostBadge {
			by = practice.ByHost
		}
		if err := practice.Answer(p.ctx, p.tx, p.sh.ID, m.Reply.ID, by); err != nil {
			return err
		}
	}
	return nil
}

func (p *play) do(no int, s practice.Step) error {
	e := practice.Event{No: no, At: p.tx.Now, Kind: s.Kind, Viewer: s.Viewer}
	switch s.Kind {
	case practice.Enter:
		if err := p.visit(s.Viewer, 0); err != nil {
			return err
		}
	case practice.Like:
		p.likes++
		if err := p.visit(s.Viewer, 1); err != nil {
			return err
		}
	case practice.Ask:
		if err := p.ask(s, &e); err != nil {
			return err
		}
		p.asked[s.Viewer] = e
	case practice.Decide:
		q, asked := p.asked[s.Viewer]
		e.Kind = practice.Pass
		if p.pinned.State == show.OnSale && s.Buys(asked, !q.Answered.IsZero()) {
			e.Kind, e.Item, e.Qty, e.Price = practice.Order, p.pinned.ID, s.Qty, p.pinned.Price
		}
	}
	p.events = append(p.events, e)
	return nil
}

func (p *play) visit(viewer, likes int64) error {
	return show.Visit(p.ctx, p.tx, p.sh.ID, map[string]int64{fmt.Sprint("practice-", viewer): likes})
}

// ask puts a question about the product on the card into the chat.
func (p *play) ask(s practice.Step, e *practice.Event) error {
	speak := i18n.For(i18n.Lang(p.run.Lang))
	key := "practice.ask_" + s.Topic + "_" + strconv.Itoa(s.Line)
	e.Topic, e.Item = s.Topic, p.pinned.ID
	if p.pinned.ID == "" {
		e.Topic, key = practice.Nothing, "practice.ask_nothing_1"
	}
	who := actor.Actor{User: id.New[id.User](), Name: speak.T("practice.name_" + strconv.Itoa(practice.TheScript.Name(s.Viewer))), Via: "practice"}
	m, err := chat.Post(p.ctx, p.tx, who, chat.New{Show: p.sh.ID, Body: speak.T(key, "Name", p.name)})
	e.Message = m.ID
	p.said = append(p.said, m)
	return err
}

// PracticeCounts are the people of a practice show as its script has them.
func PracticeCounts(ctx context.Context, q db.Querier, s id.Show) (room.Counts, error) {
	events, err := practice.Events(ctx, q, s)
	if err != nil {
		return room.Counts{}, err
	}
	var c room.Counts
	for _, e := range events {
		switch e.Kind {
		case practice.Enter:
			c.Online++
			c.Entered++
		case practice.Leave:
			c.Online--
		case practice.Like:
			c.Likes++
		}
	}
	return c, nil
}
