package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
)

type showsIn struct {
	Ended bool `query:"ended" doc:"ended shows too"`
	Limit int  `query:"limit" minimum:"1" maximum:"100" default:"20"`
}
type showsOut struct {
	Body struct {
		Shows []room.Card `json:"shows"`
	}
}
type showIn struct {
	ID id.Show `path:"id" pattern:"^[0-9a-f]{32}$"`
}
type stateOut struct{ Body room.State }
type chatOut struct {
	Body struct {
		Messages []room.Message `json:"messages"`
	}
}
type sayIn struct {
	ID   id.Show `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		Body string `json:"body" maxLength:"2000" doc:"at most 200 characters are taken"`
	}
}
type messageOut struct{ Body room.Message }

func (a *API) shows() {
	op(a, edge.Anyone(), huma.Operation{OperationID: "list-shows", Method: http.MethodGet, Path: "/api/v1/shows", Summary: "Shows: live ones first, then by start", Tags: []string{"shows"}}, a.listShows)
	op(a, edge.Anyone(), huma.Operation{OperationID: "get-show", Method: http.MethodGet, Path: "/api/v1/shows/{id}", Summary: "A show with its tray: the truth of the room", Tags: []string{"shows"}}, a.getShow)
	op(a, edge.Anyone(), huma.Operation{OperationID: "list-chat", Method: http.MethodGet, Path: "/api/v1/shows/{id}/chat", Summary: "The room's last messages", Tags: []string{"shows"}}, a.listChat)
	op(a, edge.Buyers(), huma.Operation{OperationID: "say", Method: http.MethodPost, Path: "/api/v1/shows/{id}/chat", Summary: "Say something in the room", Tags: []string{"shows"}, DefaultStatus: 201}, a.say)
}

func (a *API) listShows(ctx context.Context, _ actor.Actor, in *showsIn) (*showsOut, error) {
	cards, err := room.Cards(ctx, a.DB, in.Ended, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &showsOut{}
	out.Body.Shows = append([]room.Card{}, cards...)
	return out, nil
}

func (a *API) getShow(ctx context.Context, who actor.Actor, in *showIn) (*stateOut, error) {
	s, err := a.Rooms.Read(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if (s.Practice || s.State == "draft") && s.Host.ID != who.User && !who.Has(actor.Operator, actor.Moderator, actor.Overseer) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	s.Counts.Online = a.RT.Online(room.Channel(in.ID))
	s.Stream = a.Stream(string(in.ID))
	if s.State == "live" {
		s.HLS, s.HLSPlain = "/live/"+string(in.ID)+"/index.m3u8", "/live/"+string(in.ID)+"/plain.m3u8"
	}
	return &stateOut{s}, nil
}

func (a *API) listChat(ctx context.Context, who actor.Actor, in *showIn) (*chatOut, error) {
	s, err := a.getShow(ctx, who, in)
	if err != nil {
		return nil, err
	}
	out := &chatOut{}
	out.Body.Messages = append([]room.Message{}, s.Body.Chat...)
	return out, nil
}

func (a *API) say(ctx context.Context, who actor.Actor, in *sayIn) (*messageOut, error) {
	m, err := a.Flow.Say(ctx, who, in.ID, in.Body.Body)
	if err != nil {
		return nil, err
	}
	return &messageOut{room.Messages(m)[0]}, nil
}
