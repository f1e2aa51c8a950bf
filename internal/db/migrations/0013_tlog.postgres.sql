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
CREATE FUNCTION refuse_leaf_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
    AND (OLD.id, OLD.ref, OLD.kind, OLD.body, OLD.opening, OLD.salt, OLD.at_us) = (NEW.id, NEW.ref, NEW.kind, NEW.body, NEW.opening, NEW.salt, NEW.at_us) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'log_leaf is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_leaf_append_only BEFORE UPDATE OR DELETE ON log_leaf FOR EACH ROW EXECUTE FUNCTION refuse_leaf_change();
CREATE TRIGGER log_head_append_only BEFORE UPDATE OR DELETE ON log_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_origin_append_only BEFORE UPDATE OR DELETE ON log_origin FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_cosignature_append_only BEFORE UPDATE OR DELETE ON log_cosignature FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- +goose Down
DROP TABLE log_cosignature;
DROP TABLE log_origin;
DROP TABLE log_head;
DROP TABLE log_leaf;
DROP FUNCTION refuse_leaf_change();
