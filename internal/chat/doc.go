// Package chat is the talk in a show's room: lines of plain text that can be
// hidden, and people who can be muted.
//
// A body is data. Markup in it is kept as it was typed and escaped by every
// screen; what Clean takes out is what no screen can show honestly: control
// and bidirectional marks, invisible characters, piles of accents.
//
// # Rules
//
//   - At most MaxRunes characters a message.
//   - A person writes once in MinGap, or in the room's slow mode if that is
//     longer, and may not say the same again within RepeatGap. Staff and the
//     host (a badge) are free of limits and mutes.
//   - The limits hold when two messages come at once: writing one takes the
//     person's row in chat_pace.
//   - A hidden message leaves every screen but stays in the records for three
//     years, as the live-commerce rules ask; nothing is deleted.
//   - A mute ends by itself; it holds in one room, or in all ("").
//
// The word list is review's, the order of both is flow's.
//
// Tables: chat_message, chat_mute, chat_pace.
package chat
