-- +goose Up
-- What finance saw move on the centre's bank account: a payment channel's
-- balance, a carrier's debt, withheld tax. The bank's reference names it.
CREATE TABLE money_moved (
  id    TEXT PRIMARY KEY,
  kind  TEXT NOT NULL CHECK (kind IN ('channel','carrier','tax')),
  party TEXT NOT NULL DEFAULT '',    -- channel or carrier
  day   BIGINT NOT NULL,             -- the bank's
  fen   BIGINT NOT NULL CHECK (fen > 0),
  ref   TEXT NOT NULL CHECK (ref <> ''),
  note  TEXT NOT NULL DEFAULT '',
  by_id TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  turn  BIGINT NOT NULL DEFAULT 0,   -- how often the reference was entered and taken back before
  UNIQUE (kind, ref, turn),
  CHECK ((kind = 'tax') = (party = ''))
);
CREATE INDEX money_moved_day ON money_moved (day);
-- One that was entered wrongly, taken back whole.
CREATE TABLE money_moved_back (
  id      TEXT PRIMARY KEY,
  move_id TEXT NOT NULL UNIQUE REFERENCES money_moved (id),
  reason  TEXT NOT NULL CHECK (reason <> ''),
  by_id   TEXT NOT NULL,
  at_us   BIGINT NOT NULL
);
CREATE TRIGGER money_moved_append_only BEFORE UPDATE OR DELETE ON money_moved FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_moved_back_append_only BEFORE UPDATE OR DELETE ON money_moved_back FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE money_moved_back;
DROP TABLE money_moved;
