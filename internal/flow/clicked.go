package flow

import (
	"context"
	"sync"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// maxClicked bounds what waits to be written: of a larger crowd within two
// seconds the rest is not counted.
const maxClicked = 20_000

// clicks gathers who opened which product until they are written together: a
// crowd that looks must not stand in the way of one that orders. What a killed
// process had gathered, two seconds at most, is lost.
type clicks struct {
	mu     sync.Mutex
	opened map[show.Opened]int64
	missed int64
}

// Clicked notes that a visitor opened a product in a show.
func (f *Flow) Clicked(s id.Show, it id.Item, visitor string) {
	if s == "" || it == "" || visitor == "" {
		return
	}
	c := &f.clicks
	c.mu.Lock()
	defer c.mu.Unlock()
	k := show.Opened{Show: s, Item: it, Visitor: visitor}
	if c.opened == nil {
		c.opened = map[show.Opened]int64{}
	}
	if _, known := c.opened[k]; !known && len(c.opened) >= maxClicked {
		c.missed++
		return
	}
	c.opened[k]++
}

// WriteClicks writes down what was gathered, of shows that are live; the clock
// calls it every other second. What could not be written is tried again.
func (f *Flow) WriteClicks(ctx context.Context) error {
	c := &f.clicks
	c.mu.Lock()
	opened, missed := c.opened, c.missed
	c.opened, c.missed = nil, 0
	c.mu.Unlock()
	if missed > 0 && f.Log != nil {
		f.Log.WarnContext(ctx, "more products were opened than are counted", "missed", missed)
	}
	if len(opened) == 0 {
		return nil
	}
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		live := map[id.Show]bool{}
		mine := make(map[show.Opened]int64, len(opened))
		for k, n := range opened {
			on, known := live[k.Show]
			if !known {
				sh, err := show.ByID(ctx, tx, k.Show)
				if err != nil {
					return err
				}
				on = sh.State == show.Live && !sh.Practice
				live[k.Show] = on
			}
			if on {
				mine[k] = n
			}
		}
		return show.Click(ctx, tx, mine)
	})
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.opened)+len(opened) <= maxClicked {
			if c.opened == nil {
				c.opened = map[show.Opened]int64{}
			}
			for k, n := range opened {
				c.opened[k] += n
			}
		}
	}
	return err
}
