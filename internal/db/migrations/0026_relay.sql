-- +goose Up
-- Servers of other platforms that a show's picture can be sent on to. They are
-- the centre's: one that was entered once is there for the next show.
CREATE TABLE relay_target (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  server     TEXT NOT NULL,             -- rtmp(s)://host/app, no secret in it
  key_enc    TEXT NOT NULL,             -- stream key, sealed
  hint       TEXT NOT NULL,             -- its last characters, '' of a short one
  idem_key   TEXT NOT NULL UNIQUE,
  actor_id   TEXT NOT NULL,
  made_us    BIGINT NOT NULL,
  changed_us BIGINT NOT NULL,
  removed_us BIGINT NOT NULL DEFAULT 0
);
-- Which show uses which.
CREATE TABLE relay_use (
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  target_id  TEXT NOT NULL REFERENCES relay_target (id),
  is_on      BOOLEAN NOT NULL,
  actor_id   TEXT NOT NULL,
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (show_id, target_id)
);
CREATE INDEX relay_use_target ON relay_use (target_id);
-- +goose Down
DROP TABLE relay_use;
DROP TABLE relay_target;
