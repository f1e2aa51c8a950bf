-- +goose Up
CREATE TABLE payment (
  id          TEXT PRIMARY KEY,       -- also the provider's out_trade_no
  order_id    TEXT NOT NULL,
  gateway     TEXT NOT NULL,          -- 'sandbox', 'offline', …
  amount_fen  BIGINT NOT NULL CHECK (amount_fen > 0),
  state       TEXT NOT NULL CHECK (state IN ('open','paid','closed')),
  gateway_ref TEXT NOT NULL DEFAULT '', -- the provider's number
  pay_url     TEXT NOT NULL DEFAULT '',
  proof       TEXT NOT NULL DEFAULT '', -- of an offline transfer: what finance saw
  created_us  BIGINT NOT NULL,
  paid_us     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX payment_order ON payment (order_id, created_us);
CREATE INDEX payment_open ON payment (created_us) WHERE state = 'open';
-- Every callback that verified, once; what could not be applied waits for finance.
CREATE TABLE payment_callback (
  id          TEXT PRIMARY KEY,
  gateway     TEXT NOT NULL,
  event_id    TEXT NOT NULL,
  payment_id  TEXT NOT NULL,
  amount_fen  BIGINT NOT NULL,
  outcome     TEXT NOT NULL CHECK (outcome IN ('applied','repeated','late_refund','quarantined')),
  reason      TEXT NOT NULL DEFAULT '',
  at_us       BIGINT NOT NULL,
  settled_us  BIGINT NOT NULL DEFAULT 0, -- a quarantined one that finance has settled
  settled_by  TEXT NOT NULL DEFAULT '',
  UNIQUE (gateway, event_id)
);
CREATE INDEX payment_callback_open ON payment_callback (at_us) WHERE outcome = 'quarantined' AND settled_us = 0;
CREATE TABLE refund (
  id          TEXT PRIMARY KEY,       -- also the provider's out_refund_no
  payment_id  TEXT NOT NULL REFERENCES payment (id),
  order_id    TEXT NOT NULL,
  amount_fen  BIGINT NOT NULL CHECK (amount_fen > 0),
  reason      TEXT NOT NULL CHECK (reason IN ('late','cancelled','after_sale')),
  state       TEXT NOT NULL CHECK (state IN ('pending','done','failed')),
  gateway_ref TEXT NOT NULL DEFAULT '',
  created_us  BIGINT NOT NULL,
  done_us     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX refund_order ON refund (order_id);
CREATE INDEX refund_pending ON refund (created_us) WHERE state = 'pending';

-- +goose Down
DROP TABLE refund;
DROP TABLE payment_callback;
DROP TABLE payment;
