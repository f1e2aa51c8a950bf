// Package page is the frame of every HTML page: what all pages know (Base),
// the layout around a screen, the error page, and the addresses of static
// files.
package page
