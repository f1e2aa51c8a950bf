package desk

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
	return []edge.Route{}
}
