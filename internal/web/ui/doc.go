// Package ui holds the parts all screens are built of: icons, fields, buttons,
// pictures, prices, badges of states, tables that become cards on a phone.
//
// Rules: a component takes page.Base when it speaks (words come from the
// locales, area "ui"), and nothing from the database. The look stands in
// static/css/base.css; a test holds that every pair of text and ground there
// has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3), by day and by night.
//
// A living page of all parts is served to everyone at /look (package shop).
package ui
