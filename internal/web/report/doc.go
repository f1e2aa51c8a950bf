// Package report shows the after-show sheet of package flow/sheet to those who
// may see it: all of it to who runs the centre, a host's own show without what
// is others' (gifts, worth of single goods), and to a moderator the room
// without any money. It is a page, a print, a workbook and a CSV.
package report
