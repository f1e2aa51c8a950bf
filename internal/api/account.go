package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/vault"
)

// User as programs see one: never a phone number.
type User struct {
	ID    id.User      `json:"id"`
	Name  string       `json:"name"`
	Roles []actor.Role `json:"roles"`
}

// Address of one's own book; the phone is masked.
type Address struct {
	ID       id.Address `json:"id"`
	Name     string     `json:"name"`
	Phone    string     `json:"phone" doc:"masked: 138****1234"`
	Province string     `json:"province"`
	City     string     `json:"city"`
	District string     `json:"district"`
	Detail   string     `json:"detail"`
	Default  bool       `json:"default"`
}

// empty is an answer without a body.
type empty struct{}

type codeIn struct {
	Body struct {
		Phone string `json:"phone" maxLength:"30" doc:"mainland mobile number"`
	}
}
type codeOut struct {
	Body struct {
		CodeID  string    `json:"code_id"`
		Expires time.Time `json:"expires"`
		Code    string    `json:"code,omitempty" doc:"in the demo only: the code itself"`
	}
}
type sessionIn struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		CodeID string `json:"code_id" maxLength:"64"`
		Code   string `json:"code" maxLength:"12"`
	}
}
type sessionOut struct {
	Body struct {
		Token string `json:"token" doc:"send it as Authorization: Bearer …; it is shown once"`
		User  User   `json:"user"`
	}
}
type userOut struct{ Body User }
type addressIn struct {
	Body struct {
		Name     string `json:"name" maxLength:"100"`
		Phone    string `json:"phone" maxLength:"30"`
		Province string `json:"province" maxLength:"30" doc:"short name, as in /api/v1/provinces"`
		City     string `json:"city" maxLength:"60"`
		District string `json:"district,omitempty" maxLength:"60"`
		Detail   string `json:"detail" maxLength:"300"`
		Default  bool   `json:"default,omitempty"`
	}
}
type addressOut struct{ Body Address }
type addressesOut struct {
	Body struct {
		Addresses []Address `json:"addresses"`
	}
}
type provincesOut struct {
	Body struct {
		Provinces []string `json:"provinces"`
	}
}

func (a *API) account() {
	op(a, edge.Anyone(), huma.Operation{OperationID: "ask-code", Method: http.MethodPost, Path: "/api/v1/codes", Summary: "Ask for a sign-in code by SMS", Tags: []string{"account"}, DefaultStatus: 201}, a.askCode)
	op(a, edge.Anyone(), huma.Operation{OperationID: "sign-in", Method: http.MethodPost, Path: "/api/v1/sessions", Summary: "Sign in with a code", Tags: []string{"account"}, DefaultStatus: 201}, a.signIn)
	op(a, edge.Buyers(), huma.Operation{OperationID: "sign-out", Method: http.MethodDelete, Path: "/api/v1/sessions/current", Summary: "Sign out", Tags: []string{"account"}}, a.signOut)
	op(a, edge.Buyers(), huma.Operation{OperationID: "me", Method: http.MethodGet, Path: "/api/v1/me", Summary: "Who I am", Tags: []string{"account"}}, a.me)
	op(a, edge.Buyers(), huma.Operation{OperationID: "list-addresses", Method: http.MethodGet, Path: "/api/v1/addresses", Summary: "My addresses", Tags: []string{"account"}}, a.addresses)
	op(a, edge.Buyers(), huma.Operation{OperationID: "add-address", Method: http.MethodPost, Path: "/api/v1/addresses", Summary: "Add an address", Tags: []string{"account"}, DefaultStatus: 201}, a.addAddress)
	op(a, edge.Anyone(), huma.Operation{OperationID: "list-provinces", Method: http.MethodGet, Path: "/api/v1/provinces", Summary: "Provinces as freight knows them", Tags: []string{"account"}}, a.provinces)
}

func (a *API) askCode(ctx context.Context, _ actor.Actor, in *codeIn) (*codeOut, error) {
	v := edge.FromContext(ctx)
	if err := a.CodeLimit.Allow(v.Network()); err != nil {
		return nil, err
	}
	c, err := a.Flow.AskCode(ctx, in.Body.Phone, v.Addr, v.P)
	if err != nil {
		return nil, err
	}
	out := &codeOut{}
	out.Body.CodeID, out.Body.Expires = c.ID, c.Expires
	if a.OnScreenCode != nil {
		out.Body.Code = a.OnScreenCode(c.ID)
	}
	return out, nil
}

func (a *API) signIn(ctx context.Context, _ actor.Actor, in *sessionIn) (*sessionOut, error) {
	v := edge.FromContext(ctx)
	if err := a.CodeLimit.Allow(v.Network()); err != nil { // each try writes
		return nil, err
	}
	out := &sessionOut{}
	u, token, err := account.SignIn(ctx, a.DB, a.Vault, in.Body.CodeID, in.Body.Code, account.API, in.UserAgent, v.Addr)
	if err != nil {
		return nil, err
	}
	out.Body.Token, out.Body.User = token, userOf(u)
	return out, nil
}

func (a *API) signOut(ctx context.Context, who actor.Actor, _ *empty) (*empty, error) {
	return nil, a.DB.Update(ctx, func(tx *db.Tx) error { return account.Revoke(ctx, tx, who, edge.FromContext(ctx).Session) })
}

func (a *API) me(ctx context.Context, who actor.Actor, _ *empty) (*userOut, error) {
	us, err := account.Users(ctx, a.DB, who.User)
	if err != nil {
		return nil, err
	}
	u, ok := us[who.User]
	if !ok {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	return &userOut{userOf(u)}, nil
}

func userOf(u account.User) User {
	return User{ID: u.ID, Name: u.Name, Roles: append([]actor.Role{actor.Buyer}, u.Roles...)}
}

func (a *API) addresses(ctx context.Context, who actor.Actor, _ *empty) (*addressesOut, error) {
	as, err := account.Addresses(ctx, a.DB, a.Vault, who.User)
	if err != nil {
		return nil, err
	}
	out := &addressesOut{}
	out.Body.Addresses = make([]Address, 0, len(as))
	for _, x := range as {
		out.Body.Addresses = append(out.Body.Addresses, addressOf(x))
	}
	return out, nil
}

func addressOf(x account.Address) Address {
	return Address{ID: x.ID, Name: x.Name, Phone: vault.Phone(x.Phone), Province: x.Province, City: x.City, District: x.District, Detail: x.Detail, Default: x.Default}
}

func (a *API) addAddress(ctx context.Context, who actor.Actor, in *addressIn) (*addressOut, error) {
	b := in.Body
	r := shipping.Recipient{Name: b.Name, Phone: b.Phone, Province: b.Province, City: b.City, District: b.District, Detail: b.Detail}
	if err := r.Check(); err != nil {
		return nil, err
	}
	x := account.Address{User: who.User, Name: b.Name, Phone: b.Phone, Province: b.Province, City: b.City, District: b.District, Detail: b.Detail, Default: b.Default}
	err := a.DB.Update(ctx, func(tx *db.Tx) (err error) {
		x.ID, err = account.SaveAddress(ctx, tx, a.Vault, who, x)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &addressOut{addressOf(x)}, nil
}

func (a *API) provinces(context.Context, actor.Actor, *empty) (*provincesOut, error) {
	out := &provincesOut{}
	out.Body.Provinces = shipping.Provinces()
	return out, nil
}
