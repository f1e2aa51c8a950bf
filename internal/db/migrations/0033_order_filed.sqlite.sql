-- +goose NO TRANSACTION
-- +goose Up
-- An order used to cost a page of its own in the index of (buyer, key), as
-- buyers come in no order. Keys that pages make begin with the time: the guard
-- that one key makes one order is now written side by side. Whose orders are
-- whose is filed some thousand orders at a time (order.File); until then the
-- view finds them at the end of the table. Foreign keys can't be turned off
-- inside a transaction, so this file opens its own.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS sale_order_new;
CREATE TABLE sale_order_new (
  seq          INTEGER PRIMARY KEY,   -- in the order of commit, which ids are only nearly
  id           TEXT NOT NULL UNIQUE,
  no           TEXT NOT NULL UNIQUE,
  buyer_id     TEXT NOT NULL,
  show_id      TEXT NOT NULL DEFAULT '',
  state        TEXT NOT NULL CHECK (state = 'unpaid' OR state IN ('paid','shipped','received','done','closed')),
  goods_fen    BIGINT NOT NULL CHECK (goods_fen > 0),
  freight_fen  BIGINT NOT NULL CHECK (freight_fen >= 0),
  total_fen    BIGINT NOT NULL,
  province     TEXT NOT NULL,
  city         TEXT NOT NULL,
  address_enc  TEXT NOT NULL,         -- JSON of name, phone, district, detail as they stood
  note         TEXT NOT NULL DEFAULT '',
  no_return_ok BOOLEAN NOT NULL,      -- the buyer ticked "can't be returned"
  idem_key     TEXT NOT NULL,
  idem_hash    TEXT NOT NULL,         -- of the request: the same key with another body is an error
  placed_us    BIGINT NOT NULL,
  expires_us   BIGINT NOT NULL,
  paid_us      BIGINT NOT NULL DEFAULT 0,
  shipped_us   BIGINT NOT NULL DEFAULT 0,
  received_us  BIGINT NOT NULL DEFAULT 0,
  done_us      BIGINT NOT NULL DEFAULT 0,
  closed_us    BIGINT NOT NULL DEFAULT 0,
  close_reason TEXT NOT NULL DEFAULT '' CHECK (close_reason = '' OR close_reason IN ('expired','cancelled','refunded')),
  part_us      BIGINT NOT NULL DEFAULT 0,
  refunded_freight_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_freight_fen BETWEEN 0 AND freight_fen),
  first_expires_us     BIGINT NOT NULL DEFAULT 0,
  discount_fen         BIGINT NOT NULL DEFAULT 0 CHECK (discount_fen >= 0 AND discount_fen <= goods_fen),
  placing_id           TEXT NOT NULL DEFAULT '',
  UNIQUE (idem_key, buyer_id),
  CHECK (total_fen = goods_fen + freight_fen)
);
INSERT INTO sale_order_new (id, no, buyer_id, show_id, state, goods_fen, freight_fen, total_fen, province, city, address_enc, note, no_return_ok, idem_key, idem_hash, placed_us,
  expires_us, paid_us, shipped_us, received_us, done_us, closed_us, close_reason, part_us, refunded_freight_fen, first_expires_us, discount_fen, placing_id)
  SELECT id, no, buyer_id, show_id, state, goods_fen, freight_fen, total_fen, province, city, address_enc, note, no_return_ok, idem_key, idem_hash, placed_us,
  expires_us, paid_us, shipped_us, received_us, done_us, closed_us, close_reason, part_us, refunded_freight_fen, first_expires_us, discount_fen, placing_id
  FROM sale_order ORDER BY id;
DROP TABLE sale_order;
ALTER TABLE sale_order_new RENAME TO sale_order;
CREATE INDEX sale_order_show ON sale_order (show_id, id);
CREATE INDEX sale_order_unpaid ON sale_order (expires_us) WHERE state = 'unpaid';
CREATE INDEX sale_order_paid ON sale_order (paid_us) WHERE state = 'paid';
CREATE INDEX sale_order_shipped ON sale_order (shipped_us, id) WHERE state = 'shipped';
CREATE INDEX sale_order_received ON sale_order (received_us, id) WHERE state = 'received';

CREATE TABLE order_filed (
  buyer_id TEXT NOT NULL,
  seq      BIGINT NOT NULL,           -- of sale_order
  PRIMARY KEY (buyer_id, seq)
) WITHOUT ROWID;
INSERT INTO order_filed SELECT buyer_id, seq FROM sale_order ORDER BY buyer_id, seq;
CREATE TABLE order_filed_upto (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq BIGINT NOT NULL                 -- all up to it are filed
);
INSERT INTO order_filed_upto SELECT 1, coalesce(max(seq), 0) FROM sale_order;
CREATE VIEW order_of_buyer (buyer_id, seq) AS
  SELECT buyer_id, seq FROM order_filed
  UNION ALL SELECT buyer_id, seq FROM sale_order WHERE seq > (SELECT seq FROM order_filed_upto);
COMMIT;
PRAGMA foreign_keys = ON;

-- +goose Down
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP VIEW order_of_buyer;
DROP TABLE order_filed_upto;
DROP TABLE order_filed;
DROP TABLE IF EXISTS sale_order_new;
CREATE TABLE sale_order_new (
  id           TEXT PRIMARY KEY,
  no           TEXT NOT NULL UNIQUE,
  buyer_id     TEXT NOT NULL,
  show_id      TEXT NOT NULL DEFAULT '',
  state        TEXT NOT NULL CHECK (state IN ('unpaid','paid','shipped','received','done','closed')),
  goods_fen    BIGINT NOT NULL CHECK (goods_fen > 0),
  freight_fen  BIGINT NOT NULL CHECK (freight_fen >= 0),
  total_fen    BIGINT NOT NULL,
  province     TEXT NOT NULL,
  city         TEXT NOT NULL,
  address_enc  TEXT NOT NULL,         -- JSON of name, phone, district, detail as they stood
  note         TEXT NOT NULL DEFAULT '',
  no_return_ok BOOLEAN NOT NULL,      -- the buyer ticked "can't be returned"
  idem_key     TEXT NOT NULL,
  idem_hash    TEXT NOT NULL,         -- of the request: the same key with another body is an error
  placed_us    BIGINT NOT NULL,
  expires_us   BIGINT NOT NULL,
  paid_us      BIGINT NOT NULL DEFAULT 0,
  shipped_us   BIGINT NOT NULL DEFAULT 0,
  received_us  BIGINT NOT NULL DEFAULT 0,
  done_us      BIGINT NOT NULL DEFAULT 0,
  closed_us    BIGINT NOT NULL DEFAULT 0,
  close_reason TEXT NOT NULL DEFAULT '' CHECK (close_reason IN ('','expired','cancelled','refunded')),
  part_us      BIGINT NOT NULL DEFAULT 0,
  refunded_freight_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_freight_fen BETWEEN 0 AND freight_fen),
  first_expires_us     BIGINT NOT NULL DEFAULT 0,
  discount_fen         BIGINT NOT NULL DEFAULT 0 CHECK (discount_fen >= 0 AND discount_fen <= goods_fen),
  placing_id           TEXT NOT NULL DEFAULT '',
  UNIQUE (buyer_id, idem_key),
  CHECK (total_fen = goods_fen + freight_fen)
);
INSERT INTO sale_order_new (id, no, buyer_id, show_id, state, goods_fen, freight_fen, total_fen, province, city, address_enc, note, no_return_ok, idem_key, idem_hash, placed_us,
  expires_us, paid_us, shipped_us, received_us, done_us, closed_us, close_reason, part_us, refunded_freight_fen, first_expires_us, discount_fen, placing_id)
  SELECT id, no, buyer_id, show_id, state, goods_fen, freight_fen, total_fen, province, city, address_enc, note, no_return_ok, idem_key, idem_hash, placed_us,
  expires_us, paid_us, shipped_us, received_us, done_us, closed_us, close_reason, part_us, refunded_freight_fen, first_expires_us, discount_fen, placing_id
  FROM sale_order ORDER BY seq;
DROP TABLE sale_order;
ALTER TABLE sale_order_new RENAME TO sale_order;
CREATE INDEX sale_order_show ON sale_order (show_id, id);
CREATE INDEX sale_order_unpaid ON sale_order (expires_us) WHERE state = 'unpaid';
CREATE INDEX sale_order_paid ON sale_order (paid_us) WHERE state = 'paid';
CREATE INDEX sale_order_shipped ON sale_order (shipped_us, id) WHERE state = 'shipped';
CREATE INDEX sale_order_received ON sale_order (received_us, id) WHERE state = 'received';
COMMIT;
PRAGMA foreign_keys = ON;
