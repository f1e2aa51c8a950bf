package flow

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/practice"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// PracticeNow is what a host sees of the audience while it plays.
type PracticeNow struct {
	Counts   room.Counts        `json:"-"`
	Orders   int                `json:"orders"`
	Open     []PracticeQuestion `json:"open"` // unanswered, the newest first
	Asked    int                `json:"asked"`
	Answered int                `json:"answered"`
}

// PracticeQuestion is an open one and where the coach's line for it is.
type PracticeQuestion struct {
	Message id.Message `json:"message"`
	Topic   string     `json:"topic"`
}

// openQuestions is how many unanswered questions a host is shown.
const openQuestions = 3

// PracticeState reads what the audience of a practice show does now.
func (f *Flow) PracticeState(ctx context.Context, s id.Show) (PracticeNow, error) {
	events, err := practice.Events(ctx, f.DB, s)
	if err != nil {
		return PracticeNow{}, err
	}
	out := PracticeNow{Open: []PracticeQuestion{}}
	if out.Counts, err = PracticeCounts(ctx, f.DB, s); err != nil {
		return out, err
	}
	for _, e := range slices.Backward(events) {
		switch {
		case e.Kind == practice.Order:
			out.Orders++
		case e.Kind == practice.Ask:
			out.Asked++
			if !e.Answered.IsZero() {
				out.Answered++
			} else if len(out.Open) < openQuestions {
				out.Open = append(out.Open, PracticeQuestion{e.Message, e.Topic})
			}
		}
	}
	return out, nil
}

// PracticeSheet tells how a practice went: to its host, and to those who teach
// and run shows. Before the end it tells what there is so far.
func (f *Flow) PracticeSheet(ctx context.Context, who actor.Actor, s id.Show) (show.Show, practice.Sheet, error) {
	sh, err := show.ByID(ctx, f.DB, s)
	if err == nil && (!sh.Practice || sh.Host != who.User && !who.Has(actor.Operator, actor.Teacher, actor.Overseer)) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return sh, practice.Sheet{}, err
	}
	events, err := practice.Events(ctx, f.DB, s)
	if err != nil {
		return sh, practice.Sheet{}, err
	}
	sounds, err := practice.Sounds(ctx, f.DB, s)
	if err != nil {
		return sh, practice.Sheet{}, err
	}
	pins, err := show.Pins(ctx, f.DB, s)
	if err != nil {
		return sh, practice.Sheet{}, err
	}
	start, end := sh.LiveAt, f.DB.Clock.Now()
	if sh.Over() {
		end = sh.EndedAt
	}
	if sh.LiveAt.Unix() <= 0 { // it never began
		start = end
	}
	list := make([]practice.Pin, len(pins))
	for i, p := range pins {
		list[i] = practice.Pin{Item: p.Item, At: p.At}
	}
	out := practice.NewSheet(start, end, list, events, sounds)
	out.Words, err = f.practiceWords(ctx, sh)
	return sh, out, err
}

// practiceWords looks for what must not be said where there are words to look
// at: the lines to say, and what the host wrote. Speech is not written down.
func (f *Flow) practiceWords(ctx context.Context, sh show.Show) (out []practice.Word, err error) {
	if f.Words == nil {
		return nil, nil
	}
	items, err := show.Items(ctx, f.DB, sh.ID)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		for _, h := range review.For(true, f.Words.Find(it.Script)) {
			out = append(out, practice.Word{Word: h.Word, Kind: h.Kind, Proposal: h.Words(), Item: it.ID})
		}
	}
	tail, err := chat.Tail(ctx, f.DB, sh.ID, chat.MaxTail)
	for _, m := range tail {
		if m.User != sh.Host {
			continue
		}
		for _, h := range review.For(true, f.Words.Find(m.Body)) {
			out = append(out, practice.Word{Word: h.Word, Kind: h.Kind, Proposal: h.Words(), Chat: m.Body})
		}
	}
	return out, err
}
