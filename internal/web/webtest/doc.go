// Package webtest lets tests ask the screens of any audience like a browser
// does: over HTTP, with cookies, on a site with a real flow and a fresh SQLite
// database, and with a clock the test moves.
//
//	w := webtest.New(t, me.Routes)
//	buyer := w.Person("Li Lei")
//	page := buyer.Get("/orders")
//	page.Must("h1").Has("…")
//
// Every HTML page a Client reads is checked for what must hold everywhere
// (Check): one h1, labelled fields, no inline script or style, no message key
// shown as itself. Providers outside the house are small fakes: texts land in
// World.SMS, payments at Gateway.
package webtest
