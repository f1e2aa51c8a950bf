// Package practice is the audience of a practice show: people of a script who
// come, ask what buyers ask, order in play and leave; and the sheet that tells
// the host afterwards how it went.
//
// # Rules
//
//   - Who comes when and asks what follows from a seed alone (NewPlan); time
//     comes from outside. What they ask about is the product that is explained
//     at that moment, so the same seed sounds different with another host.
//   - A step of the plan is played once: its number is the key of its event.
//     A step whose time was long ago when the server came back is left out.
//   - An order is an event here and nothing else: no stock, no counters, no
//     ledger, no public log, no message to a phone knows of it.
//   - Whoever was answered orders often, whoever was not hardly ever. Answered
//     means: the host tapped it, or host or staff replied to it in the chat.
//     Nobody listens to the words themselves, and the sheet says so.
//   - At most Length; the plan ends with it.
//
// The script is data: script.json names topics and how often they come, their
// words stand in the locales (practice.ask_…, practice.coach_…), in both
// languages.
//
// Tables: practice_run, practice_event, practice_sound.
package practice
