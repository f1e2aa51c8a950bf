package practice_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"lindu.example/lindu/internal/flow/practice"
	"lindu.example/lindu/internal/i18n"
)

func TestTheSameSeedPlaysTheSamePeople(t *testing.T) {
	t.Parallel()
	a, b, c := practice.NewPlan(practice.TheScript, 7), practice.NewPlan(practice.TheScript, 7), practice.NewPlan(practice.TheScript, 8)
	if !reflect.DeepEqual(a, b) {
		t.Error("two plans of one seed differ")
	}
	if reflect.DeepEqual(a, c) {
		t.Error("two seeds give one plan")
	}
}

func TestAPlanIsAnEveningABeginnerCanFollow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		plan := practice.NewPlan(practice.TheScript, seed)
		if len(plan) > 2000 {
			t.Fatalf("seed %d: %d steps", seed, len(plan))
		}
		var before, lastAsk time.Duration
		in, most, asks := map[int64]bool{}, 0, 0
		for i, s := range plan {
			if s.At < before || s.At >= practice.Length {
				t.Fatalf("seed %d, step %d is at %v after %v", seed, i, s.At, before)
			}
			before = s.At
			switch s.Kind {
			case practice.Enter:
				in[s.Viewer] = true
			case practice.Leave:
				delete(in, s.Viewer)
			case practice.Ask:
				if asks > 0 && s.At-lastAsk < 10*time.Second {
					t.Fatalf("seed %d: questions at %v and %v", seed, lastAsk, s.At)
				}
				lastAsk = s.At
				asks++
				fallthrough
			case practice.Decide:
				if !in[s.Viewer] {
					t.Fatalf("seed %d: %d does %s at %v and is not there", seed, s.Viewer, s.Kind, s.At)
				}
			}
			most = max(most, len(in))
		}
		if most < 10 || asks < 30 {
			t.Errorf("seed %d: %d people at a time, %d questions in an hour", seed, most, asks)
		}
	}
}

func TestTheScriptHasItsWords(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs {
		need := func(key string) {
			if !i18n.Has(l, key) {
				t.Errorf("%s has no %s", l, key)
			}
		}
		for _, topic := range practice.TheScript.Topics {
			need("practice.topic_" + topic.ID)
			need("practice.coach_" + topic.ID)
			for i := range topic.Lines {
				need(fmt.Sprintf("practice.ask_%s_%d", topic.ID, i+1))
			}
		}
		for i := range practice.TheScript.Names {
			need(fmt.Sprintf("practice.name_%d", i+1))
		}
	}
}

func TestWhoWasAnsweredOrdersMoreOften(t *testing.T) {
	t.Parallel()
	buys := func(asked, answered bool) (n int) {
		for roll := range 100 {
			if (practice.Step{Roll: roll}).Buys(asked, answered) {
				n++
			}
		}
		return n
	}
	if yes, no, quiet := buys(true, true), buys(true, false), buys(false, false); !(yes > quiet && quiet > no && no > 0) {
		t.Errorf("answered %d, quiet %d, not answered %d", yes, quiet, no)
	}
}

func TestASheetCountsWhatHappened(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 9, 1, 20, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	events := []practice.Event{
		{No: 0, At: at(5), Kind: practice.Enter, Viewer: 1},
		{No: 1, At: at(10), Kind: practice.Enter, Viewer: 2},
		{No: 2, At: at(30), Kind: practice.Ask, Viewer: 1, Topic: "keep", Item: "a", Answered: at(42), By: practice.ByHost},
		{No: 3, At: at(70), Kind: practice.Order, Viewer: 1, Item: "a", Qty: 2, Price: 1000},
		{No: 4, At: at(75), Kind: practice.Ask, Viewer: 2, Topic: "dear", Item: "b"},
		{No: 5, At: at(80), Kind: practice.Leave, Viewer: 1},
		{No: 6, At: at(130), Kind: practice.Pass, Viewer: 2},
	}
	pins := []practice.Pin{{Item: "a", At: at(20)}, {Item: "b", At: at(72)}, {Item: "", At: at(120)}}
	s := practice.NewSheet(start, at(150), pins, events, []practice.Sound{{Minute: 0, Heard: 60 * time.Second, Talk: 45 * time.Second, Pause: 4 * time.Second}})
	want := practice.Sheet{Length: 150 * time.Second, Idle: 50 * time.Second, Entered: 2, Peak: 2, Answered: 1, Orders: 1, Units: 2, Worth: 2000,
		Shown:     []practice.Shown{{Item: "a", For: 52 * time.Second, Times: 1, Orders: 1}, {Item: "b", For: 48 * time.Second, Times: 1}},
		Sound:     practice.SoundSum{Heard: 60 * time.Second, Talk: 45 * time.Second, Pause: 4 * time.Second},
		Minutes:   []practice.Minute{{Online: 2, Questions: 1, Item: "a", TalkPercent: 75}, {Online: 1, Orders: 1, Questions: 1, Item: "b", TalkPercent: -1}, {Online: 1, TalkPercent: -1}},
		Questions: []practice.Question{{Event: events[2], After: 30 * time.Second, Wait: 12 * time.Second, Bought: true}, {Event: events[4], After: 75 * time.Second}}}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if got := practice.NewSheet(start, start, nil, nil, nil); got.Length != 0 || got.Sound.Percent() != 0 || len(got.Minutes) != 0 {
		t.Errorf("an empty practice: %+v", got)
	}
}
