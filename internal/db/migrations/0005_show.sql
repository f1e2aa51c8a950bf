-- +goose Up
CREATE TABLE live_show (
  id           TEXT PRIMARY KEY,
  title        TEXT NOT NULL,
  summary      TEXT NOT NULL DEFAULT '',
  host_id      TEXT NOT NULL,
  cover_id     TEXT NOT NULL DEFAULT '',  -- picture
  orientation  TEXT NOT NULL CHECK (orientation IN ('portrait','landscape')),
  starts_us    BIGINT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('draft','announced','live','ended','cancelled')),
  pinned_item  TEXT NOT NULL DEFAULT '',
  slow_mode_s  BIGINT NOT NULL DEFAULT 0 CHECK (slow_mode_s BETWEEN 0 AND 300),
  created_us   BIGINT NOT NULL,
  announced_us BIGINT NOT NULL DEFAULT 0,
  live_us      BIGINT NOT NULL DEFAULT 0,
  ended_us     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX live_show_state ON live_show (state, starts_us);
CREATE INDEX live_show_host ON live_show (host_id, starts_us);
-- The running order. no never changes once the show is announced; a taken-off
-- item keeps its number.
CREATE TABLE show_item (
  id         TEXT PRIMARY KEY,
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  no         BIGINT NOT NULL CHECK (no BETWEEN -200 AND 200 AND no <> 0), -- negative only within a renumbering
  product_id TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('coming','on_sale','off')), -- sold out is computed from stock
  price_fen  BIGINT NOT NULL CHECK (price_fen > 0),
  was_fen    BIGINT NOT NULL DEFAULT 0,
  released   BIGINT NOT NULL DEFAULT -1,   -- sell units put up for this show; -1: all there is
  sold       BIGINT NOT NULL DEFAULT 0,    -- sell units in orders not closed; fsck recomputes
  per_person BIGINT NOT NULL DEFAULT 0,    -- 0: no limit
  script     TEXT NOT NULL DEFAULT '',     -- the line to say
  changed_us BIGINT NOT NULL,
  UNIQUE (show_id, no),
  CHECK (sold >= 0 AND (released < 0 OR sold <= released))
);
CREATE INDEX show_item_product ON show_item (product_id);
CREATE TABLE show_pin (
  id      TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES live_show (id),
  item_id TEXT NOT NULL,              -- '' when unpinned
  at_us   BIGINT NOT NULL,
  actor_id TEXT NOT NULL
);
CREATE INDEX show_pin_show ON show_pin (show_id, id);
CREATE TABLE stream_key (
  id         TEXT PRIMARY KEY,
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  key_hash   TEXT NOT NULL UNIQUE,
  key_enc    TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  revoked_us BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX stream_key_living ON stream_key (show_id) WHERE revoked_us = 0; -- one a show
CREATE TABLE show_reminder (
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  user_id    TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  sent_us    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (show_id, user_id)
);
-- Who was in the room: visitor is a user id, or 'a' and a random cookie.
CREATE TABLE show_visit (
  show_id  TEXT NOT NULL REFERENCES live_show (id),
  visitor  TEXT NOT NULL,
  first_us BIGINT NOT NULL,
  last_us  BIGINT NOT NULL,
  likes    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (show_id, visitor)
);
CREATE TABLE chat_message (
  id         TEXT PRIMARY KEY,
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  user_id    TEXT NOT NULL,
  name       TEXT NOT NULL,
  badge      TEXT NOT NULL CHECK (badge IN ('','host','staff')),
  body       TEXT NOT NULL,
  at_us      BIGINT NOT NULL,
  hidden_us  BIGINT NOT NULL DEFAULT 0,
  hidden_by  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX chat_message_show ON chat_message (show_id, id);
CREATE INDEX chat_message_user ON chat_message (show_id, user_id, at_us);
-- When a person last wrote in a room: one row to wait for, so that two messages
-- sent at once can't both pass the limits.
CREATE TABLE chat_pace (
  show_id TEXT NOT NULL REFERENCES live_show (id),
  user_id TEXT NOT NULL,
  last_us BIGINT NOT NULL,
  PRIMARY KEY (show_id, user_id)
);
CREATE TABLE chat_mute (
  show_id  TEXT NOT NULL,             -- '' for every room
  user_id  TEXT NOT NULL,
  until_us BIGINT NOT NULL,
  reason   TEXT NOT NULL DEFAULT '',
  actor_id TEXT NOT NULL,
  at_us    BIGINT NOT NULL,
  PRIMARY KEY (show_id, user_id)
);
CREATE TABLE complaint (
  id          TEXT PRIMARY KEY,
  no          TEXT NOT NULL UNIQUE,   -- told to the person who complains
  object_kind TEXT NOT NULL CHECK (object_kind IN ('show','message','product','order')),
  object_id   TEXT NOT NULL,
  user_id     TEXT NOT NULL,          -- '' for an anonymous visitor
  kind        TEXT NOT NULL CHECK (kind IN ('false_claim','fake_goods','abuse','minor','illegal','other')),
  body        TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open','upheld','dismissed')),
  answer      TEXT NOT NULL DEFAULT '',
  at_us       BIGINT NOT NULL,
  done_us     BIGINT NOT NULL DEFAULT 0,
  done_by     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX complaint_state ON complaint (state, at_us);

-- +goose Down
DROP TABLE complaint;
DROP TABLE chat_mute;
DROP TABLE chat_pace;
DROP TABLE chat_message;
DROP TABLE show_visit;
DROP TABLE show_reminder;
DROP TABLE stream_key;
DROP TABLE show_pin;
DROP TABLE show_item;
DROP TABLE live_show;
