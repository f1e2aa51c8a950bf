-- +goose Up
-- What a payment pays: an order, or a gift whose id stands in order_id.
ALTER TABLE payment ADD COLUMN purpose TEXT NOT NULL DEFAULT 'order' CHECK (purpose IN ('order','gift'));

-- Gifts (package gift). The price list:
CREATE TABLE gift_kind (
  id      TEXT PRIMARY KEY,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  icon    TEXT NOT NULL CHECK (icon IN ('cone','berry','mushroom','birch')),
  fen     BIGINT NOT NULL CHECK (fen > 0),
  pos     BIGINT NOT NULL,
  on_sale BOOLEAN NOT NULL
);
CREATE TABLE gift (
  id           TEXT PRIMARY KEY,
  no           TEXT NOT NULL UNIQUE,  -- for people
  user_id      TEXT NOT NULL,
  show_id      TEXT NOT NULL,
  host_id      TEXT NOT NULL,
  kind_id      TEXT NOT NULL,
  name_zh      TEXT NOT NULL,         -- as the list stood, like icon and fen
  name_en      TEXT NOT NULL,
  icon         TEXT NOT NULL,
  fen          BIGINT NOT NULL CHECK (fen > 0),
  agreement_id TEXT NOT NULL,         -- the donation agreement shown on the confirm screen
  named        BOOLEAN NOT NULL,      -- the giver agreed to be named in the room
  state        TEXT NOT NULL CHECK (state IN ('unpaid','paid','closed','refunded','covered')),
  used_fen     BIGINT NOT NULL DEFAULT 0, -- of it paid out: sum of gift_use; fsck recomputes
  idem_key     TEXT NOT NULL,
  idem_hash    TEXT NOT NULL,
  day          BIGINT NOT NULL,       -- Asia/Shanghai, for the cap of a day
  created_us   BIGINT NOT NULL,
  expires_us   BIGINT NOT NULL,
  paid_us      BIGINT NOT NULL DEFAULT 0,
  done_us      BIGINT NOT NULL DEFAULT 0, -- closed, refunded or covered
  UNIQUE (user_id, idem_key),
  CHECK (used_fen BETWEEN 0 AND fen),
  CHECK (used_fen = 0 OR state IN ('paid','covered'))
);
CREATE INDEX gift_user ON gift (user_id, day);
CREATE INDEX gift_show ON gift (show_id, paid_us);
CREATE INDEX gift_unpaid ON gift (expires_us) WHERE state = 'unpaid';
CREATE INDEX gift_unused ON gift (paid_us, id) WHERE state IN ('paid','covered') AND used_fen < fen;
-- What a gift paid for: parts of disbursements, the oldest gift first. A part
-- taken back is a row below zero. Append-only.
CREATE TABLE gift_use (
  id              TEXT PRIMARY KEY,
  gift_id         TEXT NOT NULL REFERENCES gift (id),
  disbursement_id TEXT NOT NULL,
  fen             BIGINT NOT NULL CHECK (fen <> 0),
  at_us           BIGINT NOT NULL
);
CREATE INDEX gift_use_gift ON gift_use (gift_id, id);
CREATE INDEX gift_use_disbursement ON gift_use (disbursement_id, id);
-- A giver's own limits; also the row that gifts of one person queue at. A
-- raised limit waits in next_*.
CREATE TABLE gift_giver (
  user_id      TEXT PRIMARY KEY,
  adult_us     BIGINT NOT NULL DEFAULT 0,  -- when they declared to be 18 or older; 0: never
  adult_text   TEXT NOT NULL DEFAULT '',   -- version of the declaration
  one_fen      BIGINT NOT NULL DEFAULT -1, -- most a gift, -1: the centre's
  day_fen      BIGINT NOT NULL DEFAULT -1, -- most a day
  next_one_fen BIGINT NOT NULL DEFAULT -1,
  next_day_fen BIGINT NOT NULL DEFAULT -1,
  next_us      BIGINT NOT NULL DEFAULT 0,  -- when they begin to count; 0: none waits
  remind       BOOLEAN NOT NULL DEFAULT TRUE,
  minor        BOOLEAN NOT NULL DEFAULT FALSE, -- found to be a child: no gifts any more
  changed_us   BIGINT NOT NULL
);
-- A host's room takes no gifts after a violation. Append-only; the latest end
-- counts, a lifted one is a row that ends now.
CREATE TABLE gift_ban (
  id       TEXT PRIMARY KEY,
  host_id  TEXT NOT NULL,
  reason   TEXT NOT NULL,
  days     BIGINT NOT NULL CHECK (days BETWEEN 0 AND 3650), -- of the sanction itself; 0: lifted
  until_us BIGINT NOT NULL,
  by_id    TEXT NOT NULL,
  at_us    BIGINT NOT NULL
);
CREATE INDEX gift_ban_host ON gift_ban (host_id, id);
-- A guardian wants a child's gifts back.
CREATE TABLE gift_case (
  id         TEXT PRIMARY KEY,
  no         TEXT NOT NULL UNIQUE,
  user_id    TEXT NOT NULL,           -- whose account gave
  body       TEXT NOT NULL,
  contact_enc TEXT NOT NULL,          -- guardian's phone, sealed
  from_day   BIGINT NOT NULL,
  to_day     BIGINT NOT NULL CHECK (to_day >= from_day),
  state      TEXT NOT NULL CHECK (state IN ('open','granted','refused')),
  answer     TEXT NOT NULL DEFAULT '',
  fen        BIGINT NOT NULL DEFAULT 0, -- given back
  at_us      BIGINT NOT NULL,
  done_us    BIGINT NOT NULL DEFAULT 0,
  done_by    TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX gift_case_open ON gift_case (user_id) WHERE state = 'open';
CREATE INDEX gift_case_state ON gift_case (state, at_us);

-- The two funds (package fund).
CREATE TABLE disbursement (
  id           TEXT PRIMARY KEY,
  no           TEXT NOT NULL UNIQUE,
  fund         TEXT NOT NULL CHECK (fund IN ('charity','growth')),
  agreement_id TEXT NOT NULL DEFAULT '', -- charity only
  recipient    TEXT NOT NULL,
  payee        TEXT NOT NULL,         -- growth: short name of the account; charity: the agreement
  purpose      TEXT NOT NULL,
  fen          BIGINT NOT NULL CHECK (fen > 0),
  voucher      TEXT NOT NULL,         -- key of the file
  voucher_kind TEXT NOT NULL CHECK (voucher_kind IN ('picture','pdf')),
  state        TEXT NOT NULL CHECK (state IN ('draft','approved','paid','cancelled')),
  drafted_by   TEXT NOT NULL,
  drafted_us   BIGINT NOT NULL,
  approved_by  TEXT NOT NULL DEFAULT '',
  approved_us  BIGINT NOT NULL DEFAULT 0,
  paid_by      TEXT NOT NULL DEFAULT '',
  paid_us      BIGINT NOT NULL DEFAULT 0,
  bank_ref     TEXT NOT NULL DEFAULT '',
  note         TEXT NOT NULL DEFAULT '', -- why it was cancelled
  CHECK (approved_us = 0 OR approved_by <> drafted_by),
  CHECK ((fund = 'charity') = (agreement_id <> '')),
  CHECK (state <> 'paid' OR (approved_us > 0 AND bank_ref <> ''))
);
CREATE INDEX disbursement_fund ON disbursement (fund, state, paid_us);
-- Profit that goes into the growth fund, signed by two.
CREATE TABLE growth_transfer (
  id         TEXT PRIMARY KEY,
  fen        BIGINT NOT NULL CHECK (fen > 0),
  note       TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('draft','done','cancelled')),
  drafted_by TEXT NOT NULL,
  drafted_us BIGINT NOT NULL,
  signed_by  TEXT NOT NULL DEFAULT '',
  signed_us  BIGINT NOT NULL DEFAULT 0,
  CHECK (signed_us = 0 OR signed_by <> drafted_by)
);
CREATE INDEX growth_transfer_at ON growth_transfer (drafted_us);

-- +goose StatementBegin
CREATE TRIGGER gift_use_no_update BEFORE UPDATE ON gift_use BEGIN SELECT RAISE(ABORT, 'gift_use is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gift_use_no_delete BEFORE DELETE ON gift_use BEGIN SELECT RAISE(ABORT, 'gift_use is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gift_ban_no_update BEFORE UPDATE ON gift_ban BEGIN SELECT RAISE(ABORT, 'gift_ban is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gift_ban_no_delete BEFORE DELETE ON gift_ban BEGIN SELECT RAISE(ABORT, 'gift_ban is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disbursement_no_delete BEFORE DELETE ON disbursement BEGIN SELECT RAISE(ABORT, 'disbursement is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disbursement_paid BEFORE UPDATE ON disbursement WHEN OLD.state = 'paid' BEGIN SELECT RAISE(ABORT, 'a paid disbursement is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE growth_transfer;
DROP TABLE disbursement;
DROP TABLE gift_case;
DROP TABLE gift_ban;
DROP TABLE gift_giver;
DROP TABLE gift_use;
DROP TABLE gift;
DROP TABLE gift_kind;
ALTER TABLE payment DROP COLUMN purpose;
