-- +goose Up
-- What somebody at the desk has seen or put off. The alerts themselves are
-- computed from what is (package flow/watch) and stand in no table.
CREATE TABLE desk_quiet (
  user_id  TEXT NOT NULL,
  show_id  TEXT NOT NULL REFERENCES live_show (id),
  alert    TEXT NOT NULL,   -- one occurrence, or a topic for a while
  until_us BIGINT NOT NULL,
  PRIMARY KEY (user_id, show_id, alert)
);
-- Words of the list that the host or staff wanted to say in a room. The words
-- are the list's own: nothing that somebody wrote is kept here.
CREATE TABLE word_hit (
  id      TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES live_show (id),
  user_id TEXT NOT NULL,
  badge   TEXT NOT NULL CHECK (badge IN ('host','staff')),
  kind    TEXT NOT NULL,
  word    TEXT NOT NULL,
  at_us   BIGINT NOT NULL
);
CREATE INDEX word_hit_show ON word_hit (show_id, at_us);
-- Address of a show's page for OBS. Whoever has it may read it, so it can be
-- revoked; one a show.
CREATE TABLE show_overlay (
  id         TEXT PRIMARY KEY,
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  token_hash TEXT NOT NULL UNIQUE,
  token_enc  TEXT NOT NULL,
  made_us    BIGINT NOT NULL,
  revoked_us BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX show_overlay_living ON show_overlay (show_id) WHERE revoked_us = 0;

-- +goose Down
DROP TABLE show_overlay;
DROP TABLE word_hit;
DROP TABLE desk_quiet;
