-- +goose Up
-- A gateway's bill of a day: asked for until it is there.
CREATE TABLE recon_day (
  gateway  TEXT NOT NULL,
  day      BIGINT NOT NULL,             -- Asia/Shanghai
  state    TEXT NOT NULL CHECK (state IN ('waiting','done')),
  tries    BIGINT NOT NULL DEFAULT 0,
  next_us  BIGINT NOT NULL,             -- when to ask again
  problem  TEXT NOT NULL DEFAULT '',    -- what went wrong last: a message key
  rows_n   BIGINT NOT NULL DEFAULT 0,
  paid_fen BIGINT NOT NULL DEFAULT 0,   -- on the bill
  back_fen BIGINT NOT NULL DEFAULT 0,
  fee_fen  BIGINT NOT NULL DEFAULT 0,
  done_us  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (gateway, day)
);
-- The bill's rows: a movement of money is there once, whatever bill names it.
CREATE TABLE recon_row (
  gateway    TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('pay','refund')),
  ref        TEXT NOT NULL,             -- the provider's number
  ours       TEXT NOT NULL,             -- id of our payment or refund, as the bill names it
  day        BIGINT NOT NULL,           -- of the bill that named it first
  amount_fen BIGINT NOT NULL,
  fee_fen    BIGINT NOT NULL,
  at_us      BIGINT NOT NULL,
  fee_in     TEXT NOT NULL DEFAULT '',  -- the settled difference that booked its fee
  PRIMARY KEY (gateway, kind, ref, ours)
);
CREATE INDEX recon_row_day ON recon_row (gateway, day);
CREATE INDEX recon_row_ours ON recon_row (ours);
-- What does not agree: somebody must settle it.
CREATE TABLE recon_difference (
  id         TEXT PRIMARY KEY,
  gateway    TEXT NOT NULL,
  day        BIGINT NOT NULL,
  what       TEXT NOT NULL,             -- natural key: the same difference is found again
  kind       TEXT NOT NULL CHECK (kind IN ('missing_there','missing_here','amount','fee','double')),
  object     TEXT NOT NULL CHECK (object IN ('pay','refund','fee')),
  ours       TEXT NOT NULL DEFAULT '',  -- our payment or refund
  ref        TEXT NOT NULL DEFAULT '',
  order_id   TEXT NOT NULL DEFAULT '',
  ours_fen   BIGINT NOT NULL,
  theirs_fen BIGINT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('open','settled','gone')),
  how        TEXT NOT NULL DEFAULT '' CHECK (how IN ('','noted','fee','quarantine')),
  note       TEXT NOT NULL DEFAULT '',
  found_us   BIGINT NOT NULL,
  done_us    BIGINT NOT NULL DEFAULT 0,
  done_by    TEXT NOT NULL DEFAULT '',
  UNIQUE (gateway, what),
  CHECK ((state = 'settled') = (how <> ''))
);
CREATE INDEX recon_difference_open ON recon_difference (gateway, day) WHERE state = 'open';
CREATE INDEX recon_difference_day ON recon_difference (day);
-- What came and went of a day, for reconciliation and the finance page.
CREATE INDEX payment_paid ON payment (paid_us) WHERE state = 'paid';
CREATE INDEX refund_done ON refund (done_us) WHERE state = 'done';

-- +goose Down
DROP INDEX refund_done;
DROP INDEX payment_paid;
DROP TABLE recon_difference;
DROP TABLE recon_row;
DROP TABLE recon_day;
