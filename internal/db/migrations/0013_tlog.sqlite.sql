-- The public log (package tlog).
-- +goose Up
-- One row a leaf, fixed in the transaction of what it tells of. seq is its
-- place in the log, given once by the follower.
CREATE TABLE log_leaf (
  id      TEXT PRIMARY KEY,
  ref     TEXT NOT NULL UNIQUE,       -- idempotency: 'txn/order/<id>/paid'; never public
  kind    TEXT NOT NULL,              -- 'order.paid'
  body    TEXT NOT NULL,              -- the entry as it stands in the log
  opening TEXT NOT NULL DEFAULT '',   -- what the entry's commitment was made of; '' for none
  salt    TEXT NOT NULL DEFAULT '',   -- 64 hex digits
  at_us   BIGINT NOT NULL,
  seq     BIGINT                      -- NULL until the follower took it
);
CREATE UNIQUE INDEX log_leaf_seq ON log_leaf (seq) WHERE seq IS NOT NULL;
CREATE INDEX log_leaf_waiting ON log_leaf (id) WHERE seq IS NULL;
-- Roots of the tree as they were, to hold the rows against.
CREATE TABLE log_head (
  size  BIGINT PRIMARY KEY CHECK (size >= 0),
  root  TEXT NOT NULL,                -- 64 hex digits
  at_us BIGINT NOT NULL
);
-- Whose log it is: the newest row counts.
CREATE TABLE log_origin (
  id     TEXT PRIMARY KEY,
  origin TEXT NOT NULL,               -- first line of every checkpoint
  vkey   TEXT NOT NULL,               -- verifier key (C2SP signed-note)
  at_us  BIGINT NOT NULL
);
-- Cosignatures of witnesses (C2SP tlog-cosignature).
CREATE TABLE log_cosignature (
  size  BIGINT NOT NULL,
  name  TEXT NOT NULL,                -- of the witness's key
  note  TEXT NOT NULL,                -- the checkpoint with the log's and the witness's signature
  at_us BIGINT NOT NULL,
  PRIMARY KEY (size, name)
);
-- +goose StatementBegin
CREATE TRIGGER log_leaf_no_update BEFORE UPDATE ON log_leaf
WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL OR OLD.id <> NEW.id OR OLD.ref <> NEW.ref OR OLD.kind <> NEW.kind OR OLD.body <> NEW.body
  OR OLD.opening <> NEW.opening OR OLD.salt <> NEW.salt OR OLD.at_us <> NEW.at_us
BEGIN SELECT RAISE(ABORT, 'log_leaf is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_leaf_no_delete BEFORE DELETE ON log_leaf BEGIN SELECT RAISE(ABORT, 'log_leaf is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_head_no_update BEFORE UPDATE ON log_head BEGIN SELECT RAISE(ABORT, 'log_head is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head BEGIN SELECT RAISE(ABORT, 'log_head is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_origin_no_update BEFORE UPDATE ON log_origin BEGIN SELECT RAISE(ABORT, 'log_origin is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_origin_no_delete BEFORE DELETE ON log_origin BEGIN SELECT RAISE(ABORT, 'log_origin is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_cosignature_no_update BEFORE UPDATE ON log_cosignature BEGIN SELECT RAISE(ABORT, 'log_cosignature is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_cosignature_no_delete BEFORE DELETE ON log_cosignature BEGIN SELECT RAISE(ABORT, 'log_cosignature is append-only'); END;
-- +goose StatementEnd
-- +goose Down
DROP TABLE log_cosignature;
DROP TABLE log_origin;
DROP TABLE log_head;
DROP TABLE log_leaf;
