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
-- +goose Down
DROP TABLE help_call;
ALTER TABLE live_show DROP COLUMN practice;
