-- +goose Up
CREATE TABLE payment (
  id          TEXT PRIMARY KEY,       -- also the provider's out_trade_no
  order_id    TEXT NOT NULL,
  gateway     TEXT NOT NULL,          -- 'sandbox', 'offline', …
  amount_fen  BIGINT NOT NULL CHECK (amount_fen > 0),
  state       TEXT NOT NULL CHECK (state IN ('open','paid','closed')),
  late        BOOLEAN NOT NULL DEFAULT FALSE, -- came for an order closed, or paid by another payment: goes back whole
  gateway_ref TEXT NOT NULL DEFAULT '', -- the provider's number
  pay_url     TEXT NOT NULL DEFAULT '',
  proof       TEXT NOT NULL DEFAULT '', -- of an offline transfer: what finance saw
  refunded_fen BIGINT NOT NULL DEFAULT 0, -- promised back, sum of refunds; fsck recomputes
  created_us  BIGINT NOT NULL,
  expires_us  BIGINT NOT NULL DEFAULT 0,  -- the order's, as the provider was told
  paid_us     BIGINT NOT NULL DEFAULT 0,
  closed_us   BIGINT NOT NULL DEFAULT 0,
  query_us    BIGINT NOT NULL DEFAULT 0,  -- when to ask the provider next
  CHECK (refunded_fen BETWEEN 0 AND amount_fen),
  CHECK (refunded_fen = 0 OR state = 'paid')
);
CREATE INDEX payment_order ON payment (order_id, created_us);
CREATE INDEX payment_created ON payment (created_us);
CREATE INDEX payment_open ON payment (query_us) WHERE state = 'open';
-- A buyer who asks twice gets the payment that is open.
CREATE UNIQUE INDEX payment_one_open ON payment (order_id, gateway) WHERE state = 'open';
-- An order is paid once; all other money is late and goes back.
CREATE UNIQUE INDEX payment_one_paid ON payment (order_id) WHERE state = 'paid' AND late = FALSE;
-- Every callback that verified, once; what could not be applied waits for finance.
CREATE TABLE payment_callback (
  id          TEXT PRIMARY KEY,
  gateway     TEXT NOT NULL,
  event_id    TEXT NOT NULL,
  payment_id  TEXT NOT NULL,
  amount_fen  BIGINT NOT NULL,
  gateway_ref TEXT NOT NULL DEFAULT '',
  outcome     TEXT NOT NULL CHECK (outcome IN ('applied','repeated','late_refund','quarantined')),
  reason      TEXT NOT NULL DEFAULT '' CHECK (reason IN ('','unknown','amount','second_charge')),
  at_us       BIGINT NOT NULL,
  settled_us  BIGINT NOT NULL DEFAULT 0, -- a quarantined one that finance has settled
  settled_by  TEXT NOT NULL DEFAULT '',
  note        TEXT NOT NULL DEFAULT '',  -- how finance settled it
  UNIQUE (gateway, event_id)
);
CREATE INDEX payment_callback_payment ON payment_callback (payment_id, at_us);
CREATE INDEX payment_callback_open ON payment_callback (at_us) WHERE outcome = 'quarantined' AND settled_us = 0;
CREATE TABLE refund (
  id          TEXT PRIMARY KEY,       -- also the provider's out_refund_no
  payment_id  TEXT NOT NULL REFERENCES payment (id),
  order_id    TEXT NOT NULL,
  amount_fen  BIGINT NOT NULL CHECK (amount_fen > 0),
  reason      TEXT NOT NULL CHECK (reason IN ('late','cancelled','after_sale')),
  state       TEXT NOT NULL CHECK (state IN ('pending','done','failed')),
  gateway_ref TEXT NOT NULL DEFAULT '',
  tries       BIGINT NOT NULL DEFAULT 0,
  next_us     BIGINT NOT NULL,        -- when to send it (again)
  problem     TEXT NOT NULL DEFAULT '', -- what went wrong last: a message key, no provider's text
  created_us  BIGINT NOT NULL,
  done_us     BIGINT NOT NULL DEFAULT 0,
  done_by     TEXT NOT NULL DEFAULT '' -- who sent an offline one back by hand
);
CREATE INDEX refund_order ON refund (order_id, created_us);
CREATE INDEX refund_payment ON refund (payment_id);
CREATE INDEX refund_pending ON refund (next_us) WHERE state = 'pending';

-- +goose Down
DROP TABLE refund;
DROP TABLE payment_callback;
DROP TABLE payment;
