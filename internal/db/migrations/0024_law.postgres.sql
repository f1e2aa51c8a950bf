-- +goose Up
-- AI that takes part in the picture or the sound: shown over it all the time.
ALTER TABLE live_show ADD COLUMN ai TEXT NOT NULL DEFAULT ''; -- 'host', 'voice', 'picture', with commas between
-- A show that was ended by force: who, when, why.
ALTER TABLE live_show ADD COLUMN cut_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE live_show ADD COLUMN cut_by TEXT NOT NULL DEFAULT '';
ALTER TABLE live_show ADD COLUMN cut_why TEXT NOT NULL DEFAULT '';
-- What was looked at before a show began, and who signed for it.
CREATE TABLE show_signoff (
  id        TEXT PRIMARY KEY,
  show_id   TEXT NOT NULL,
  digest    TEXT NOT NULL,            -- SHA-256 of what was signed: another one needs another signature
  snapshot  TEXT NOT NULL,            -- JSON: every point as it stood
  signed_by TEXT NOT NULL,
  signer    TEXT NOT NULL,            -- name at the time
  at_us     BIGINT NOT NULL
);
CREATE INDEX show_signoff_show ON show_signoff (show_id, id);
-- What was said wrongly in a show, and what is right.
CREATE TABLE show_correction (
  id      TEXT PRIMARY KEY,
  show_id TEXT NOT NULL,
  wrong   TEXT NOT NULL,
  truth   TEXT NOT NULL,
  by_id   TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at_us   BIGINT NOT NULL
);
CREATE INDEX show_correction_show ON show_correction (show_id, id);
CREATE TRIGGER show_signoff_append_only BEFORE UPDATE OR DELETE ON show_signoff FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER show_correction_append_only BEFORE UPDATE OR DELETE ON show_correction FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE show_correction;
DROP TABLE show_signoff;
ALTER TABLE live_show DROP COLUMN cut_why;
ALTER TABLE live_show DROP COLUMN cut_by;
ALTER TABLE live_show DROP COLUMN cut_us;
ALTER TABLE live_show DROP COLUMN ai;
