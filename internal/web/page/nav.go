package page

import (
	"net/url"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/i18n"
)

// Link of a navigation.
type Link struct {
	Href, Key, Icon string
	Here            bool
}

// Nav is the navigation of the page: what the person may open, nothing else.
func (b Base) Nav() []Link {
	links := []Link{
		{Href: "/", Key: "page.nav_home", Icon: "home"},
		{Href: "/goods", Key: "page.nav_goods", Icon: "bag"},
		{Href: "/promises", Key: "page.nav_promises", Icon: "shield"},
	}
	if b.Actor.SignedIn() {
		links = append(links, Link{Href: "/orders", Key: "page.nav_orders", Icon: "list"})
	}
	for _, s := range []struct {
		link  Link
		roles []actor.Role
	}{
		{Link{Href: "/studio", Key: "page.nav_studio", Icon: "camera"}, []actor.Role{actor.Host}},
		{Link{Href: "/farm", Key: "page.nav_farm", Icon: "farm"}, []actor.Role{actor.Producer}},
		{Link{Href: "/desk", Key: "page.nav_desk", Icon: "settings"}, []actor.Role{actor.Operator, actor.Moderator, actor.Selector, actor.Packer, actor.Service, actor.Finance, actor.Overseer, actor.Admin}},
	} {
		if b.Actor.Has(s.roles...) {
			links = append(links, s.link)
		}
	}
	for i := range links {
		links[i].Here = b.Path == links[i].Href || links[i].Href != "/" && strings.HasPrefix(b.Path, links[i].Href+"/")
	}
	return links
}

// here is the page's own address, for coming back after a sign-in.
func (b Base) here() string {
	u := b.Path
	if b.Query != "" {
		u += "?" + b.Query
	}
	return url.QueryEscape(u)
}

func (b Base) otherLangCode() string {
	if b.P.Lang() == i18n.English {
		return string(i18n.Chinese)
	}
	return string(i18n.English)
}

// otherLang switches the language by a page that sets the cookie and comes back.
func (b Base) otherLang() string { return "/lang/" + b.otherLangCode() + "?next=" + b.here() }
