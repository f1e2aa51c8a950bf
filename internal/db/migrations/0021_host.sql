-- +goose Up
-- A practice show: only its host and staff see it, and nothing in it is real.
ALTER TABLE live_show ADD COLUMN practice BOOLEAN NOT NULL DEFAULT FALSE;
-- A host's calls for help, and who came.
CREATE TABLE help_call (
  id            TEXT PRIMARY KEY,
  show_id       TEXT NOT NULL REFERENCES live_show (id),
  host_id       TEXT NOT NULL,
  called_us     BIGINT NOT NULL,
  answered_us   BIGINT NOT NULL DEFAULT 0,
  answered_by   TEXT NOT NULL DEFAULT '',
  answered_name TEXT NOT NULL DEFAULT '',
  over_us       BIGINT NOT NULL DEFAULT 0 -- helped, or taken back
);
-- One open call a show: tapping again calls nobody twice.
CREATE UNIQUE INDEX help_call_open ON help_call (show_id) WHERE over_us = 0;
-- What drives the scripted audience of a practice show.
CREATE TABLE practice_run (
  show_id TEXT PRIMARY KEY REFERENCES live_show (id),
  from_id TEXT NOT NULL,            -- the show whose running order it has
  seed    BIGINT NOT NULL,          -- the same seed plays the same people
  lang    TEXT NOT NULL,            -- in which the audience speaks
  done    BIGINT NOT NULL DEFAULT 0 -- steps of the plan that were played
);
-- What the audience did: no is the step of the plan, so nothing is played twice.
-- Orders here are play: nothing else in the books knows of them.
CREATE TABLE practice_event (
  show_id     TEXT NOT NULL REFERENCES live_show (id),
  no          BIGINT NOT NULL,
  at_us       BIGINT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('enter','leave','like','ask','order','pass')),
  viewer      BIGINT NOT NULL,
  topic       TEXT NOT NULL DEFAULT '',
  item_id     TEXT NOT NULL DEFAULT '',
  message_id  TEXT NOT NULL DEFAULT '', -- the question in the chat
  qty         BIGINT NOT NULL DEFAULT 0,
  fen         BIGINT NOT NULL DEFAULT 0, -- of one unit, play money
  answered_us BIGINT NOT NULL DEFAULT 0,
  answered_by TEXT NOT NULL DEFAULT '' CHECK (answered_by IN ('','host','staff')),
  PRIMARY KEY (show_id, no)
);
-- How long the microphone heard somebody, a minute a row.
CREATE TABLE practice_sound (
  show_id  TEXT NOT NULL REFERENCES live_show (id),
  minute   BIGINT NOT NULL CHECK (minute BETWEEN 0 AND 60),
  heard_ms BIGINT NOT NULL CHECK (heard_ms >= 0),  -- how long it listened
  talk_ms  BIGINT NOT NULL CHECK (talk_ms >= 0),   -- of it with a voice
  pause_ms BIGINT NOT NULL CHECK (pause_ms >= 0),  -- the longest silence
  PRIMARY KEY (show_id, minute)
);
-- +goose Down
DROP TABLE practice_sound;
DROP TABLE practice_event;
DROP TABLE practice_run;
DROP TABLE help_call;
ALTER TABLE live_show DROP COLUMN practice;
