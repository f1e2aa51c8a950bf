package practice

import (
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Sheet is how a practice went, from what was recorded of it and nothing else.
type Sheet struct {
	Length    time.Duration
	Shown     []Shown
	Idle      time.Duration // with no product on the card
	Entered   int
	Peak      int // most people at a time
	Likes     int
	Questions []Question
	Answered  int
	Orders    int
	Units     int64
	Worth     money.Fen // play money
	Sound     SoundSum
	Minutes   []Minute
	// Words that must not be said, in the lines to say and in the host's chat.
	Words []Word
}

// Shown is how long a product was on the card.
type Shown struct {
	Item   id.Item
	For    time.Duration
	Times  int
	Orders int
}

// Question is one of the audience, and what came of it.
type Question struct {
	Event
	After  time.Duration // since the start
	Wait   time.Duration // until it was answered; 0: it never was
	Bought bool
}

// SoundSum is what the microphone tells; zero Heard: nothing was measured.
type SoundSum struct {
	Heard, Talk, Pause time.Duration
}

// Percent of the heard time that had a voice in it.
func (s SoundSum) Percent() int {
	if s.Heard <= 0 {
		return 0
	}
	return int(100 * s.Talk / s.Heard)
}

// Minute of the evening, for its picture.
type Minute struct {
	Online, Orders, Questions int
	Item                      id.Item // on the card at its end
	TalkPercent               int     // -1: not measured
}

// Word that was found.
type Word struct {
	Word, Kind, Proposal string
	Item                 id.Item // in its line to say
	Chat                 string  // or in this message
}

// Pin is when a product came on the card ("" for none).
type Pin struct {
	Item id.Item
	At   time.Time
}

// NewSheet reckons a sheet for a practice that ran from start to end.
func NewSheet(start, end time.Time, pins []Pin, events []Event, sounds []Sound) Sheet {
	s := Sheet{Length: max(0, end.Sub(start))}
	s.Minutes = make([]Minute, min(int(Length/time.Minute), int((s.Length+time.Minute-1)/time.Minute)))
	s.people(start, events)
	s.shown(start, end, pins, events)
	for i := range s.Minutes {
		s.Minutes[i].TalkPercent = -1
	}
	for _, x := range sounds {
		s.Sound.Heard += x.Heard
		s.Sound.Talk += x.Talk
		s.Sound.Pause = max(s.Sound.Pause, x.Pause)
		if m := s.minute(x.Minute); m != nil && x.Heard > 0 {
			m.TalkPercent = SoundSum{Heard: x.Heard, Talk: x.Talk}.Percent()
		}
	}
	return s
}

func (s *Sheet) minute(n int) *Minute {
	if n < 0 || n >= len(s.Minutes) {
		return nil
	}
	return &s.Minutes[n]
}

func (s *Sheet) people(start time.Time, events []Event) {
	online := 0
	asked := map[int64]int{} // viewer to question
	last := 0
	for _, e := range events {
		after := e.At.Sub(start)
		n := int(after / time.Minute)
		for ; last < min(n, len(s.Minutes)); last++ {
			s.Minutes[last].Online = online
		}
		switch e.Kind {
		case Enter:
			online++
			s.Entered++
			s.Peak = max(s.Peak, online)
		case Leave:
			online--
		case Like:
			s.Likes++
		case Ask:
			q := Question{Event: e, After: after}
			if !e.Answered.IsZero() {
				q.Wait = max(time.Second, e.Answered.Sub(e.At))
				s.Answered++
			}
			asked[e.Viewer] = len(s.Questions)
			s.Questions = append(s.Questions, q)
			if m := s.minute(n); m != nil {
				m.Questions++
			}
		case Order:
			s.Orders++
			s.Units += e.Qty
			s.Worth += money.Fen(e.Qty) * e.Price
			if i, ok := asked[e.Viewer]; ok {
				s.Questions[i].Bought = true
			}
			if m := s.minute(n); m != nil {
				m.Orders++
			}
		}
	}
	for ; last < len(s.Minutes); last++ {
		s.Minutes[last].Online = online
	}
}

func (s *Sheet) shown(start, end time.Time, pins []Pin, events []Event) {
	at := map[id.Item]int{}
	s.Idle = s.Length
	for i, p := range pins {
		until := end
		if i+1 < len(pins) {
			until = pins[i+1].At
		}
		if p.Item == "" || !until.After(p.At) {
			continue
		}
		k, ok := at[p.Item]
		if !ok {
			k = len(s.Shown)
			at[p.Item] = k
			s.Shown = append(s.Shown, Shown{Item: p.Item})
		}
		s.Shown[k].For += until.Sub(p.At)
		s.Shown[k].Times++
		s.Idle -= until.Sub(p.At)
		for n := int(p.At.Sub(start) / time.Minute); n <= int((until.Sub(start)-1)/time.Minute); n++ {
			if m := s.minute(n); m != nil {
				m.Item = p.Item
			}
		}
	}
	s.Idle = max(0, s.Idle)
	for _, e := range events {
		if k, ok := at[e.Item]; ok && e.Kind == Order {
			s.Shown[k].Orders++
		}
	}
}
