-- +goose Up
-- What package fsck remembers between its runs. Throwing all of it away loses
-- nothing: the next full run makes it anew.

-- Up to which id the records were looked at.
CREATE TABLE fsck_mark (
  name TEXT PRIMARY KEY,              -- 'recent'
  upto TEXT NOT NULL
);
-- The ledger up to the newest seal, added up by account: what stands before
-- need not be added up again every minute.
CREATE TABLE fsck_balance (
  path TEXT PRIMARY KEY,
  fen  BIGINT NOT NULL
);
-- A stretch of the ledger that is over, with its digest: a row changed, taken
-- away or slipped in behind it shows.
CREATE TABLE fsck_seal (
  upto      TEXT PRIMARY KEY,         -- ids after the seal before, up to this one
  txns      BIGINT NOT NULL,
  postings  BIGINT NOT NULL,
  digest    TEXT NOT NULL,            -- SHA-256, hex
  sealed_us BIGINT NOT NULL
);
-- The newest report of each kind.
CREATE TABLE fsck_run (
  kind   TEXT PRIMARY KEY CHECK (kind IN ('full','recent')),
  at_us  BIGINT NOT NULL,
  report TEXT NOT NULL                -- JSON
);
DELETE FROM setting WHERE key = 'fsck.last'; -- where the report stood before

-- What an order moved, found by the order: for fsck, and for returns.
CREATE INDEX stock_movement_ref ON stock_movement (ref) WHERE ref <> '';

-- +goose Down
DROP INDEX stock_movement_ref;
DROP TABLE fsck_run;
DROP TABLE fsck_seal;
DROP TABLE fsck_balance;
DROP TABLE fsck_mark;
