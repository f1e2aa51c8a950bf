-- +goose Up
-- Freight by province: first weight, then each further step; free over an
-- amount of goods; no delivery. province '' is the rule for all others.
CREATE TABLE freight_rule (
  province   TEXT PRIMARY KEY,
  deliver    BOOLEAN NOT NULL,
  first_g    BIGINT NOT NULL CHECK (first_g > 0),
  first_fen  BIGINT NOT NULL CHECK (first_fen >= 0),
  next_g     BIGINT NOT NULL CHECK (next_g > 0),
  next_fen   BIGINT NOT NULL CHECK (next_fen >= 0),
  free_over_fen BIGINT NOT NULL DEFAULT 0,  -- 0: never free
  changed_us BIGINT NOT NULL,
  changed_by TEXT NOT NULL
);
CREATE TABLE shipment (
  id          TEXT PRIMARY KEY,
  order_id    TEXT NOT NULL UNIQUE,
  carrier     TEXT NOT NULL,
  tracking_no TEXT NOT NULL,
  actor_id    TEXT NOT NULL,
  shipped_us  BIGINT NOT NULL
);
CREATE INDEX shipment_tracking ON shipment (tracking_no);

-- +goose Down
DROP TABLE shipment;
DROP TABLE freight_rule;
