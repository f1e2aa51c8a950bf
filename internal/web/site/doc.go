// Package site is what the screens of all audiences share: the flow and the
// platform they work on, how a page is begun and rendered, how a form is read,
// and how a fault is shown (a page, a fragment for htmx, or JSON for our
// scripts).
package site
