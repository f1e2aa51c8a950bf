// Package review keeps words honest: a word list that is held against chat and
// goods, and complaints that get a number and an answer.
//
// # Word list
//
// words.txt, embedded: Chinese and English words by kind.
//
//	abuse     insults, and what is illegal to offer         anyone
//	contact   ways around the till: other apps, telephone   anyone
//	absolute  "the best", "number one" (Advertising Law 9)  who sells: host, staff, product texts
//	health    cures and health claims for food (art. 17)    who sells
//	allow     harmless words that hold a listed one: zuijin, "recently", holds zui, "most"
//
// A hit is told together with a proposed wording; nothing is deleted in
// silence, and a buyer may call the honey the best there is.
//
// A text is compared in a form in which look-alikes are one: compatibility
// forms folded (NFKD, accents off), lower case, and whatever is neither letter
// nor digit taken out, so "Ｖ·X", "v x" and "vx" are the same. Two things keep
// false hits rare: a Latin word must stand by itself ("class" is no insult),
// and words don't run across the end of a Chinese sentence unless every
// character is spelled apart. Not folded: traditional characters, pinyin,
// pictures of text. A moderator sees those.
//
// # Complaints
//
//	open -> upheld | dismissed   by a moderator or service, with an answer
//
// Tables: complaint.
package review
