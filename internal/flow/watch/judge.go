package watch

import (
	"context"
	"slices"
	"time"

	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// facts are what a look reads of all shows at once.
type facts struct {
	items map[id.Show][]room.Item // explained or on sale
	heard map[id.Show][]review.Heard
	held  map[id.Show]chat.Backlog
}

func read(ctx context.Context, q db.Querier, now time.Time, shows []show.Show) (f facts, err error) {
	var live []id.Show
	pinned := map[id.Item]bool{}
	for _, sh := range shows {
		if sh.State == show.Live {
			live = append(live, sh.ID)
			pinned[sh.Pinned] = true
		}
	}
	if len(live) == 0 {
		return f, nil
	}
	if f.items, err = readItems(ctx, q, live, pinned); err != nil {
		return f, err
	}
	heard, err := review.HeardSince(ctx, q, now.Add(-wordsFor), live...)
	if err != nil {
		return f, err
	}
	f.heard = map[id.Show][]review.Heard{}
	for _, h := range heard {
		f.heard[h.Show] = append(f.heard[h.Show], h)
	}
	f.held, err = chat.Backlogs(ctx, q, live...)
	return f, err
}

func readItems(ctx context.Context, q db.Querier, live []id.Show, pinned map[id.Item]bool) (map[id.Show][]room.Item, error) {
	all, err := show.ItemsOfShows(ctx, q, live...)
	if err != nil {
		return nil, err
	}
	var ids []id.Item
	of := map[id.Item]id.Show{}
	for s, items := range all {
		for _, it := range items {
			if it.State == show.OnSale || pinned[it.ID] {
				ids, of[it.ID] = append(ids, it.ID), s
			}
		}
	}
	shown, err := room.Items(ctx, q, ids...)
	out := map[id.Show][]room.Item{}
	for _, it := range shown {
		out[of[it.ID]] = append(out[of[it.ID]], it)
	}
	return out, err
}

// traffic tells that many left within a minute.
func (w *Watch) traffic(now time.Time, sh show.Show, s *watched, x Sight) []Alert {
	g := s.gauge("traffic")
	peak := s.crowd.add(now, x.Online)
	if g.up {
		peak = s.crowd.ref
	}
	fell := peak >= w.Rules.Floor && x.Online*100 <= peak*(100-w.Rules.Drop)
	back := x.Online*100 >= peak*(100-w.Rules.Drop/2)
	was := g.up
	g.see(now, fell, back, trafficAfter, trafficCalm)
	switch {
	case !was && g.up:
		s.crowd.ref = peak
	case g.up && now.Sub(g.since) > trafficOld:
		*g, s.crowd = gauge{}, crowd{} // that is what the room is now
	}
	if !g.up {
		return nil
	}
	return []Alert{alert(sh.ID, Traffic, "", g.since, false, "traffic", "From", s.crowd.ref, "To", x.Online)}
}

// stock tells what runs out of what is explained or on sale.
func (w *Watch) stock(now time.Time, sh show.Show, s *watched, items []room.Item) []Alert {
	var out []Alert
	for _, it := range items {
		if it.State == string(show.Off) || it.State == string(show.Coming) {
			continue
		}
		deal := it.Deal(now)
		g := s.gauge("stock:" + string(it.ID))
		g.see(now, deal.Stock <= w.Rules.LowUnits, deal.Stock > w.Rules.LowUnits+w.Rules.LowUnits/2, 0, 0)
		if !g.up {
			continue
		}
		key, explained := "stock_low", it.ID == sh.Pinned
		if deal.Stock <= 0 {
			key = "stock_out"
		}
		if explained {
			key += "_now"
		}
		a := alert(sh.ID, Stock, string(it.ID), g.since, explained && deal.Stock <= 0, key, "No", it.No, "Name", it.Name, "Left", deal.Stock, "Unit", it.SellUnit)
		a.Item = it.ID
		out = append(out, a)
	}
	return out
}

// quietWarnings of the hub are no trouble of the moment.
var quietWarnings = map[string]bool{"media.warn_b_frames": true}

// picture tells what is wrong with the stream.
func (w *Watch) picture(now time.Time, sh show.Show, s *watched, x Sight) []Alert {
	var out []Alert
	live := x.Stream == "live"
	say := func(topic string, is, gone, bad bool, key string, args ...any) *Alert {
		g := s.gauge("stream:" + topic)
		if g.see(now, is, gone, pictureAfter, pictureCalm); !g.up {
			return nil
		}
		out = append(out, alert(sh.ID, Stream, topic, g.since, bad, key, args...))
		return &out[len(out)-1]
	}
	say("away", !live, live, true, "away")
	say("fps", live && x.FPS > 0 && x.FPS < w.Rules.MinFPS, !live || x.FPS >= w.Rules.MinFPS*5/4, false, "fps", "FPS", int(x.FPS+0.5))
	say("bitrate", live && x.KBit > 0 && x.KBit < w.Rules.MinKBit, !live || x.KBit >= w.Rules.MinKBit*5/4, false, "bitrate", "KBit", x.KBit)
	lost := uint64(0)
	if x.Drops > s.drops { // else another publisher began to count anew
		lost = x.Drops - s.drops
	}
	s.drops = x.Drops
	say("drops", live && lost > maxDrops, !live || lost == 0, false, "drops", "N", lost)
	for _, key := range x.Warnings {
		if !quietWarnings[key] && !slices.Contains(s.warned, key) {
			s.warned = append(s.warned, key)
		}
	}
	s.warned = slices.DeleteFunc(s.warned, func(key string) bool {
		has := live && slices.Contains(x.Warnings, key)
		if a := say("warn:"+key, has, !has, false, ""); a != nil {
			a.Key, a.Do = key, "" // the hub's own words say what to do, too
			return false
		}
		return !has
	})
	return out
}

// words are what the host or staff wanted to say and the list holds.
func (w *Watch) words(heard []review.Heard) []Alert {
	var out []Alert
	for _, h := range heard {
		a := alert(h.Show, Words, h.ID, h.At, false, "words_"+h.Badge, "Word", h.Word, "Proposal", "@review.propose_"+h.Kind)
		out = append(out, a)
	}
	return out
}

// queue tells that messages wait for somebody.
func (w *Watch) queue(now time.Time, sh show.Show, b chat.Backlog) []Alert {
	if b.N == 0 || now.Sub(b.Oldest) < queueAfter {
		return nil
	}
	return []Alert{alert(sh.ID, Queue, "", b.Oldest, false, "queue", "N", b.N)}
}

// late tells that a show should have begun.
func (w *Watch) late(now time.Time, sh show.Show, s *watched) []Alert {
	g := s.gauge("late")
	after := now.Sub(sh.Starts)
	if g.see(now, after >= lateAfter, after < 0, 0, 0); !g.up {
		return nil
	}
	return []Alert{alert(sh.ID, Late, "", sh.Starts.Add(lateAfter), false, "late", "Minutes", int(after/time.Minute))}
}
