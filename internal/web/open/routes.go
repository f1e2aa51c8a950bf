package open

import (
	"embed"

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
	return []edge.Route{
		{Method: "GET", Path: "/promises", Access: edge.Anyone(), Handle: h.promises},
		{Method: "GET", Path: "/promises/figures/{name}", Access: edge.Anyone(), Handle: h.figure},
		{Method: "GET", Path: "/promises/card", Access: edge.Anyone(), Handle: h.card},
		{Method: "GET", Path: "/promises/feed.atom", Access: edge.Anyone(), Handle: h.atom},
		{Method: "GET", Path: "/promises/feed.json", Access: edge.Anyone(), Handle: h.jsonFeed},
		{Method: "GET", Path: "/promises/{no}/{version}", Access: edge.Anyone(), Handle: h.version},
		{Method: "POST", Path: "/promises/{no}/{version}/comments", Access: edge.Buyers(), Handle: h.comment},
		{Method: "GET", Path: "/status", Access: edge.Anyone(), Handle: h.status},
	}
}

// screens are the handlers; they hold nothing but the site.
type screens struct{ *site.Site }
