-- +goose Up
-- A finished file of a recording: about a minute of a show. Only deleted_us and removed_us ever
-- change: the row of a file that was deleted stays.
CREATE TABLE recording_chunk (
  id         TEXT PRIMARY KEY,
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  run_id     TEXT NOT NULL,           -- chunks of one header that follow each other without a hole
  kind       TEXT NOT NULL CHECK (kind IN ('live','rehearsal','practice')),
  file       TEXT NOT NULL,           -- key in the store
  starts_us  BIGINT NOT NULL,         -- the world's time of its first picture
  dur_us     BIGINT NOT NULL CHECK (dur_us > 0),
  bytes      BIGINT NOT NULL CHECK (bytes > 0),
  sha256     TEXT NOT NULL,
  init_bytes BIGINT NOT NULL,
  codecs     TEXT NOT NULL,
  width      BIGINT NOT NULL,
  height     BIGINT NOT NULL,
  pieces     TEXT NOT NULL,           -- JSON [[offset, bytes, us], …]: what a playlist lists
  kept_us    BIGINT NOT NULL,
  deleted_us BIGINT NOT NULL DEFAULT 0, -- nobody gets it any more
  removed_us BIGINT NOT NULL DEFAULT 0  -- and the file is gone
);
CREATE INDEX recording_chunk_show ON recording_chunk (show_id, starts_us);
CREATE INDEX recording_chunk_kept ON recording_chunk (kept_us);
CREATE INDEX recording_chunk_there ON recording_chunk (show_id) WHERE deleted_us = 0;
CREATE INDEX recording_chunk_going ON recording_chunk (deleted_us) WHERE deleted_us > 0 AND removed_us = 0;
-- Files that may not be deleted whatever their age: a dispute, a complaint, an
-- authority asks.
CREATE TABLE recording_lock (
  id          TEXT PRIMARY KEY,
  show_id     TEXT NOT NULL REFERENCES live_show (id),
  reason      TEXT NOT NULL,
  by_id       TEXT NOT NULL,
  at_us       BIGINT NOT NULL,
  released_us BIGINT NOT NULL DEFAULT 0,
  released_by TEXT NOT NULL DEFAULT '',
  why         TEXT NOT NULL DEFAULT '' -- it was released
);
CREATE UNIQUE INDEX recording_lock_one ON recording_lock (show_id) WHERE released_us = 0;
-- A product's minutes as a short video.
CREATE TABLE recording_clip (
  id         TEXT PRIMARY KEY,
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  item_id    TEXT NOT NULL DEFAULT '',
  name       TEXT NOT NULL,
  from_us    BIGINT NOT NULL,         -- asked for
  to_us      BIGINT NOT NULL CHECK (to_us > from_us),
  state      TEXT NOT NULL CHECK (state IN ('queued','ready','failed','deleted')),
  starts_us  BIGINT NOT NULL DEFAULT 0, -- got: the key frame before
  dur_us     BIGINT NOT NULL DEFAULT 0,
  bytes      BIGINT NOT NULL DEFAULT 0,
  width      BIGINT NOT NULL DEFAULT 0,
  height     BIGINT NOT NULL DEFAULT 0,
  poster     TEXT NOT NULL DEFAULT '' CHECK (poster IN ('','frame','page')), -- '': the product's picture
  why        TEXT NOT NULL DEFAULT '', -- it failed: a message key
  tries      BIGINT NOT NULL DEFAULT 0,
  by_id      TEXT NOT NULL,
  at_us      BIGINT NOT NULL
);
CREATE INDEX recording_clip_show ON recording_clip (show_id, id);
CREATE INDEX recording_clip_queued ON recording_clip (at_us) WHERE state = 'queued';
CREATE TRIGGER recording_chunk_no_update BEFORE UPDATE OF id, show_id, run_id, kind, file, starts_us, dur_us, bytes, sha256, init_bytes, codecs, width, height, pieces, kept_us ON recording_chunk FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recording_chunk_no_delete BEFORE DELETE ON recording_chunk FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recording_lock_no_delete BEFORE DELETE ON recording_lock FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE recording_clip;
DROP TABLE recording_lock;
DROP TABLE recording_chunk;
