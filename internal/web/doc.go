// Package web is the centre in a browser: it gathers the routes of all
// audiences (shop, me, studio, desk, farm, open) and their static files. Each
// audience has a folder; each screen has its template, style and script beside
// its handler.
package web
