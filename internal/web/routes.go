package web

import (
	"io/fs"
	"net/http"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/web/desk"
	"lindu.example/lindu/internal/web/farm"
	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/open"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/proof"
	"lindu.example/lindu/internal/web/report"
	"lindu.example/lindu/internal/web/shop"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/static"
	"lindu.example/lindu/internal/web/studio"
)

// Routes is every page of the centre with who may use it.
func Routes(s *site.Site) []edge.Route {
	routes := []edge.Route{
		{Method: "GET", Path: "/static/{hash}/{name...}", Access: edge.Anyone(), Raw: http.HandlerFunc(page.ServeStatic)},
		{Method: "GET", Path: "/lang/{lang}", Access: edge.Anyone(), Handle: setLang(s)},
	}
	for _, audience := range [][]edge.Route{shop.Routes(s), me.Routes(s), studio.Routes(s), desk.Routes(s), farm.Routes(s), open.Routes(s), proof.Routes(s)} {
		routes = append(routes, audience...)
	}
	return routes
}

// UseAssets collects the static files of all audiences.
func UseAssets() error {
	return page.UseAssets(map[string]fs.FS{"": static.Files, "shop": shop.Files, "me": me.Files,
		"studio": studio.Files, "desk": desk.Files, "farm": farm.Files, "open": open.Files, "proof": proof.Files, "report": report.Files})
}

// setLang remembers the visitor's language and goes back.
func setLang(s *site.Site) edge.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		http.SetCookie(w, &http.Cookie{Name: i18n.LangCookie, Value: string(i18n.For(i18n.Lang(r.PathValue("lang"))).Lang()),
			Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), Secure: s.Identity.Secure, SameSite: http.SameSiteLaxMode})
		return s.Redirect(w, r, site.Next(r), "")
	}
}
