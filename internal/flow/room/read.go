package room

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/compliance"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// Read composes the truth of a room from the database. Online and Stream are
// left for the caller, who knows the sockets and the picture. Fault NotFound if
// there is no such show; whether a draft may be seen is the caller's to say.
func Read(ctx context.Context, q db.Querier, s id.Show, chatTail int) (State, error) {
	at := db.Now(q) // before the reads: what is shown is at least this fresh
	sh, err := show.ByID(ctx, q, s)
	if err != nil {
		return State{}, err
	}
	list, err := show.Items(ctx, q, s)
	if err != nil {
		return State{}, err
	}
	items, err := compose(ctx, q, list)
	if err != nil {
		return State{}, err
	}
	hosts, err := readHosts(ctx, q, sh.Host)
	if err != nil {
		return State{}, err
	}
	covers, err := readCovers(ctx, q, sh)
	if err != nil {
		return State{}, err
	}
	talk, err := chat.Tail(ctx, q, s, chatTail)
	if err != nil {
		return State{}, err
	}
	pinned, err := chat.Pinned(ctx, q, s)
	if err != nil {
		return State{}, err
	}
	corrections, err := compliance.Corrections(ctx, q, s)
	if err != nil {
		return State{}, err
	}
	entered, likes, err := show.Audience(ctx, q, s)
	if err != nil {
		return State{}, err
	}
	return State{
		ID: sh.ID, Title: sh.Title, Summary: sh.Summary, Practice: sh.Practice, AI: sh.AI, Cut: sh.CutWhy, Corrections: said(corrections), Cover: covers[sh.Cover], Orientation: sh.Orientation, State: string(sh.State),
		Starts: sh.Starts, Host: hosts[sh.Host], Items: items, Pinned: sh.Pinned, Chat: Messages(talk...), Comment: Comment(pinned).Message,
		Counts: Counts{Entered: entered, Likes: likes}, SlowMode: sh.SlowMode, At: at,
	}, nil
}

// said are corrections as screens show them.
func said(list []compliance.Correction) []Correction {
	out := make([]Correction, len(list))
	for i, c := range list {
		out[i] = CorrectionOf(c)
	}
	return out
}

// Messages are chat lines as screens show them.
func Messages(list ...chat.Message) []Message {
	out := make([]Message, len(list))
	for i, m := range list {
		out[i] = Message{ID: m.ID, User: m.User, Name: m.Name, Badge: m.Badge, Body: m.Body, At: m.Since, Waiting: m.State == chat.Held}
		if m.Since.IsZero() {
			out[i].At = m.At
		}
		if q := m.Reply; q != nil {
			out[i].Reply = &Quoted{ID: q.ID, Name: q.Name, Body: q.Body}
		}
	}
	return out
}

// Comment is the message above the chat as screens show it.
func Comment(m *chat.Message) CommentEvent {
	if m == nil {
		return CommentEvent{}
	}
	return CommentEvent{&Messages(*m)[0]}
}

func readHosts(ctx context.Context, q db.Querier, hosts ...id.User) (map[id.User]Host, error) {
	hosts = slices.Compact(slices.Sorted(slices.Values(hosts)))
	users, err := account.Users(ctx, q, hosts...)
	if err != nil {
		return nil, err
	}
	followers, err := account.FollowerCounts(ctx, q, hosts...)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = string(h)
	}
	faces, err := catalog.PicturesOf(ctx, q, "user", names...)
	if err != nil {
		return nil, err
	}
	out := make(map[id.User]Host, len(hosts))
	for _, h := range hosts {
		x := Host{ID: h, Name: users[h].Name, Local: users[h].LocalHost, Followers: followers[h]}
		if pics := faces[string(h)]; len(pics) > 0 {
			x.Picture = pics[0].URL(faceWidth)
		}
		out[h] = x
	}
	return out, nil
}

// readCovers gives the addresses of shows' covers.
func readCovers(ctx context.Context, q db.Querier, shows ...show.Show) (map[id.Picture]string, error) {
	var ids []id.Picture
	for _, s := range shows {
		if s.Cover != "" && !slices.Contains(ids, s.Cover) {
			ids = append(ids, s.Cover)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	pics, err := catalog.Pictures(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	out := make(map[id.Picture]string, len(pics))
	for i, p := range pics {
		out[i] = p.URL(coverWidth)
	}
	return out, nil
}
