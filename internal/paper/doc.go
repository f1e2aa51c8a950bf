// Package paper draws what people keep: a statement as a PDF to print and as a
// workbook to reckon with. It knows no business: a Document says what stands
// on it, already in the reader's language.
//
// The page is A4 with large type. Its font, WenQuanYi Micro Hei (Apache-2.0 or
// GPL-3 with font exception; licence beside it), travels in the binary, 2.1 MB
// packed, so that a machine without any font prints every name; only the
// characters that are used go into a file. A character that the font lacks is
// drawn as U+3013 and named on the page and by Missing: a box would look like
// somebody else's name.
//
// A workbook keeps types: amounts are numbers, days are dates, and everything
// else is text that no program reads as a formula.
package paper
