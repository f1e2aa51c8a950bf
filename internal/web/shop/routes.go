package shop

import (
	"embed"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/site"
)

// Files are the styles and scripts of the screens here.
//
//go:embed *.css *.js
var Files embed.FS

// screens are the handlers; besides the site they hold the hearts that wait
// to be written.
type screens struct {
	*site.Site
	hearts *hearts
}

// Routes of this audience.
func Routes(s *site.Site) []edge.Route {
	h := &screens{Site: s, hearts: newHearts(s)}
	anyone, buyers := edge.Anyone(), edge.Buyers()
	return append(append(h.replayRoutes(), h.sellingRoutes()...), []edge.Route{
		{Method: "GET", Path: "/{$}", Access: anyone, Handle: h.home},
		{Method: "GET", Path: "/goods", Access: anyone, Handle: h.goods},
		{Method: "GET", Path: "/goods/{id}", Access: anyone, Handle: h.product},
		{Method: "GET", Path: "/lots/{id}", Access: anyone, Handle: h.lot},
		{Method: "GET", Path: "/producers/{id}", Access: anyone, Handle: h.producer},
		{Method: "GET", Path: "/shows/{id}", Access: anyone, Handle: h.notice},
		{Method: "GET", Path: "/shows/{id}/qr.png", Access: anyone, Handle: h.qr},
		{Method: "GET", Path: "/shows/{id}/show.ics", Access: anyone, Handle: h.calendar},
		{Method: "POST", Path: "/shows/{id}/remind", Access: buyers, Handle: h.remind},
		{Method: "GET", Path: "/media/p/{id}/{file}", Access: anyone, Handle: h.picture},

		{Method: "GET", Path: "/room/{id}", Access: anyone, Handle: h.room},
		{Method: "GET", Path: "/room/{id}/state", Access: anyone, Handle: h.roomState},
		{Method: "POST", Path: "/room/{id}/chat", Access: buyers, Handle: h.say},
		{Method: "POST", Path: "/room/{id}/like", Access: anyone, Handle: h.like},
		{Method: "POST", Path: "/room/{id}/follow", Access: buyers, Handle: h.follow},
		{Method: "POST", Path: "/room/{id}/report", Access: anyone, Handle: h.report},
		{Method: "GET", Path: "/room/{id}/sheet", Access: anyone, Handle: h.sheet},
		{Method: "POST", Path: "/room/{id}/quote", Access: anyone, Handle: h.quote},

		{Method: "GET", Path: "/buy", Access: anyone, Handle: h.sheet},
		{Method: "POST", Path: "/quote", Access: anyone, Handle: h.quote},
		{Method: "POST", Path: "/orders", Access: buyers, Handle: h.place},

		{Method: "GET", Path: "/look", Access: anyone, Handle: h.look},
	}...)
}
