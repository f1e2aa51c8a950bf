-- +goose Up
-- Who gets a producer's part at a provider, for products settled by split. A
-- changed account is where money gets stolen: another person confirms it.
CREATE TABLE split_receiver (
  producer_id  TEXT NOT NULL,
  gateway      TEXT NOT NULL,
  account      TEXT NOT NULL,           -- the provider's name of the receiver: a merchant's number, a person's openid
  person       BOOLEAN NOT NULL,
  set_by       TEXT NOT NULL,
  set_us       BIGINT NOT NULL,
  confirmed_by TEXT NOT NULL DEFAULT '',
  confirmed_us BIGINT NOT NULL DEFAULT 0, -- 0: nothing is paid there yet
  PRIMARY KEY (producer_id, gateway)
);
-- What a provider is to share of a payment, once its order is done.
CREATE TABLE split (
  id          TEXT PRIMARY KEY,         -- also the provider's out_order_no
  payment_id  TEXT NOT NULL UNIQUE REFERENCES payment (id),
  order_id    TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('pending','done','failed','given_up')),
  gateway_ref TEXT NOT NULL DEFAULT '',
  tries       BIGINT NOT NULL DEFAULT 0,
  next_us     BIGINT NOT NULL,
  problem     TEXT NOT NULL DEFAULT '', -- what went wrong last: a message key
  created_us  BIGINT NOT NULL,
  done_us     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX split_pending ON split (next_us) WHERE state = 'pending';
CREATE INDEX split_open ON split (created_us) WHERE state IN ('pending','failed');
CREATE INDEX split_order ON split (order_id);
CREATE TABLE split_part (
  split_id    TEXT NOT NULL REFERENCES split (id),
  producer_id TEXT NOT NULL,
  local       BOOLEAN NOT NULL,
  amount_fen  BIGINT NOT NULL CHECK (amount_fen > 0),
  PRIMARY KEY (split_id, producer_id)
);

-- +goose Down
DROP TABLE split_part;
DROP TABLE split;
DROP TABLE split_receiver;
