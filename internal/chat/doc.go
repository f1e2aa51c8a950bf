// Package chat is the talk in a show's room: lines of plain text that can be
// held back, answered, pinned and hidden, and people who can be silenced and
// ask for a second look.
//
// A body is data. Markup in it is kept as it was typed and escaped by every
// screen; what Clean takes out is what no screen can show honestly: control
// and bidirectional marks, invisible characters, piles of accents.
//
// # A message
//
//	shown                      at once, or
//	held -> shown | refused    where the room holds messages back: by a moderator,
//	                           or shown by itself after the room's seconds
//	hidden, and seen again     beside that, by a moderator
//
// A room's order is that of the moment everybody could see a line (shown_us,
// then id). Held lines that come out by themselves come out in the order in
// which they were written, also when the seconds are changed meanwhile; only a
// moderator lets one overtake. The writer sees a held line as sent and waiting.
//
// # Rules
//
//   - At most MaxRunes characters a message.
//   - A person writes once in MinGap, or in the room's slow mode if that is
//     longer, and may not say the same again within RepeatGap; what MaxCopies
//     others have said within it is dropped too, if it has CopyRunes characters.
//     "The same" is the caller's folded form, so look-alikes don't help.
//   - No limit, hold or sanction touches staff and the host (a badge).
//   - The limits hold when two messages come at once: writing one takes the
//     person's row in chat_pace.
//   - At most MaxHeld messages wait in a room.
//   - A hidden or refused message stays in the records for three years, as the
//     live-commerce rules ask; nothing is deleted.
//   - A mute (one room) and a ban (all rooms, the account's) have a reason, an
//     end and who gave it; they end by themselves or are lifted. The person is
//     told reason and end.
//   - Everybody may appeal once against each of them and against each own
//     message that is hidden or refused. Whoever did it does not answer if
//     another moderator, operator or admin could. Granting it undoes it.
//
// The word list is review's, the order of both is flow's.
//
// Tables: chat_message, chat_pace, chat_room, chat_sanction, chat_appeal.
package chat
