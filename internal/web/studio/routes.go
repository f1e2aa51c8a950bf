package studio

import (
	"embed"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/site"
)

// Files are the styles and scripts of the screens here.
//
//go:embed *.css *.js
var Files embed.FS

type screens struct{ *site.Site }

// Routes of this audience: a host's own shows. Whoever is no host of a show
// finds none there.
func Routes(s *site.Site) []edge.Route {
	h := &screens{s}
	host := edge.Only(actor.Host)
	own := host.Own("show")
	return append(h.hostRoutes(), []edge.Route{
		{Method: "GET", Path: "/studio", Access: host, Handle: h.home},
		{Method: "POST", Path: "/studio/agencies/{id}", Access: host, Handle: h.consent},
		{Method: "GET", Path: "/studio/shows/{id}", Access: own, Handle: h.show},
		{Method: "GET", Path: "/studio/shows/{id}/state", Access: own, Handle: h.state},
		{Method: "GET", Path: "/studio/shows/{id}/report", Access: own, Handle: h.report},
		{Method: "GET", Path: "/studio/shows/{id}/qr.png", Access: own, Handle: h.qr},
		{Method: "POST", Path: "/studio/shows/{id}/pin", Access: own, Handle: h.pin},
		{Method: "POST", Path: "/studio/shows/{id}/move", Access: own, Handle: h.move},
		{Method: "POST", Path: "/studio/shows/{id}/key", Access: own, Handle: h.newKey},
		{Method: "POST", Path: "/studio/shows/{id}/say", Access: own, Handle: h.say},
	}...)
}
