-- +goose Up
CREATE TABLE sale_order (
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
  UNIQUE (buyer_id, idem_key),
  CHECK (total_fen = goods_fen + freight_fen)
);
-- A buyer's orders are found by the index of (buyer_id, idem_key): one index
-- less to write in a flash sale.
CREATE INDEX sale_order_show ON sale_order (show_id, id);
CREATE INDEX sale_order_unpaid ON sale_order (expires_us) WHERE state = 'unpaid';
CREATE INDEX sale_order_paid ON sale_order (paid_us) WHERE state = 'paid';
CREATE TABLE order_line (
  id             TEXT NOT NULL,
  order_id       TEXT NOT NULL REFERENCES sale_order (id),
  item_id        TEXT NOT NULL DEFAULT '', -- of the show; '' when bought outside a show
  product_id     TEXT NOT NULL,
  name           TEXT NOT NULL,       -- as shown when it was ordered, like all below
  sell_unit      TEXT NOT NULL,
  net_weight_g   BIGINT NOT NULL,
  gross_weight_g BIGINT NOT NULL,
  units          BIGINT NOT NULL CHECK (units > 0),
  price_fen      BIGINT NOT NULL CHECK (price_fen > 0),
  goods_fen      BIGINT NOT NULL,
  return_rule    TEXT NOT NULL,
  PRIMARY KEY (order_id, id),
  CHECK (goods_fen = price_fen * units)
);
-- What each producer is owed of a line, and what is taken off by whom: the fee
-- snapshot. One row a lot the line was filled from.
CREATE TABLE order_share (
  reservation_id TEXT NOT NULL,
  order_id       TEXT NOT NULL REFERENCES sale_order (id),
  line_id        TEXT NOT NULL,
  lot_id         TEXT NOT NULL,
  producer_id    TEXT NOT NULL,
  local          BOOLEAN NOT NULL,
  settlement     TEXT NOT NULL,
  units          BIGINT NOT NULL,
  goods_fen      BIGINT NOT NULL,     -- units x price
  commission_bp  BIGINT NOT NULL,
  commission_fen BIGINT NOT NULL,
  owed_fen       BIGINT NOT NULL,     -- to the producer
  margin_fen     BIGINT NOT NULL,     -- to the centre's own trade (resale)
  PRIMARY KEY (order_id, reservation_id),
  CHECK (goods_fen = commission_fen + owed_fen + margin_fen),
  CHECK (NOT local OR commission_fen = 0)
);
CREATE INDEX order_share_producer ON order_share (producer_id, order_id);

-- +goose Down
DROP TABLE order_share;
DROP TABLE order_line;
DROP TABLE sale_order;
