// Package review keeps words honest: a word list that is held against chat and
// goods, and complaints that get a number and an answer.
//
// # Word list
//
// words.txt, embedded: Chinese and English words by kind.
//
//	abuse     insults, and what is illegal to offer         anyone
//	contact   ways around the till: other apps, telephone   anyone
//	link      addresses on the web; in no list              anyone but staff in the chat
//	absolute  "the best", "number one" (Advertising Law 9)  who sells: host, staff, product texts
//	health    cures and health claims for food (art. 17)    who sells
//	allow     harmless words that hold a listed one: zuijin, "recently", holds zui, "most"
//
// A hit is told together with a proposed wording; nothing is deleted in
// silence, and a buyer may call the honey the best there is.
//
// A text is compared in a form in which look-alikes are one: compatibility
// forms folded (NFKD, accents off), lower case, traditional characters as
// simplified ones, Cyrillic, Greek and other letters that look Latin as Latin,
// and whatever is neither letter nor digit taken out, so a wide "V", a dot and
// "x" are "vx". Two things keep false hits rare: a Latin word must stand by
// itself ("class" is no insult), and words don't run across the end of a
// Chinese sentence unless every character is spelled apart.
//
// What a text holds of letters decides what else is tried:
//
//	digits in Latin words   "w3chat", "sh1t"; words of four letters or more
//	padding                 one or two letters or digits between the characters of
//	                        a Chinese word; of two characters only abuse and contact
//	pinyin                  "zuihao", "zui hao", and mixed with the word's own
//	                        characters; words of two characters and five letters or
//	                        more, by syllable: a gap only between syllables, no letter
//	                        touching, no clause's end inside, and no English word that
//	                        reads the same in one piece ("women")
//
// A person's name in pinyin that sounds like a listed word is found too: the
// writer is told the word and can spell the name otherwise. Not found: words by
// characters of the same sound, pictures of text. A moderator sees those.
//
// Links (a scheme, www, or a name with a known ending, also with a Chinese full
// stop) are found beside the words; staff may send them in the chat.
//
// The centre's own words (table review_word, a page of the desk) stand beside
// words.txt and win over it: "allow" takes a word of ours out. Every process
// asks for changes every other second and builds the new list while searches
// go on with the old one. A word can have its own wording to propose.
//
// # Complaints
//
//	open -> upheld | dismissed   by a moderator or service, with an answer
//
// Tables: complaint, review_word.
package review
