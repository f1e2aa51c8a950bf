-- +goose Up
-- What happened, who did it, to what: one row in the transaction of each write.
CREATE TABLE audit_event (
  id          TEXT PRIMARY KEY,
  at_us       BIGINT NOT NULL,
  actor_id    TEXT NOT NULL,          -- '' for the system
  actor_name  TEXT NOT NULL,
  via         TEXT NOT NULL,
  action      TEXT NOT NULL,          -- 'lot.receive'
  object_kind TEXT NOT NULL,          -- 'lot'
  object_id   TEXT NOT NULL,
  detail      TEXT NOT NULL           -- JSON without personal data
);
CREATE INDEX audit_event_object ON audit_event (object_kind, object_id, id);
CREATE INDEX audit_event_actor ON audit_event (actor_id, id);

-- The ledger. fen > 0 is a debit, fen < 0 a credit; a transaction sums to zero.
CREATE TABLE ledger_account (
  path        TEXT PRIMARY KEY,       -- 'producer/local/<id>/owed'
  kind        TEXT NOT NULL CHECK (kind IN ('asset','liability','income','expense','equity')),
  balance_fen BIGINT NOT NULL DEFAULT 0,
  min_fen     BIGINT,                 -- NULL: no limit
  max_fen     BIGINT,
  opened_us   BIGINT NOT NULL,
  CHECK (min_fen IS NULL OR balance_fen >= min_fen),
  CHECK (max_fen IS NULL OR balance_fen <= max_fen)
);
CREATE TABLE ledger_txn (
  id     TEXT PRIMARY KEY,
  ref    TEXT NOT NULL UNIQUE,        -- idempotency: 'order/<id>/paid'
  kind   TEXT NOT NULL,               -- 'order.paid'
  at_us  BIGINT NOT NULL,
  day    BIGINT NOT NULL,             -- 20260131, Asia/Shanghai
  memo   TEXT NOT NULL DEFAULT ''
);
-- Ids are made in the order of time: a day's transactions are a range of ids.
CREATE TABLE ledger_posting (
  txn_id TEXT NOT NULL REFERENCES ledger_txn (id),
  seq    BIGINT NOT NULL,
  path   TEXT NOT NULL REFERENCES ledger_account (path),
  fen    BIGINT NOT NULL CHECK (fen <> 0),
  PRIMARY KEY (txn_id, seq)
);
CREATE INDEX ledger_posting_path ON ledger_posting (path, txn_id);

-- Funds that may never be overdrawn (package promise has the chart).
INSERT INTO ledger_account (path, kind, max_fen, opened_us) VALUES
  ('refund/buyers/due', 'liability', 0, 0),
  ('charity/fund', 'liability', 0, 0),
  ('growth/fund', 'liability', 0, 0);

-- Settings of the centre that are changed on a page, not in a file.
CREATE TABLE setting (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,           -- JSON
  changed_us BIGINT NOT NULL,
  changed_by TEXT NOT NULL
);

-- +goose Down
DROP TABLE setting;
DROP TABLE ledger_posting;
DROP TABLE ledger_txn;
DROP TABLE ledger_account;
DROP TABLE audit_event;
