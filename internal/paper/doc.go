// Package paper draws what people keep: a statement as a PDF to print and as a
// workbook to reckon with. It knows no business: a Document says what stands
// on it, already in the reader's language.
//
// The page is A4 with large type. Its fonts travel in the binary, so that a
// machine without any prints every name: WenQuanYi Micro Hei (Apache-2.0 or
// GPL-3 with font exception, 2.1 MB packed), and for what that lacks a part of
// HanaMin (free, 2.2 MB packed): all of Extension A and the rest of the 8,105
// characters of the Table of General Standard Chinese Characters of 2013, by
// which names are registered. Licences and how the part was made stand beside
// them. Only the characters that are used go into a file. A character that no
// font has is drawn as U+3013 and named on the page and by Missing: a box would
// look like somebody else's name.
//
// A workbook keeps types: amounts are numbers, days are dates, and everything
// else is text that no program reads as a formula.
package paper
