-- +goose Up
-- Agencies of hosts.
CREATE TABLE agency (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  licence_no TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  by_id      TEXT NOT NULL
);
-- Where a payee is paid: entered by one, confirmed by another, opened only for
-- the bank's file. The newest confirmed row of a payee counts.
CREATE TABLE payee_account (
  id           TEXT PRIMARY KEY,
  payee_kind   TEXT NOT NULL CHECK (payee_kind IN ('producer','host','agency')),
  payee_id     TEXT NOT NULL,
  holder_enc   TEXT NOT NULL,
  bank         TEXT NOT NULL,
  number_enc   TEXT NOT NULL,
  consent      TEXT NOT NULL,           -- how the payee agreed that it is kept, in words
  entered_by   TEXT NOT NULL,
  entered_us   BIGINT NOT NULL,
  confirmed_by TEXT NOT NULL DEFAULT '',
  confirmed_us BIGINT NOT NULL DEFAULT 0,
  CHECK (confirmed_us = 0 OR confirmed_by <> entered_by)
);
CREATE INDEX payee_account_payee ON payee_account (payee_kind, payee_id, id);
-- Up to which day a payee has statements: the next begins after it. The row is
-- what two issuers at once wait for.
CREATE TABLE statement_payee (
  payee_kind TEXT NOT NULL,
  payee_id   TEXT NOT NULL,
  upto_day   BIGINT NOT NULL,
  PRIMARY KEY (payee_kind, payee_id)
);
-- carried + net - elsewhere = pay + carry; pay >= 0, carry <= 0.
CREATE TABLE statement (
  id             TEXT PRIMARY KEY,
  no             TEXT NOT NULL UNIQUE,
  payee_kind     TEXT NOT NULL CHECK (payee_kind IN ('producer','host','agency')),
  payee_id       TEXT NOT NULL,
  payee_name     TEXT NOT NULL,         -- as it was when issued, like place and local
  place          TEXT NOT NULL,
  local          BOOLEAN NOT NULL,
  from_day       BIGINT NOT NULL,
  to_day         BIGINT NOT NULL CHECK (to_day >= from_day),
  lines          BIGINT NOT NULL CHECK (lines >= 0),
  gross_fen      BIGINT NOT NULL,       -- of sales and earnings
  back_fen       BIGINT NOT NULL CHECK (back_fen <= 0), -- of refunds and claims
  commission_fen BIGINT NOT NULL,
  net_fen        BIGINT NOT NULL,
  elsewhere_fen  BIGINT NOT NULL,       -- the provider paid it already
  carried_fen    BIGINT NOT NULL CHECK (carried_fen <= 0),   -- from the statement before
  pay_fen        BIGINT NOT NULL CHECK (pay_fen >= 0),
  carry_fen      BIGINT NOT NULL CHECK (carry_fen <= 0),     -- to the next statement
  tax_fen        BIGINT NOT NULL CHECK (tax_fen BETWEEN 0 AND pay_fen), -- withheld of pay
  tax_income_fen BIGINT NOT NULL DEFAULT 0, -- of the year so far, this included
  tax_months     BIGINT NOT NULL DEFAULT 0,
  tax_before_fen BIGINT NOT NULL DEFAULT 0, -- withheld in the year before this
  promise_no     TEXT NOT NULL,
  issued_by      TEXT NOT NULL,
  issued_us      BIGINT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('issued','checked','approved','paid')),
  checked_by     TEXT NOT NULL DEFAULT '',
  checked_us     BIGINT NOT NULL DEFAULT 0,
  approved_by    TEXT NOT NULL DEFAULT '',
  approved_us    BIGINT NOT NULL DEFAULT 0,
  paid_us        BIGINT NOT NULL DEFAULT 0,
  asked          BOOLEAN NOT NULL DEFAULT FALSE, -- a question of the payee waits for its answer
  UNIQUE (payee_kind, payee_id, to_day),
  CHECK (gross_fen + back_fen - commission_fen = net_fen),
  CHECK (carried_fen + net_fen - elsewhere_fen = pay_fen + carry_fen),
  CHECK (pay_fen = 0 OR carry_fen = 0),
  CHECK (NOT local OR commission_fen = 0),
  CHECK (payee_kind = 'host' OR tax_fen = 0),
  CHECK (approved_us = 0 OR approved_by <> checked_by)
);
CREATE INDEX statement_state ON statement (state, to_day);
CREATE INDEX statement_day ON statement (to_day, id);
-- source names the record a line comes from: nothing stands on two statements.
CREATE TABLE statement_line (
  statement_id   TEXT NOT NULL REFERENCES statement (id),
  seq            BIGINT NOT NULL,
  source         TEXT NOT NULL UNIQUE,
  kind           TEXT NOT NULL CHECK (kind IN ('sale','refund','claim','earning','elsewhere')),
  day            BIGINT NOT NULL,       -- the sale was paid, the money went back
  order_id       TEXT NOT NULL DEFAULT '',
  order_no       TEXT NOT NULL DEFAULT '',
  what           TEXT NOT NULL,         -- product, or show
  lot_no         TEXT NOT NULL DEFAULT '',
  grade          TEXT NOT NULL DEFAULT '',
  unit           TEXT NOT NULL DEFAULT '',
  units          BIGINT NOT NULL DEFAULT 0,
  price_fen      BIGINT NOT NULL DEFAULT 0, -- agreed, a unit
  buyer_fen      BIGINT NOT NULL DEFAULT 0, -- what buyers paid or got back for it
  gross_fen      BIGINT NOT NULL,
  commission_fen BIGINT NOT NULL,
  commission_bp  BIGINT NOT NULL DEFAULT 0,
  net_fen        BIGINT NOT NULL,
  bearer         TEXT NOT NULL DEFAULT '',
  reason         TEXT NOT NULL DEFAULT '',
  local          BOOLEAN NOT NULL,
  PRIMARY KEY (statement_id, seq),
  CHECK (net_fen = gross_fen - commission_fen),
  CHECK (NOT local OR commission_fen = 0),
  CHECK (kind NOT IN ('refund','claim') OR net_fen <= 0)
);
-- Who signed what, asked what and answered what.
CREATE TABLE statement_step (
  id           TEXT PRIMARY KEY,
  statement_id TEXT NOT NULL REFERENCES statement (id),
  step         TEXT NOT NULL CHECK (step IN ('issued','checked','approved','paid','reversed','asked','answered')),
  by_id        TEXT NOT NULL,
  by_name      TEXT NOT NULL,
  note         TEXT NOT NULL DEFAULT '',
  at_us        BIGINT NOT NULL
);
CREATE INDEX statement_step_of ON statement_step (statement_id, id);
-- A batch goes to the bank: made by one, released by another.
CREATE TABLE payout_batch (
  id          TEXT PRIMARY KEY,
  no          TEXT NOT NULL UNIQUE,
  state       TEXT NOT NULL CHECK (state IN ('draft','released','dropped')),
  note        TEXT NOT NULL DEFAULT '',
  made_by     TEXT NOT NULL,
  made_us     BIGINT NOT NULL,
  released_by TEXT NOT NULL DEFAULT '',
  released_us BIGINT NOT NULL DEFAULT 0,
  CHECK (state <> 'released' OR released_by <> made_by)
);
CREATE TABLE payout (
  id           TEXT PRIMARY KEY,
  batch_id     TEXT NOT NULL REFERENCES payout_batch (id),
  statement_id TEXT NOT NULL REFERENCES statement (id),
  account_id   TEXT NOT NULL REFERENCES payee_account (id),
  amount_fen   BIGINT NOT NULL CHECK (amount_fen > 0), -- of it tax_fen is withheld
  tax_fen      BIGINT NOT NULL CHECK (tax_fen BETWEEN 0 AND amount_fen),
  state        TEXT NOT NULL CHECK (state IN ('waiting','paid','reversed','dropped')),
  bank_ref     TEXT NOT NULL DEFAULT '',
  paid_by      TEXT NOT NULL DEFAULT '',
  paid_us      BIGINT NOT NULL DEFAULT 0,
  back_by      TEXT NOT NULL DEFAULT '',
  back_us      BIGINT NOT NULL DEFAULT 0,
  back_why     TEXT NOT NULL DEFAULT '',
  CHECK ((state IN ('paid','reversed')) = (paid_us > 0)),
  CHECK ((state = 'reversed') = (back_us > 0))
);
CREATE UNIQUE INDEX payout_one ON payout (statement_id) WHERE state IN ('waiting','paid');
CREATE INDEX payout_batch_of ON payout (batch_id, id);
-- Every file that opened account numbers: who, why, which bytes.
CREATE TABLE payout_export (
  id       TEXT PRIMARY KEY,
  batch_id TEXT NOT NULL REFERENCES payout_batch (id),
  format   TEXT NOT NULL CHECK (format IN ('csv','xlsx')),
  reason   TEXT NOT NULL,
  sha256   TEXT NOT NULL,
  by_id    TEXT NOT NULL,
  at_us    BIGINT NOT NULL
);
-- What a host earns, and an agency's part of it.
CREATE TABLE host_earning (
  id         TEXT PRIMARY KEY,
  host_id    TEXT NOT NULL,
  show_id    TEXT NOT NULL DEFAULT '',
  what       TEXT NOT NULL,           -- the show's title, or words
  kind       TEXT NOT NULL CHECK (kind IN ('wages','commission')),
  day        BIGINT NOT NULL,
  host_fen   BIGINT NOT NULL CHECK (host_fen >= 0),
  agency_id  TEXT NOT NULL DEFAULT '',
  agency_fen BIGINT NOT NULL DEFAULT 0 CHECK (agency_fen >= 0),
  idem_key   TEXT NOT NULL UNIQUE,
  by_id      TEXT NOT NULL,
  at_us      BIGINT NOT NULL,
  CHECK (host_fen + agency_fen > 0),
  CHECK (agency_id <> '' OR agency_fen = 0)
);
CREATE INDEX host_earning_host ON host_earning (host_id, day);
CREATE INDEX host_earning_agency ON host_earning (agency_id, day) WHERE agency_id <> '';
CREATE INDEX host_earning_day ON host_earning (day);
-- What finance enters of the centre's own costs and services; show_id '' is
-- shared by all shows of the month.
CREATE TABLE centre_cost (
  id       TEXT PRIMARY KEY,
  kind     TEXT NOT NULL CHECK (kind IN ('freight','packing','wages','classes','materials','other','service')),
  show_id  TEXT NOT NULL DEFAULT '',
  day      BIGINT NOT NULL,
  fen      BIGINT NOT NULL CHECK (fen > 0),
  memo     TEXT NOT NULL,
  idem_key TEXT NOT NULL UNIQUE,
  by_id    TEXT NOT NULL,
  at_us    BIGINT NOT NULL
);
CREATE INDEX centre_cost_day ON centre_cost (day);
CREATE TRIGGER statement_line_append_only BEFORE UPDATE OR DELETE ON statement_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_step_append_only BEFORE UPDATE OR DELETE ON statement_step FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_export_append_only BEFORE UPDATE OR DELETE ON payout_export FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER host_earning_append_only BEFORE UPDATE OR DELETE ON host_earning FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER centre_cost_append_only BEFORE UPDATE OR DELETE ON centre_cost FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_frozen BEFORE UPDATE OF id, no, payee_kind, payee_id, payee_name, place, local, from_day, to_day, lines, gross_fen, back_fen, commission_fen, net_fen, elsewhere_fen, carried_fen, pay_fen, carry_fen, tax_fen, tax_income_fen, tax_months, tax_before_fen, promise_no, issued_by, issued_us ON statement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_no_delete BEFORE DELETE ON statement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payee_account_frozen BEFORE UPDATE OF id, payee_kind, payee_id, bank, consent, entered_by, entered_us ON payee_account FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payee_account_no_delete BEFORE DELETE ON payee_account FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_frozen BEFORE UPDATE OF id, batch_id, statement_id, account_id, amount_fen, tax_fen ON payout FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_no_delete BEFORE DELETE ON payout FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE centre_cost;
DROP TABLE host_earning;
DROP TABLE payout_export;
DROP TABLE payout;
DROP TABLE payout_batch;
DROP TABLE statement_step;
DROP TABLE statement_line;
DROP TABLE statement;
DROP TABLE statement_payee;
DROP TABLE payee_account;
DROP TABLE agency;
