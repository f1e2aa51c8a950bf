package room

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// cardItems are shown on a card.
const cardItems = 3

// Cards reads shows for a list: live, announced; ended ones when asked for, the
// latest first. limit is at most 200, 50 if 0.
func Cards(ctx context.Context, q db.Querier, ended bool, limit int) ([]Card, error) {
	states := []show.State{show.Live, show.Announced}
	if ended {
		states = append(states, show.Ended)
	}
	shows, err := show.List(ctx, q, show.Filter{States: states, Limit: limit})
	if err != nil || len(shows) == 0 {
		return nil, err
	}
	ids, hosts := make([]id.Show, len(shows)), make([]id.User, len(shows))
	for i, s := range shows {
		ids[i], hosts[i] = s.ID, s.Host
	}
	items, err := show.ItemsOfShows(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	who, err := readHosts(ctx, q, hosts...)
	if err != nil {
		return nil, err
	}
	covers, err := readCovers(ctx, q, shows...)
	if err != nil {
		return nil, err
	}
	out := make([]Card, len(shows))
	var first []show.Item
	for i, s := range shows {
		out[i] = Card{ID: s.ID, Title: s.Title, Cover: covers[s.Cover], State: string(s.State), Starts: s.Starts, Host: who[s.Host], Orientation: s.Orientation}
		first = append(first, onCard(&out[i], s, items[s.ID])...)
	}
	shown, err := compose(ctx, q, first)
	if err != nil {
		return nil, err
	}
	at := map[id.Show]*Card{}
	for i := range out {
		at[out[i].ID] = &out[i]
	}
	for i, it := range shown {
		c := at[first[i].Show]
		c.Items = append(c.Items, it)
	}
	return out, nil
}

// onCard counts a show's items and picks the first ones. Ending a show takes
// all its items off, so there "off" tells nothing.
func onCard(c *Card, s show.Show, items []show.Item) (first []show.Item) {
	for _, it := range items {
		if it.State == show.Off && !s.Over() {
			continue
		}
		c.ItemCount++
		if len(first) < cardItems {
			first = append(first, it)
		}
	}
	return first
}
