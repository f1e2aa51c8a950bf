-- +goose Up
-- Money that may never be overdrawn (package promise has the chart).
INSERT INTO ledger_account (path, kind, max_fen, opened_us) VALUES
  ('quarantine/held', 'liability', 0, 0),
  ('tax/withheld', 'liability', 0, 0)
ON CONFLICT (path) DO UPDATE SET max_fen = 0;

-- The ledger's pending amounts: what open holds may yet take of an account. A
-- limit counts them as taken.
ALTER TABLE ledger_account ADD COLUMN held_debit_fen BIGINT NOT NULL DEFAULT 0
  CHECK (held_debit_fen >= 0 AND (max_fen IS NULL OR balance_fen + held_debit_fen <= max_fen));
ALTER TABLE ledger_account ADD COLUMN held_credit_fen BIGINT NOT NULL DEFAULT 0
  CHECK (held_credit_fen >= 0 AND (min_fen IS NULL OR balance_fen - held_credit_fen >= min_fen));
-- A transaction in two phases: held, then settled (posted by the same ref) or
-- voided. Its end is a row of its own.
CREATE TABLE ledger_hold (
  id    TEXT PRIMARY KEY,
  ref   TEXT NOT NULL UNIQUE,
  kind  TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  day   BIGINT NOT NULL,
  memo  TEXT NOT NULL
);
CREATE TABLE ledger_hold_line (
  hold_id TEXT NOT NULL REFERENCES ledger_hold (id),
  seq     BIGINT NOT NULL,
  path    TEXT NOT NULL REFERENCES ledger_account (path),
  fen     BIGINT NOT NULL CHECK (fen <> 0),
  PRIMARY KEY (hold_id, seq)
);
CREATE TABLE ledger_hold_end (
  hold_id TEXT PRIMARY KEY REFERENCES ledger_hold (id),
  how     TEXT NOT NULL CHECK (how IN ('settled','voided')),
  at_us   BIGINT NOT NULL
);
-- What each account moved by on each day, up to a transaction: makes balances
-- of any date cheap. Made again from the postings at any time; fsck recomputes.
CREATE TABLE ledger_day (
  path TEXT NOT NULL,
  day  BIGINT NOT NULL,
  fen  BIGINT NOT NULL,
  PRIMARY KEY (path, day)
);
CREATE TABLE ledger_day_mark (
  one  BIGINT PRIMARY KEY CHECK (one = 1),
  upto TEXT NOT NULL                  -- id of the last transaction that is in
);
INSERT INTO ledger_day_mark (one, upto) VALUES (1, '');

-- Who holds public office: such a host earns nothing anywhere. The newest row
-- of a host counts.
CREATE TABLE official_host (
  id       TEXT PRIMARY KEY,
  host_id  TEXT NOT NULL,
  official BOOLEAN NOT NULL,
  note     TEXT NOT NULL,             -- office and approval, as the file says
  at_us    BIGINT NOT NULL,
  by_id    TEXT NOT NULL
);
CREATE INDEX official_host_host ON official_host (host_id, id);
-- What a host agreed that an agency gets of the pay; 0 ends it. The newest row
-- of both counts.
CREATE TABLE agency_consent (
  id        TEXT PRIMARY KEY,
  host_id   TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  share_bp  BIGINT NOT NULL CHECK (share_bp BETWEEN 0 AND 10000),
  at_us     BIGINT NOT NULL
);
CREATE INDEX agency_consent_pair ON agency_consent (host_id, agency_id, id);
-- Donation agreements: the charity fund pays only to recipients of a signed one
-- (Charity Law art. 37).
CREATE TABLE donation_agreement (
  id         TEXT PRIMARY KEY,
  recipient  TEXT NOT NULL,           -- name of the organisation
  purpose    TEXT NOT NULL,
  document   TEXT NOT NULL DEFAULT '',-- key of the scan
  starts_day BIGINT NOT NULL,
  ends_day   BIGINT NOT NULL CHECK (ends_day >= starts_day),
  drafted_by TEXT NOT NULL,
  drafted_us BIGINT NOT NULL,
  signed_by  TEXT NOT NULL DEFAULT '',
  signed_us  BIGINT NOT NULL DEFAULT 0,
  ended_us   BIGINT NOT NULL DEFAULT 0,
  CHECK (signed_us = 0 OR signed_by <> drafted_by),
  CHECK (ended_us = 0 OR signed_us > 0)
);

-- +goose StatementBegin
CREATE TRIGGER official_host_no_update BEFORE UPDATE ON official_host BEGIN SELECT RAISE(ABORT, 'official_host is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER official_host_no_delete BEFORE DELETE ON official_host BEGIN SELECT RAISE(ABORT, 'official_host is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agency_consent_no_update BEFORE UPDATE ON agency_consent BEGIN SELECT RAISE(ABORT, 'agency_consent is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agency_consent_no_delete BEFORE DELETE ON agency_consent BEGIN SELECT RAISE(ABORT, 'agency_consent is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER donation_agreement_no_delete BEFORE DELETE ON donation_agreement BEGIN SELECT RAISE(ABORT, 'donation_agreement is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER donation_agreement_signed BEFORE UPDATE OF id, recipient, purpose, document, starts_day, ends_day, drafted_by, signed_by, signed_us ON donation_agreement
WHEN OLD.signed_us > 0 BEGIN SELECT RAISE(ABORT, 'a signed donation_agreement is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_hold_no_update BEFORE UPDATE ON ledger_hold BEGIN SELECT RAISE(ABORT, 'ledger_hold is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_hold_no_delete BEFORE DELETE ON ledger_hold BEGIN SELECT RAISE(ABORT, 'ledger_hold is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_hold_line_no_update BEFORE UPDATE ON ledger_hold_line BEGIN SELECT RAISE(ABORT, 'ledger_hold_line is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_hold_line_no_delete BEFORE DELETE ON ledger_hold_line BEGIN SELECT RAISE(ABORT, 'ledger_hold_line is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_hold_end_no_update BEFORE UPDATE ON ledger_hold_end BEGIN SELECT RAISE(ABORT, 'ledger_hold_end is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_hold_end_no_delete BEFORE DELETE ON ledger_hold_end BEGIN SELECT RAISE(ABORT, 'ledger_hold_end is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE donation_agreement;
DROP TABLE agency_consent;
DROP TABLE official_host;
DROP TABLE ledger_day_mark;
DROP TABLE ledger_day;
DROP TABLE ledger_hold_end;
DROP TABLE ledger_hold_line;
DROP TABLE ledger_hold;
ALTER TABLE ledger_account DROP COLUMN held_credit_fen;
ALTER TABLE ledger_account DROP COLUMN held_debit_fen;
