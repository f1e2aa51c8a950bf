package practice

import (
	_ "embed"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"time"
)

// Length of the longest practice.
const Length = time.Hour

// Kind of what somebody in the audience does.
type Kind string

// Kinds of events. A plan has Decide where its people order or pass.
const (
	Enter  Kind = "enter"
	Leave  Kind = "leave"
	Like   Kind = "like"
	Ask    Kind = "ask"
	Order  Kind = "order"
	Pass   Kind = "pass" // did not order
	Decide Kind = "decide"
)

// Nothing is the topic of who asks while no product is explained.
const Nothing = "nothing"

// Topic is something buyers ask about.
type Topic struct {
	ID     string `json:"id"`
	Lines  int    `json:"lines"`  // ways to ask it
	Weight int    `json:"weight"` // how often it comes
}

// Script is the data of the audience.
type Script struct {
	Names  int     `json:"names"` // of people, in the locales
	Topics []Topic `json:"topics"`
}

//go:embed script.json
var scriptFile []byte

// TheScript is what is played.
var TheScript = func() (s Script) {
	if err := json.Unmarshal(scriptFile, &s); err != nil {
		panic(err) // our own file; a test reads it
	}
	return s
}()

// Step is one thing one of the people does.
type Step struct {
	At     time.Duration // since the start
	Kind   Kind
	Viewer int64 // 1, 2, …
	Topic  string
	Line   int   // which way to ask, from 1
	Roll   int   // 0–99, for Decide
	Qty    int64 // for Decide
}

// Name tells which name of the locales a viewer has, from 1.
func (s Script) Name(viewer int64) int { return int((viewer-1)%int64(s.Names)) + 1 }

// Buys tells whether somebody who rolled so much orders.
func (s Step) Buys(asked, answered bool) bool {
	switch {
	case asked && answered:
		return s.Roll < 75
	case asked:
		return s.Roll < 10
	}
	return s.Roll < 35
}

// maker makes a plan.
type maker struct {
	script Script
	rnd    *rand.Rand
	steps  []Step
	quiet  time.Duration // nobody asks before: a beginner must be able to answer
	last   string        // topic
}

// NewPlan is who comes, when, and what they do, in the order of time.
func NewPlan(script Script, seed uint64) []Step {
	m := maker{script: script, rnd: rand.New(rand.NewPCG(seed, 0x6c696e6475)), quiet: 20 * time.Second}
	at := 3 * time.Second
	for viewer := int64(1); at < Length-30*time.Second; viewer++ {
		m.person(viewer, at)
		if at < 10*time.Minute {
			at += m.seconds(4, 16) // they come
		} else {
			at += m.seconds(9, 30) // and later as many leave as come
		}
	}
	slices.SortStableFunc(m.steps, func(a, b Step) int { return int(a.At - b.At) })
	return m.steps
}

func (m *maker) seconds(from, to int) time.Duration {
	return time.Duration(from*1000+m.rnd.IntN((to-from)*1000)) * time.Millisecond
}

func (m *maker) do(s Step) {
	if s.At < Length {
		m.steps = append(m.steps, s)
	}
}

func (m *maker) person(viewer int64, at time.Duration) {
	m.do(Step{At: at, Kind: Enter, Viewer: viewer})
	leaves := at + m.seconds(90, 420)
	decides := at + m.seconds(40, 85)
	if ask := at + m.seconds(10, 40); ask >= m.quiet && m.rnd.IntN(10) < 6 {
		t := m.topic()
		m.do(Step{At: ask, Kind: Ask, Viewer: viewer, Topic: t.ID, Line: 1 + m.rnd.IntN(t.Lines)})
		m.quiet = ask + m.seconds(25, 50)
		decides = ask + m.seconds(45, 75)
		leaves = max(leaves, decides+5*time.Second)
	}
	for range m.rnd.IntN(3) {
		m.do(Step{At: at + m.seconds(5, 90), Kind: Like, Viewer: viewer})
	}
	m.do(Step{At: decides, Kind: Decide, Viewer: viewer, Roll: m.rnd.IntN(100), Qty: int64(1 + m.rnd.IntN(2))})
	m.do(Step{At: leaves, Kind: Leave, Viewer: viewer})
}

// topic draws one by weight, never the same twice in a row.
func (m *maker) topic() Topic {
	sum := 0
	for _, t := range m.script.Topics {
		if t.ID != m.last {
			sum += t.Weight
		}
	}
	n := m.rnd.IntN(sum)
	for _, t := range m.script.Topics {
		if t.ID == m.last {
			continue
		}
		if n -= t.Weight; n < 0 {
			m.last = t.ID
			return t
		}
	}
	panic("unreachable: weights were summed")
}
