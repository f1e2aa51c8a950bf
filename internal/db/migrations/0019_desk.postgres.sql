-- +goose Up
-- The sweep that moves orders on reads them by when they were shipped and
-- received; a new order is in neither, so the desk does not pay for these.
CREATE INDEX sale_order_shipped ON sale_order (shipped_us, id) WHERE state = 'shipped';
CREATE INDEX sale_order_received ON sale_order (received_us, id) WHERE state = 'received';
-- Every posting locked its account's row once more to see that it is there, and
-- the hot accounts are in every order. A posting is only ever written after the
-- statement that opens or moves its account, in one function; fsck compares.
ALTER TABLE ledger_posting DROP CONSTRAINT IF EXISTS ledger_posting_path_fkey;
-- What a key was answered when no order came of it: the same key gets the same
-- answer for a day (docs/domain.md).
ALTER TABLE sale_order ADD COLUMN first_expires_us BIGINT NOT NULL DEFAULT 0; -- what expires_us was before it was put off; 0: it never was
CREATE TABLE order_refusal (
  buyer_id  TEXT NOT NULL,
  idem_key  TEXT NOT NULL,
  idem_hash TEXT NOT NULL,
  fault     TEXT NOT NULL,            -- JSON: kind, key, field, args
  at_us     BIGINT NOT NULL,
  PRIMARY KEY (buyer_id, idem_key)
);
CREATE INDEX order_refusal_at ON order_refusal (at_us);
-- +goose Down
DROP TABLE order_refusal;
ALTER TABLE sale_order DROP COLUMN first_expires_us;
ALTER TABLE ledger_posting ADD FOREIGN KEY (path) REFERENCES ledger_account (path);
DROP INDEX sale_order_received;
DROP INDEX sale_order_shipped;
