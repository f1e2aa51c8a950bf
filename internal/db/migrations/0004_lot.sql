-- +goose Up
CREATE TABLE lot (
  id              TEXT PRIMARY KEY,
  no              TEXT NOT NULL UNIQUE, -- for people: '20261122-017'
  product_id      TEXT NOT NULL,
  producer_id     TEXT NOT NULL,
  grade           TEXT NOT NULL,
  harvest_day     BIGINT NOT NULL,
  best_before_day BIGINT NOT NULL DEFAULT 0, -- 0: keeps
  origin          TEXT NOT NULL DEFAULT '',  -- place, as words
  certificate_no  TEXT NOT NULL DEFAULT '',  -- pass certificate of farm produce
  pay_fen         BIGINT NOT NULL DEFAULT 0 CHECK (pay_fen >= 0), -- agreed price a sell unit (resale); 0: the producer gets the whole goods price
  floor_fen       BIGINT NOT NULL CHECK (floor_fen >= 0),  -- never sold cheaper, a sell unit
  state           TEXT NOT NULL CHECK (state IN ('forecast','received','graded','on_sale','closed')),
  -- The two counters are kept by the same statements that write movements and
  -- reservations; fsck recomputes them. The CHECK is the last guard against
  -- overselling.
  on_hand         BIGINT NOT NULL DEFAULT 0, -- base units: sum of movements
  reserved        BIGINT NOT NULL DEFAULT 0, -- base units: sum of held reservations
  created_us      BIGINT NOT NULL,
  CHECK (reserved >= 0 AND on_hand >= reserved)
);
CREATE INDEX lot_product ON lot (product_id, state, best_before_day, harvest_day, id);
CREATE INDEX lot_producer ON lot (producer_id, id);
-- Signed changes of what is on hand. Append-only.
CREATE TABLE stock_movement (
  id       TEXT PRIMARY KEY,
  lot_id   TEXT NOT NULL REFERENCES lot (id),
  kind     TEXT NOT NULL CHECK (kind IN ('receive','count','shrink','reject','ship','return')),
  qty      BIGINT NOT NULL CHECK (qty <> 0), -- base units, + into the lot
  reason   TEXT NOT NULL DEFAULT '',
  ref      TEXT NOT NULL DEFAULT '',  -- order id for ship and return
  actor_id TEXT NOT NULL,
  at_us    BIGINT NOT NULL
);
CREATE INDEX stock_movement_lot ON stock_movement (lot_id, id);
-- What an order line takes from which lot. held: counted in lot.reserved;
-- shipped: gone by a movement; released: given back.
CREATE TABLE lot_reservation (
  id       TEXT NOT NULL,
  lot_id   TEXT NOT NULL REFERENCES lot (id),
  order_id TEXT NOT NULL,
  line_id  TEXT NOT NULL,
  units    BIGINT NOT NULL CHECK (units > 0),  -- sell units
  qty      BIGINT NOT NULL CHECK (qty > 0),    -- base units
  state    TEXT NOT NULL CHECK (state IN ('held','shipped','released')),
  at_us    BIGINT NOT NULL,
  done_us  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (order_id, id)          -- found by order only: one index to write in a flash sale
);

-- +goose Down
DROP TABLE lot_reservation;
DROP TABLE stock_movement;
DROP TABLE lot;
