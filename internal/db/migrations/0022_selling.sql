-- +goose Up
-- A coupon of a show: so much off, for so many people, once each.
CREATE TABLE coupon (
  id         TEXT PRIMARY KEY,
  show_id    TEXT NOT NULL REFERENCES live_show (id),
  off_fen    BIGINT NOT NULL CHECK (off_fen > 0),
  over_fen   BIGINT NOT NULL CHECK (over_fen >= 0),     -- goods worth at least this; 0: any
  total      BIGINT NOT NULL CHECK (total BETWEEN 1 AND 100000),
  taken      BIGINT NOT NULL DEFAULT 0,                 -- claims; fsck recomputes
  hours      BIGINT NOT NULL CHECK (hours BETWEEN 0 AND 168), -- valid so long from when it was taken; 0: as long as the show
  bearer     TEXT NOT NULL CHECK (bearer IN ('centre')),
  dropped_us BIGINT NOT NULL DEFAULT 0,                 -- put into the room
  ended_us   BIGINT NOT NULL DEFAULT 0,                 -- nobody takes one after that
  idem_key   TEXT NOT NULL UNIQUE,
  actor_id   TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  CHECK (taken >= 0 AND taken <= total),
  CHECK (over_fen = 0 OR over_fen > off_fen)
);
CREATE INDEX coupon_show ON coupon (show_id, id);
-- The products it is for; none: all of the show.
CREATE TABLE coupon_product (
  coupon_id  TEXT NOT NULL REFERENCES coupon (id),
  product_id TEXT NOT NULL,
  PRIMARY KEY (coupon_id, product_id)
);
-- A person's own. order_id says which order uses it now; it comes free again
-- when that order is closed.
CREATE TABLE coupon_claim (
  id        TEXT PRIMARY KEY,
  coupon_id TEXT NOT NULL REFERENCES coupon (id),
  user_id   TEXT NOT NULL,
  order_id  TEXT NOT NULL DEFAULT '',
  at_us     BIGINT NOT NULL,
  until_us  BIGINT NOT NULL,   -- 0: as long as the show
  UNIQUE (coupon_id, user_id)
);
CREATE INDEX coupon_claim_user ON coupon_claim (user_id, id);
CREATE UNIQUE INDEX coupon_claim_order ON coupon_claim (order_id) WHERE order_id <> '';
-- What a coupon took off an order, by line: written only where there is one.
CREATE TABLE order_discount (
  order_id  TEXT NOT NULL REFERENCES sale_order (id),
  line_id   TEXT NOT NULL,
  claim_id  TEXT NOT NULL,
  coupon_id TEXT NOT NULL,
  fen       BIGINT NOT NULL CHECK (fen > 0),
  bearer    TEXT NOT NULL,
  PRIMARY KEY (order_id, line_id)
);
-- The sums of it, so that an order without a coupon costs no look.
ALTER TABLE sale_order ADD COLUMN discount_fen BIGINT NOT NULL DEFAULT 0 CHECK (discount_fen >= 0 AND discount_fen <= goods_fen);
ALTER TABLE order_line ADD COLUMN discount_fen BIGINT NOT NULL DEFAULT 0 CHECK (discount_fen >= 0 AND discount_fen <= goods_fen);
-- Of goods_fen, what the coupon had taken off: the buyer gets that much less back.
ALTER TABLE refund_part ADD COLUMN discount_fen BIGINT NOT NULL DEFAULT 0 CHECK (discount_fen >= 0 AND discount_fen <= goods_fen);

-- The price guard: what a product is sold for at least and at most.
CREATE TABLE price_bound (
  product_id  TEXT PRIMARY KEY,
  floor_fen   BIGINT NOT NULL CHECK (floor_fen >= 0),   -- 0: none but the lots'
  ceiling_fen BIGINT NOT NULL CHECK (ceiling_fen >= 0), -- 0: none
  actor_id    TEXT NOT NULL,
  changed_us  BIGINT NOT NULL,
  CHECK (ceiling_fen = 0 OR ceiling_fen >= floor_fen)
);
-- A price outside the guard that waits for a second signer.
CREATE TABLE price_request (
  id          TEXT PRIMARY KEY,
  show_id     TEXT NOT NULL,
  item_id     TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('price','flash')),
  old_fen     BIGINT NOT NULL,
  new_fen     BIGINT NOT NULL CHECK (new_fen > 0),
  floor_fen   BIGINT NOT NULL,      -- as they were when it was asked
  ceiling_fen BIGINT NOT NULL,
  reason      TEXT NOT NULL,
  detail      TEXT NOT NULL,        -- JSON: a flash sale's other fields
  state       TEXT NOT NULL CHECK (state IN ('waiting','approved','refused')), -- waiting and over expires_us: expired
  asked_by    TEXT NOT NULL,
  asked_us    BIGINT NOT NULL,
  expires_us  BIGINT NOT NULL,
  decided_by  TEXT NOT NULL DEFAULT '',
  decided_us  BIGINT NOT NULL DEFAULT 0,
  note        TEXT NOT NULL DEFAULT '',
  idem_key    TEXT NOT NULL UNIQUE,
  CHECK (decided_by = '' OR decided_by <> asked_by),
  CHECK ((state = 'waiting') = (decided_by = ''))
);
CREATE INDEX price_request_show ON price_request (show_id, id);
CREATE INDEX price_request_waiting ON price_request (expires_us) WHERE state = 'waiting';
CREATE INDEX price_request_item ON price_request (item_id, id);
-- The lowest price two people have signed for an item: it may be sold below a
-- lot's floor, down to this. 0: nothing was signed.
ALTER TABLE show_item ADD COLUMN cleared_fen BIGINT NOT NULL DEFAULT 0;

-- Who waits for more of a sold-out item, one row a person and item.
CREATE TABLE wait_entry (
  id       TEXT PRIMARY KEY,
  item_id  TEXT NOT NULL,
  show_id  TEXT NOT NULL,
  user_id  TEXT NOT NULL,
  units    BIGINT NOT NULL CHECK (units BETWEEN 1 AND 99),
  sms      BOOLEAN NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('waiting','told','left')),
  at_us    BIGINT NOT NULL,            -- place in the line
  told_us  BIGINT NOT NULL DEFAULT 0,
  sms_us   BIGINT NOT NULL DEFAULT 0,  -- the text left, or was given up
  sms_tries BIGINT NOT NULL DEFAULT 0,
  UNIQUE (item_id, user_id)
);
CREATE INDEX wait_entry_line ON wait_entry (item_id, at_us) WHERE state = 'waiting';
CREATE INDEX wait_entry_user ON wait_entry (user_id, show_id);
CREATE INDEX wait_entry_sms ON wait_entry (told_us) WHERE state = 'told' AND sms AND sms_us = 0;
CREATE INDEX wait_entry_show ON wait_entry (show_id);

-- +goose Down
DROP TABLE wait_entry;
ALTER TABLE show_item DROP COLUMN cleared_fen;
DROP TABLE price_request;
DROP TABLE price_bound;
ALTER TABLE refund_part DROP COLUMN discount_fen;
ALTER TABLE order_line DROP COLUMN discount_fen;
ALTER TABLE sale_order DROP COLUMN discount_fen;
DROP TABLE order_discount;
DROP TABLE coupon_claim;
DROP TABLE coupon_product;
DROP TABLE coupon;
