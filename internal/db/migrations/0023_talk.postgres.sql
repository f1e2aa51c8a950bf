-- +goose Up
-- What a moderator set of a room's chat. No row: nothing is set.
CREATE TABLE chat_room (
  show_id    TEXT PRIMARY KEY,
  hold_s     BIGINT NOT NULL DEFAULT 0 CHECK (hold_s BETWEEN -1 AND 300), -- seconds a message waits for moderators; -1: until it is released
  pinned_id  TEXT NOT NULL DEFAULT '',  -- message that stands above the chat
  pinned_by  TEXT NOT NULL DEFAULT '',
  pinned_us  BIGINT NOT NULL DEFAULT 0
);
ALTER TABLE chat_message ADD COLUMN state TEXT NOT NULL DEFAULT 'shown' CHECK (state IN ('shown','held','refused'));
ALTER TABLE chat_message ADD COLUMN shown_us BIGINT NOT NULL DEFAULT 0;    -- since when everybody can see it; the order of the room
ALTER TABLE chat_message ADD COLUMN due_us BIGINT NOT NULL DEFAULT 0;      -- a held one is shown by itself then; 0: not by itself
ALTER TABLE chat_message ADD COLUMN reply_id TEXT NOT NULL DEFAULT '';     -- the message it answers
ALTER TABLE chat_message ADD COLUMN gist TEXT NOT NULL DEFAULT '';         -- digest of the compared form, '' before there was one
ALTER TABLE chat_message ADD COLUMN reason TEXT NOT NULL DEFAULT '';       -- why it is hidden or refused, as its writer is told
ALTER TABLE chat_message ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';   -- who released or refused a held one; '' by itself
ALTER TABLE chat_message ADD COLUMN decided_us BIGINT NOT NULL DEFAULT 0;
UPDATE chat_message SET shown_us = at_us;
CREATE INDEX chat_message_shown ON chat_message (show_id, shown_us, id);
CREATE INDEX chat_message_gist ON chat_message (show_id, gist, at_us);
CREATE INDEX chat_message_held ON chat_message (show_id, at_us) WHERE state = 'held';
CREATE INDEX chat_message_out ON chat_message (user_id, at_us) WHERE hidden_us > 0 OR state <> 'shown';
-- Who may not write, why and until when: in one room (mute) or in all (ban).
-- One that is replaced or taken back is lifted; nothing is deleted.
CREATE TABLE chat_sanction (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('mute','ban')),
  show_id    TEXT NOT NULL,             -- '' for every room
  user_id    TEXT NOT NULL,
  message_id TEXT NOT NULL DEFAULT '',  -- what was said, if it was about words
  reason     TEXT NOT NULL,
  until_us   BIGINT NOT NULL,
  by_id      TEXT NOT NULL,
  at_us      BIGINT NOT NULL,
  lifted_us  BIGINT NOT NULL DEFAULT 0,
  lifted_by  TEXT NOT NULL DEFAULT '',
  CHECK (kind = 'mute' OR show_id = '')
);
CREATE INDEX chat_sanction_user ON chat_sanction (user_id, until_us);
CREATE INDEX chat_sanction_show ON chat_sanction (show_id, until_us) WHERE lifted_us = 0;
INSERT INTO chat_sanction (id, kind, show_id, user_id, reason, until_us, by_id, at_us)
  SELECT replace(gen_random_uuid()::text, '-', ''), 'mute', show_id, user_id, reason, until_us, actor_id, at_us FROM chat_mute;
DROP TABLE chat_mute;
-- Somebody who was muted, banned or hidden asks for a second look, once.
CREATE TABLE chat_appeal (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL,
  object_kind TEXT NOT NULL CHECK (object_kind IN ('sanction','message')),
  object_id   TEXT NOT NULL UNIQUE,
  against     TEXT NOT NULL,            -- who did what is appealed
  body        TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open','granted','refused')),
  answer      TEXT NOT NULL DEFAULT '',
  at_us       BIGINT NOT NULL,
  done_us     BIGINT NOT NULL DEFAULT 0,
  done_by     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX chat_appeal_state ON chat_appeal (state, at_us);
CREATE INDEX chat_appeal_user ON chat_appeal (user_id, at_us);
-- The centre's own words beside those that come with the product. A word taken
-- out stays as a row: when it counted is known, and every node sees the change.
CREATE TABLE review_word (
  word       TEXT PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('abuse','contact','absolute','health','allow')),
  wording    TEXT NOT NULL DEFAULT '',  -- what to say instead; '' for the kind's own
  out        BOOLEAN NOT NULL DEFAULT FALSE,
  actor_id   TEXT NOT NULL,
  changed_us BIGINT NOT NULL
);
CREATE INDEX review_word_changed ON review_word (changed_us);
-- Seconds people watched a live show: see show.Visit.
ALTER TABLE show_visit ADD COLUMN watched_us BIGINT NOT NULL DEFAULT 0 CHECK (watched_us >= 0);
-- The room minute by minute.
CREATE TABLE show_minute (
  show_id TEXT NOT NULL REFERENCES live_show (id),
  minute  BIGINT NOT NULL,              -- since 1970
  online  BIGINT NOT NULL,              -- as last looked at in that minute
  peak    BIGINT NOT NULL,              -- the most in it
  PRIMARY KEY (show_id, minute)
);
-- Who opened which product in a show.
CREATE TABLE show_click (
  show_id  TEXT NOT NULL REFERENCES live_show (id),
  item_id  TEXT NOT NULL,
  visitor  TEXT NOT NULL,
  n        BIGINT NOT NULL CHECK (n > 0),
  first_us BIGINT NOT NULL,
  last_us  BIGINT NOT NULL,
  PRIMARY KEY (show_id, item_id, visitor)
);
-- The sheet of a show as it was made right after the end; JSON of flow/sheet.
CREATE TABLE show_sheet (
  show_id TEXT PRIMARY KEY REFERENCES live_show (id),
  at_us   BIGINT NOT NULL,
  body    TEXT NOT NULL
);

-- +goose Down
DROP TABLE show_sheet;
DROP TABLE show_click;
DROP TABLE show_minute;
ALTER TABLE show_visit DROP COLUMN watched_us;
DROP TABLE review_word;
DROP TABLE chat_appeal;
CREATE TABLE chat_mute (
  show_id  TEXT NOT NULL,
  user_id  TEXT NOT NULL,
  until_us BIGINT NOT NULL,
  reason   TEXT NOT NULL DEFAULT '',
  actor_id TEXT NOT NULL,
  at_us    BIGINT NOT NULL,
  PRIMARY KEY (show_id, user_id)
);
INSERT INTO chat_mute (show_id, user_id, until_us, reason, actor_id, at_us)
  SELECT show_id, user_id, max(until_us), max(reason), max(by_id), max(at_us) FROM chat_sanction WHERE lifted_us = 0 GROUP BY show_id, user_id;
DROP TABLE chat_sanction;
DELETE FROM chat_message WHERE state <> 'shown';
DROP INDEX chat_message_out;
DROP INDEX chat_message_held;
DROP INDEX chat_message_gist;
DROP INDEX chat_message_shown;
ALTER TABLE chat_message DROP COLUMN decided_us;
ALTER TABLE chat_message DROP COLUMN decided_by;
ALTER TABLE chat_message DROP COLUMN reason;
ALTER TABLE chat_message DROP COLUMN gist;
ALTER TABLE chat_message DROP COLUMN reply_id;
ALTER TABLE chat_message DROP COLUMN due_us;
ALTER TABLE chat_message DROP COLUMN shown_us;
ALTER TABLE chat_message DROP COLUMN state;
DROP TABLE chat_room;
