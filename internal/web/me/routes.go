package me

import (
	"embed"
	"net/http"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/site"
)

// Files are the styles and scripts of the screens here.
//
//go:embed *.css *.js
var Files embed.FS

// Routes of this audience.
func Routes(s *site.Site) []edge.Route {
	h := &screens{s}
	anyone, mine := edge.Anyone(), edge.Buyers()
	order, address, session := mine.Own("order"), mine.Own("address"), mine.Own("session", actor.Admin) // an admin ends anybody's
	routes := []edge.Route{
		{Method: "GET", Path: "/signin", Access: anyone, Handle: h.signInPage},
		{Method: "POST", Path: "/signin/code", Access: anyone, Handle: h.askCode},
		{Method: "POST", Path: "/signin", Access: anyone, Handle: h.signIn},
		{Method: "POST", Path: "/signout", Access: anyone, Handle: h.signOut},

		{Method: "GET", Path: "/me", Access: mine, Handle: h.profile},
		{Method: "POST", Path: "/me", Access: mine, Handle: h.saveProfile},
		{Method: "POST", Path: "/me/sessions/others/end", Access: mine, Handle: h.endOtherSessions},
		{Method: "POST", Path: "/me/sessions/{id}/end", Access: session, Handle: h.endSession},

		{Method: "GET", Path: "/me/addresses", Access: mine, Handle: h.addresses},
		{Method: "GET", Path: "/me/addresses/new", Access: mine, Handle: h.newAddress},
		{Method: "POST", Path: "/me/addresses", Access: mine, Handle: h.saveAddress},
		{Method: "POST", Path: "/me/addresses/parse", Access: mine, Handle: h.parseAddress},
		{Method: "GET", Path: "/me/addresses/{id}", Access: address, Handle: h.editAddress},
		{Method: "POST", Path: "/me/addresses/{id}", Access: address, Handle: h.saveAddress},
		{Method: "POST", Path: "/me/addresses/{id}/default", Access: address, Handle: h.defaultAddress},
		{Method: "POST", Path: "/me/addresses/{id}/delete", Access: address, Handle: h.deleteAddress},

		{Method: "GET", Path: "/orders", Access: mine, Handle: h.orders},
		{Method: "GET", Path: "/orders/{id}", Access: order, Handle: h.order},
		{Method: "GET", Path: "/orders/{id}/state", Access: order, Handle: h.orderState},
		{Method: "POST", Path: "/orders/{id}/pay", Access: order, Handle: h.pay},
		{Method: "GET", Path: "/orders/{id}/transfer", Access: order, Handle: h.transfer},
		{Method: "POST", Path: "/orders/{id}/cancel", Access: order, Handle: h.cancelOrder},
		{Method: "POST", Path: "/orders/{id}/received", Access: order, Handle: h.receiveOrder},
		{Method: "GET", Path: "/orders/{id}/after-sale", Access: order, Handle: h.askPage},
		{Method: "POST", Path: "/orders/{id}/after-sale", Access: order, Handle: h.ask},
		{Method: "POST", Path: "/orders/{id}/cases/{case}/withdraw", Access: order, Handle: h.withdrawCase},
		{Method: "POST", Path: "/orders/{id}/cases/{case}/parcel", Access: order, Handle: h.sendBack},
		{Method: "GET", Path: "/after-sale/photos/{photo}/{file}", Access: mine, Handle: h.casePhoto},
		{Method: "GET", Path: "/pay/code/{payment}", Access: mine, Handle: h.payCode},
		{Method: "GET", Path: "/pay/code/{payment}/picture", Access: mine, Handle: h.payCodePicture},
		{Method: "GET", Path: "/pay/state/{payment}", Access: mine, Handle: h.payState},
		{Method: "GET", Path: "/pay/wechat/{payment}", Access: mine, Handle: h.payInApp},
		{Method: "GET", Path: "/pay/return/{id}", Access: order, Handle: h.payReturn},
		{Method: "POST", Path: "/pay/callback/{gateway}", Access: anyone, Raw: http.HandlerFunc(h.callback)},
	}
	routes = append(routes, h.giftRoutes()...)
	routes = append(routes, h.talkRoutes()...)
	if s.Centre.Demo {
		routes = append(routes, edge.Route{Method: "GET", Path: "/enter", Access: anyone, Handle: h.enter})
	}
	return routes
}

// screens are the handlers; they hold nothing but the site.
type screens struct{ *site.Site }

// callback takes a provider's report. It is no page: providers speak no
// language of ours, send no cookie, and the flow checks their signature.
func (s *screens) callback(w http.ResponseWriter, r *http.Request) {
	s.Flow.HandleCallback(r.Context(), r.PathValue("gateway"), w, r)
}
