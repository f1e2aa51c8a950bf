-- +goose Up
-- What of an order was taken back after it was paid. The CHECKs are the last
-- guard: no line and no freight goes back twice.
ALTER TABLE order_line ADD COLUMN refunded_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND goods_fen);
ALTER TABLE order_line ADD COLUMN refunded_units BIGINT NOT NULL DEFAULT 0 CHECK (refunded_units BETWEEN 0 AND units);
ALTER TABLE sale_order ADD COLUMN refunded_freight_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_freight_fen BETWEEN 0 AND freight_fen);
-- Units given back to the lot before the parcel left; the rest is shipped.
ALTER TABLE lot_reservation ADD COLUMN back_units BIGINT NOT NULL DEFAULT 0 CHECK (back_units BETWEEN 0 AND units);
ALTER TABLE lot_reservation ADD COLUMN back_qty BIGINT NOT NULL DEFAULT 0 CHECK (back_qty BETWEEN 0 AND qty);
-- A case: what a buyer asks for after paying, or service gives.
CREATE TABLE after_sale (
  id          TEXT PRIMARY KEY,
  order_id    TEXT NOT NULL,
  buyer_id    TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('cancel','return','claim')),
  state       TEXT NOT NULL CHECK (state IN ('requested','approved','back','refunded','rejected','withdrawn')),
  reason      TEXT NOT NULL CHECK (reason IN ('quality','seven_day','transport','wrong','missing','unwanted','other')),
  words       TEXT NOT NULL DEFAULT '',   -- the asker's own
  freight_fen BIGINT NOT NULL DEFAULT 0 CHECK (freight_fen >= 0), -- of the order, that goes back with it
  bearer      TEXT NOT NULL DEFAULT '' CHECK (bearer IN ('','producer','centre','carrier')),
  carrier     TEXT NOT NULL DEFAULT '',   -- code, with bearer carrier
  asked_by    TEXT NOT NULL,
  asked_us    BIGINT NOT NULL,
  handled_by  TEXT NOT NULL DEFAULT '',   -- who decided last
  decided_us  BIGINT NOT NULL DEFAULT 0,
  note        TEXT NOT NULL DEFAULT '',   -- what the buyer is told of it
  parcel      TEXT NOT NULL DEFAULT '',   -- the buyer's parcel back: carrier and number
  goods       TEXT NOT NULL DEFAULT '' CHECK (goods IN ('','good','spoiled')),
  goods_by    TEXT NOT NULL DEFAULT '',
  goods_us    BIGINT NOT NULL DEFAULT 0,
  refund_id   TEXT NOT NULL DEFAULT '',
  done_us     BIGINT NOT NULL DEFAULT 0,
  idem_key    TEXT NOT NULL,
  UNIQUE (order_id, idem_key),
  CHECK ((state = 'refunded') = (refund_id <> '')),
  CHECK ((goods = '') = (goods_us = 0)),
  CHECK (state <> 'back' OR goods <> '')
);
CREATE INDEX after_sale_open ON after_sale (asked_us) WHERE state IN ('requested','approved','back');
CREATE INDEX after_sale_buyer ON after_sale (buyer_id, asked_us);
CREATE INDEX after_sale_done ON after_sale (asked_us);
CREATE TABLE after_sale_line (
  case_id   TEXT NOT NULL REFERENCES after_sale (id),
  line_id   TEXT NOT NULL,
  order_id  TEXT NOT NULL,
  units     BIGINT NOT NULL CHECK (units >= 0),     -- whole units that come back; 0: an amount
  share_bp  BIGINT NOT NULL DEFAULT 0 CHECK (share_bp BETWEEN 0 AND 10000), -- of a claim: how much of the line is bad
  fen       BIGINT NOT NULL CHECK (fen >= 0),       -- asked for, then what was granted
  open      BOOLEAN NOT NULL,
  PRIMARY KEY (case_id, line_id)
);
-- A line has one open case.
CREATE UNIQUE INDEX after_sale_line_open ON after_sale_line (order_id, line_id) WHERE open;
CREATE TABLE after_sale_photo (
  id      TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES after_sale (id),
  pos     BIGINT NOT NULL,
  width   BIGINT NOT NULL,
  height  BIGINT NOT NULL,
  sizes   TEXT NOT NULL,               -- JSON list of the widths kept
  UNIQUE (case_id, pos)
);
-- What each refund was for. Append-only: this is what statements read.
CREATE TABLE refund_part (
  refund_id   TEXT PRIMARY KEY,       -- of table refund
  order_id    TEXT NOT NULL,
  case_id     TEXT NOT NULL DEFAULT '',
  goods_fen   BIGINT NOT NULL CHECK (goods_fen >= 0),
  freight_fen BIGINT NOT NULL CHECK (freight_fen >= 0),
  bearer      TEXT NOT NULL CHECK (bearer IN ('producer','centre','carrier')),
  carrier     TEXT NOT NULL DEFAULT '',
  reason      TEXT NOT NULL,           -- of the case, or 'cancelled' and 'after_sale' of a whole order
  whole       BOOLEAN NOT NULL,        -- the sale taken back in one: booked as order/<id>/refunded
  by_id       TEXT NOT NULL,           -- who granted it; '' by the clock or a machine
  at_us       BIGINT NOT NULL
);
CREATE INDEX refund_part_order ON refund_part (order_id, at_us);
CREATE INDEX refund_part_at ON refund_part (at_us);
CREATE TABLE refund_share (
  refund_id      TEXT NOT NULL,
  reservation_id TEXT NOT NULL,        -- the order's share
  order_id       TEXT NOT NULL,
  line_id        TEXT NOT NULL,
  lot_id         TEXT NOT NULL,
  producer_id    TEXT NOT NULL,
  local          BOOLEAN NOT NULL,
  settlement     TEXT NOT NULL,
  units          BIGINT NOT NULL CHECK (units >= 0),
  goods_fen      BIGINT NOT NULL CHECK (goods_fen >= 0), -- what the buyer gets back of it
  commission_fen BIGINT NOT NULL,      -- of goods_fen, borne by each; all 0 unless the producer bears it
  owed_fen       BIGINT NOT NULL,
  margin_fen     BIGINT NOT NULL,
  bearer         TEXT NOT NULL,
  at_us          BIGINT NOT NULL,
  PRIMARY KEY (refund_id, reservation_id),
  CHECK (bearer = 'producer' AND goods_fen = commission_fen + owed_fen + margin_fen
    OR bearer IN ('centre','carrier') AND commission_fen = 0 AND owed_fen = 0 AND margin_fen = 0),
  CHECK (NOT local OR commission_fen = 0)
);
CREATE INDEX refund_share_order ON refund_share (order_id);
CREATE INDEX refund_share_producer ON refund_share (producer_id, at_us);
-- Refunds that were made whole before there were parts.
UPDATE order_line SET refunded_fen = goods_fen, refunded_units = units
  WHERE order_id IN (SELECT id FROM sale_order WHERE close_reason = 'refunded');
UPDATE sale_order SET refunded_freight_fen = freight_fen WHERE close_reason = 'refunded';
INSERT INTO refund_part (refund_id, order_id, goods_fen, freight_fen, bearer, reason, whole, by_id, at_us)
  SELECT r.id, r.order_id, o.goods_fen, o.freight_fen, 'producer', r.reason, TRUE, '', r.created_us
  FROM refund r JOIN sale_order o ON o.id = r.order_id WHERE r.reason <> 'late';
INSERT INTO refund_share (refund_id, reservation_id, order_id, line_id, lot_id, producer_id, local, settlement, units,
    goods_fen, commission_fen, owed_fen, margin_fen, bearer, at_us)
  SELECT r.refund_id, s.reservation_id, s.order_id, s.line_id, s.lot_id, s.producer_id, s.local, s.settlement, s.units,
    s.goods_fen, s.commission_fen, s.owed_fen, s.margin_fen, 'producer', r.at_us
  FROM refund_part r JOIN order_share s ON s.order_id = r.order_id;
-- Money in quarantine is booked, and settled by two people.
ALTER TABLE payment_callback ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;    -- booked as quarantine/held
ALTER TABLE payment_callback ADD COLUMN how TEXT NOT NULL DEFAULT '' CHECK (how IN ('','returned','void')); -- what becomes of the money
ALTER TABLE payment_callback ADD COLUMN proposed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE payment_callback ADD COLUMN proposed_us BIGINT NOT NULL DEFAULT 0;
-- +goose StatementBegin
CREATE TRIGGER refund_part_no_update BEFORE UPDATE ON refund_part BEGIN SELECT RAISE(ABORT, 'refund_part is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refund_part_no_delete BEFORE DELETE ON refund_part BEGIN SELECT RAISE(ABORT, 'refund_part is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refund_share_no_update BEFORE UPDATE ON refund_share BEGIN SELECT RAISE(ABORT, 'refund_share is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refund_share_no_delete BEFORE DELETE ON refund_share BEGIN SELECT RAISE(ABORT, 'refund_share is append-only'); END;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE payment_callback DROP COLUMN proposed_us;
ALTER TABLE payment_callback DROP COLUMN proposed_by;
ALTER TABLE payment_callback DROP COLUMN how;
ALTER TABLE payment_callback DROP COLUMN held;
DROP TABLE refund_share;
DROP TABLE refund_part;
DROP TABLE after_sale_photo;
DROP TABLE after_sale_line;
DROP TABLE after_sale;
ALTER TABLE lot_reservation DROP COLUMN back_qty;
ALTER TABLE lot_reservation DROP COLUMN back_units;
ALTER TABLE sale_order DROP COLUMN refunded_freight_fen;
ALTER TABLE order_line DROP COLUMN refunded_units;
ALTER TABLE order_line DROP COLUMN refunded_fen;
