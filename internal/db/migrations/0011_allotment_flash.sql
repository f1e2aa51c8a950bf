-- +goose Up
-- A host's slice of a lot: goods only their show (or their shows) may sell,
-- until a time. Quantities are base units.
CREATE TABLE lot_allotment (
  id         TEXT PRIMARY KEY,
  lot_id     TEXT NOT NULL REFERENCES lot (id),
  show_id    TEXT NOT NULL DEFAULT '',  -- for one show …
  host_id    TEXT NOT NULL DEFAULT '',  -- … or for every show of a host
  qty        BIGINT NOT NULL,           -- granted
  taken      BIGINT NOT NULL DEFAULT 0, -- in orders not closed; fsck recomputes
  capped     BOOLEAN NOT NULL,          -- true: when it is used up, they sell no more of the product
  state      TEXT NOT NULL CHECK (state IN ('open','back','expired')),
  expires_us BIGINT NOT NULL,
  idem_key   TEXT NOT NULL UNIQUE,
  actor_id   TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  closed_us  BIGINT NOT NULL DEFAULT 0,
  CHECK (taken >= 0 AND taken <= qty),
  CHECK ((show_id = '') <> (host_id = ''))
);
CREATE INDEX lot_allotment_lot ON lot_allotment (lot_id, id);
CREATE INDEX lot_allotment_open ON lot_allotment (lot_id, expires_us) WHERE state = 'open';
-- What open allotments have left, in base units. It is promised like what is
-- reserved, so the same CHECK guards it.
ALTER TABLE lot ADD COLUMN allotted BIGINT NOT NULL DEFAULT 0 CHECK (allotted >= 0 AND on_hand >= reserved + allotted);
ALTER TABLE lot_reservation ADD COLUMN allotment_id TEXT NOT NULL DEFAULT ''; -- taken from that slice

-- The page's key of a movement: a double tap receives goods once.
ALTER TABLE stock_movement ADD COLUMN idem_key TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX stock_movement_key ON stock_movement (idem_key) WHERE idem_key <> '';

-- A flash sale of an item. Its state follows from the times: no sweep.
CREATE TABLE show_flash (
  id           TEXT PRIMARY KEY,
  show_id      TEXT NOT NULL REFERENCES live_show (id),
  item_id      TEXT NOT NULL REFERENCES show_item (id),
  price_fen    BIGINT NOT NULL CHECK (price_fen > 0),
  normal_fen   BIGINT NOT NULL,           -- the item's price when it was set up
  total        BIGINT NOT NULL CHECK (total BETWEEN 1 AND 1000000),
  sold         BIGINT NOT NULL DEFAULT 0, -- in orders not closed; fsck recomputes
  per_person   BIGINT NOT NULL CHECK (per_person >= 0), -- 0: no limit
  countdown_s  BIGINT NOT NULL CHECK (countdown_s BETWEEN 10 AND 300),
  starts_us    BIGINT NOT NULL,           -- selling begins: the end of the countdown
  ends_us      BIGINT NOT NULL,
  sold_out_us  BIGINT NOT NULL DEFAULT 0,
  cancelled_us BIGINT NOT NULL DEFAULT 0,
  idem_key     TEXT NOT NULL UNIQUE,
  actor_id     TEXT NOT NULL,
  created_us   BIGINT NOT NULL,
  CHECK (sold >= 0 AND sold <= total AND price_fen < normal_fen),
  CHECK (ends_us - starts_us BETWEEN 60000000 AND 1200000000)
);
CREATE INDEX show_flash_show ON show_flash (show_id, id);
ALTER TABLE show_item ADD COLUMN flash_id TEXT NOT NULL DEFAULT ''; -- its latest; so an item without one costs no look
ALTER TABLE order_line ADD COLUMN flash_id TEXT NOT NULL DEFAULT ''; -- bought in that flash sale

-- "+N" of an item, by the page's key.
CREATE TABLE show_release (
  idem_key TEXT PRIMARY KEY,
  item_id  TEXT NOT NULL REFERENCES show_item (id),
  units    BIGINT NOT NULL CHECK (units > 0),
  actor_id TEXT NOT NULL,
  at_us    BIGINT NOT NULL
);

-- How many orders a person owes, for the limit: a small index, paid orders leave it.
CREATE INDEX sale_order_debtor ON sale_order (buyer_id) WHERE state = 'unpaid';

-- Parcels by producer: an order is part-shipped until all have left. Rows of
-- one id are one parcel.
ALTER TABLE sale_order ADD COLUMN part_us BIGINT NOT NULL DEFAULT 0; -- the first of several parcels left
CREATE TABLE shipment_part (
  id          TEXT NOT NULL,
  order_id    TEXT NOT NULL,
  producer_id TEXT NOT NULL,
  carrier     TEXT NOT NULL,
  tracking_no TEXT NOT NULL,
  actor_id    TEXT NOT NULL,
  shipped_us  BIGINT NOT NULL,
  PRIMARY KEY (order_id, producer_id)
);
INSERT INTO shipment_part (id, order_id, producer_id, carrier, tracking_no, actor_id, shipped_us)
SELECT s.id, s.order_id, x.producer_id, s.carrier, s.tracking_no, s.actor_id, s.shipped_us
FROM shipment s JOIN (SELECT DISTINCT order_id, producer_id FROM order_share) x ON x.order_id = s.order_id;
DROP TABLE shipment;
ALTER TABLE shipment_part RENAME TO shipment;
CREATE INDEX shipment_tracking ON shipment (tracking_no);

-- +goose Down
DROP INDEX shipment_tracking;
ALTER TABLE shipment RENAME TO shipment_part;
CREATE TABLE shipment (
  id          TEXT PRIMARY KEY,
  order_id    TEXT NOT NULL UNIQUE,
  carrier     TEXT NOT NULL,
  tracking_no TEXT NOT NULL,
  actor_id    TEXT NOT NULL,
  shipped_us  BIGINT NOT NULL
);
INSERT INTO shipment (id, order_id, carrier, tracking_no, actor_id, shipped_us)
SELECT min(id), order_id, min(carrier), min(tracking_no), min(actor_id), min(shipped_us) FROM shipment_part GROUP BY order_id;
DROP TABLE shipment_part;
CREATE INDEX shipment_tracking ON shipment (tracking_no);
ALTER TABLE sale_order DROP COLUMN part_us;
DROP INDEX sale_order_debtor;
DROP TABLE show_release;
ALTER TABLE order_line DROP COLUMN flash_id;
ALTER TABLE show_item DROP COLUMN flash_id;
DROP TABLE show_flash;
DROP INDEX stock_movement_key;
ALTER TABLE stock_movement DROP COLUMN idem_key;
ALTER TABLE lot_reservation DROP COLUMN allotment_id;
ALTER TABLE lot DROP COLUMN allotted;
DROP TABLE lot_allotment;
