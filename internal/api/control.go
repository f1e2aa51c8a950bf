package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
)

type moveIn struct {
	ID   id.Show `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		State show.State `json:"state" enum:"announced,live,ended,cancelled"`
	}
}
type moveOut struct {
	Body struct {
		State show.State `json:"state"`
	}
}
type pinIn struct {
	ID   id.Show `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		Item id.Item `json:"item" doc:"empty: explain nothing"`
	}
}
type itemIn struct {
	ID   id.Item `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		State     *show.ItemState `json:"state,omitempty" enum:"coming,on_sale,off"`
		Price     *money.Fen      `json:"price_fen,omitempty" minimum:"1"`
		Was       *money.Fen      `json:"was_fen,omitempty" minimum:"0"`
		PerPerson *int64          `json:"per_person,omitempty" minimum:"0" maximum:"99"`
	}
}
type itemOut struct{ Body room.Item }
type releaseIn struct {
	ID   id.Item `path:"id" pattern:"^[0-9a-f]{32}$"`
	Key  string  `header:"Idempotency-Key" maxLength:"255" doc:"the same key counts once"`
	Body struct {
		Units int64 `json:"units" minimum:"1" maximum:"1000000"`
	}
}
type messageIn struct {
	ID id.Message `path:"id" pattern:"^[0-9a-f]{32}$"`
}
type muteIn struct {
	ID   id.Show `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		User    id.User `json:"user"`
		Minutes int     `json:"minutes" minimum:"0" maximum:"43200" doc:"0 lifts it"`
		Reason  string  `json:"reason,omitempty" maxLength:"200"`
	}
}

func (a *API) control() {
	runs := edge.Only(actor.Operator).Own("show", actor.Operator)
	host := edge.Only(actor.Operator, actor.Host).Own("show", actor.Operator)
	op(a, host, huma.Operation{OperationID: "move-show", Method: http.MethodPost, Path: "/api/v1/shows/{id}/state", Summary: "Announce, start, stop or cancel a show", Tags: []string{"control"}}, a.moveShow)
	op(a, host, huma.Operation{OperationID: "pin-item", Method: http.MethodPost, Path: "/api/v1/shows/{id}/pin", Summary: "Explain an item now", Tags: []string{"control"}, DefaultStatus: 204}, a.pinItem)
	op(a, runs, huma.Operation{OperationID: "set-item", Method: http.MethodPatch, Path: "/api/v1/items/{id}", Summary: "Change price, state or limit of an item", Tags: []string{"control"}}, a.setItem)
	op(a, runs, huma.Operation{OperationID: "release-more", Method: http.MethodPost, Path: "/api/v1/items/{id}/release", Summary: "Put more units up for sale", Tags: []string{"control"}}, a.release)
	op(a, edge.Only(actor.Moderator, actor.Operator), huma.Operation{OperationID: "hide-message", Method: http.MethodPost, Path: "/api/v1/messages/{id}/hide", Summary: "Hide a message", Tags: []string{"control"}, DefaultStatus: 204}, a.hideMessage)
	op(a, edge.Only(actor.Moderator, actor.Operator), huma.Operation{OperationID: "mute", Method: http.MethodPost, Path: "/api/v1/shows/{id}/mute", Summary: "Mute a person in the room", Tags: []string{"control"}, DefaultStatus: 204}, a.mute)
}

func (a *API) moveShow(ctx context.Context, who actor.Actor, in *moveIn) (*moveOut, error) {
	s, err := a.Flow.MoveShow(ctx, who, in.ID, in.Body.State)
	out := &moveOut{}
	out.Body.State = s.State
	return out, err
}

func (a *API) pinItem(ctx context.Context, who actor.Actor, in *pinIn) (*empty, error) {
	return nil, a.Flow.PinItem(ctx, who, in.ID, in.Body.Item)
}

func (a *API) setItem(ctx context.Context, who actor.Actor, in *itemIn) (*itemOut, error) {
	r, err := a.Flow.ChangeItem(ctx, who, in.ID, time.Time{}, func(it *show.Item) {
		if in.Body.State != nil {
			it.State = *in.Body.State
		}
		if in.Body.Price != nil {
			it.Price = *in.Body.Price
		}
		if in.Body.Was != nil {
			it.Was = *in.Body.Was
		}
		if in.Body.PerPerson != nil {
			it.PerPerson = *in.Body.PerPerson
		}
	})
	return &itemOut{r}, err
}

func (a *API) release(ctx context.Context, who actor.Actor, in *releaseIn) (*itemOut, error) {
	r, err := a.Flow.ReleaseMore(ctx, who, in.Key, in.ID, in.Body.Units)
	return &itemOut{r}, err
}

func (a *API) hideMessage(ctx context.Context, who actor.Actor, in *messageIn) (*empty, error) {
	return nil, a.Flow.HideMessage(ctx, who, in.ID, "")
}

func (a *API) mute(ctx context.Context, who actor.Actor, in *muteIn) (*empty, error) {
	return nil, a.Flow.MutePerson(ctx, who, in.ID, in.Body.User, time.Duration(in.Body.Minutes)*time.Minute, in.Body.Reason)
}
