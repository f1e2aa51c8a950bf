// Package i18n turns message keys into words, in Chinese and in English.
//
// Texts stand in locales/<language>/<area>.json, keys are "area.thing", and
// every key of an area's file starts with the area's name. Placeholders are
// {{.Name}}; a text that counts is an object {"one": …, "other": …} and is
// asked for with N. Tests hold that both languages have the same keys and
// placeholders, that every key used in code exists, and that no Chinese stands
// in code outside the locales.
package i18n
