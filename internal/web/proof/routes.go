package proof

import (
	"embed"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/site"
)

// Files are the styles and scripts of the screens here.
//
//go:embed *.css *.js
var Files embed.FS

// Routes of the log.
func Routes(s *site.Site) []edge.Route {
	h := &screens{s}
	anyone, mine := edge.Anyone(), edge.Buyers()
	order, gift := mine.Own("order", readers...), mine.Own("gift", readers...)
	return []edge.Route{
		{Method: "GET", Path: "/log", Access: anyone, Handle: h.log},
		{Method: "GET", Path: "/log/checkpoint", Access: anyone, Handle: h.checkpoint},
		{Method: "GET", Path: "/log/checkpoint.witnessed", Access: anyone, Handle: h.witnessed},
		{Method: "GET", Path: "/log/key", Access: anyone, Handle: h.key},
		{Method: "GET", Path: "/log/tile/{path...}", Access: anyone, Handle: h.tile},
		{Method: "POST", Path: "/log/cosignature", Access: anyone, Handle: h.cosign},
		{Method: "GET", Path: "/orders/{id}/receipt", Access: order, Handle: h.orderReceipt},
		{Method: "GET", Path: "/gifts/{id}/receipt", Access: gift, Handle: h.giftReceipt},
		{Method: "GET", Path: "/funds/paid/{id}/receipt", Access: anyone, Handle: h.fundReceipt},
		{Method: "GET", Path: "/proof/{leaf}/{secret}", Access: anyone, Handle: h.paperReceipt},
	}
}

// screens are the handlers; they hold nothing but the site.
type screens struct{ *site.Site }
