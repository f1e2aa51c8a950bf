package farm

import (
	"embed"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/site"
)

// Files are the styles and scripts of the screens here.
//
//go:embed *.css
var Files embed.FS

// Routes of this audience.
func Routes(s *site.Site) []edge.Route {
	h := &screens{s}
	farmer := edge.Only(actor.Producer)
	return append([]edge.Route{
		{Method: "GET", Path: "/farm", Access: farmer, Handle: h.home},
		{Method: "GET", Path: "/farm/orders", Access: farmer, Handle: h.orders},
		{Method: "GET", Path: "/farm/lots/{id}", Access: farmer.Own("lot"), Handle: h.lot},
	}, h.statementRoutes(farmer)...)
}

// screens are the handlers; they hold nothing but the site.
type screens struct{ *site.Site }
