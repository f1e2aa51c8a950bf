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

-- Public promises. A version is a draft until another person signs it; then it
-- is public, binds from its start on, and is never changed.
CREATE TABLE promise_version (
  no           TEXT NOT NULL,         -- 'P1'
  version      BIGINT NOT NULL,
  scope        TEXT NOT NULL CHECK (scope IN ('local','outside','gift','profit','host','words')),
  words_zh     TEXT NOT NULL,
  words_en     TEXT NOT NULL,
  script       TEXT NOT NULL,         -- Numscript; '' for words only
  notice_days  BIGINT NOT NULL CHECK (notice_days >= 0),
  comment_days BIGINT NOT NULL CHECK (comment_days BETWEEN 0 AND notice_days),
  start_us     BIGINT NOT NULL DEFAULT 0,
  drafted_by   TEXT NOT NULL,
  drafted_name TEXT NOT NULL,
  drafted_us   BIGINT NOT NULL,
  signed_by    TEXT NOT NULL DEFAULT '', -- '' while a draft
  signed_name  TEXT NOT NULL DEFAULT '',
  signed_us    BIGINT NOT NULL DEFAULT 0,
  counter_by   TEXT NOT NULL DEFAULT '', -- the overseer
  counter_name TEXT NOT NULL DEFAULT '',
  counter_us   BIGINT NOT NULL DEFAULT 0,
  withdrawn_by TEXT NOT NULL DEFAULT '',
  withdrawn_us BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (no, version),
  CHECK (signed_by = '' OR signed_by <> drafted_by),
  CHECK (counter_by = '' OR signed_by <> '' AND counter_by <> drafted_by AND counter_by <> signed_by),
  CHECK (signed_by = '' OR start_us >= signed_us + notice_days * 86400000000),
  CHECK (withdrawn_us = 0 OR withdrawn_us < start_us)
);
CREATE UNIQUE INDEX promise_version_draft ON promise_version (no) WHERE signed_by = '';
-- What people say to a version before it binds.
CREATE TABLE promise_comment (
  id         TEXT PRIMARY KEY,
  no         TEXT NOT NULL,
  version    BIGINT NOT NULL,
  author_id  TEXT NOT NULL,
  author     TEXT NOT NULL,           -- shown name as it was
  body       TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('shown','hidden')),
  at_us      BIGINT NOT NULL,
  hidden_by  TEXT NOT NULL DEFAULT '',
  hidden_why TEXT NOT NULL DEFAULT '',
  hidden_us  BIGINT NOT NULL DEFAULT 0,
  CHECK (state = 'shown' OR hidden_why <> ''),
  FOREIGN KEY (no, version) REFERENCES promise_version (no, version)
);
CREATE INDEX promise_comment_version ON promise_comment (no, version, id);
CREATE INDEX promise_comment_author ON promise_comment (author_id, id);
-- +goose StatementBegin
INSERT INTO promise_version (no, version, scope, words_zh, words_en, script, notice_days, comment_days, start_us, drafted_by, drafted_name, drafted_us, signed_by, signed_name, signed_us) VALUES
  ('P1', 1, 'local', '本地乡亲的货，一分钱佣金都不收。支付通道的手续费、运费、包装费都由中心出，不从乡亲的货款里扣。', 'We take no commission from local producers. The payment provider''s fee, freight and packing are paid by the centre and never taken from their money.', '// Promise 1: what the buyer paid for a local producer''s goods.
vars {
  account $held      // holds the producer''s part until the buyer has paid
  account $producer
  monetary $paid     // what is held: the price, and what the centre adds
  monetary $owed     // the whole price, or the agreed price
  monetary $loss     // sold below the agreed price: the centre adds this
}
send $paid (
  source = { $held @trade:pending:local }
  destination = {
    max $owed to $producer
    remaining to @trade:margin:local
  }
)
send $loss (
  source = @trade:loss:local allowing unbounded overdraft
  destination = @trade:pending:local
)
', 0, 0, 0, 'founding', 'founding', 0, 'founders', 'founders', 0),
  ('P2', 1, 'gift', '收到的打赏，全部捐给县里的公益，一分不留。', 'All gifts go to the county''s charity, every fen of them.', '// Promise 2: a gift goes whole into the charity fund.
vars {
  account $channel   // through which it was paid
  monetary $gift
}
send $gift (
  source = $channel allowing unbounded overdraft
  destination = @gift:received
)
send $gift (
  source = @gift:passed allowing unbounded overdraft
  destination = { remaining to @charity:fund }
)
', 0, 0, 0, 'founding', 'founding', 0, 'founders', 'founders', 0),
  ('P3', 1, 'profit', '卖货赚的钱，全部用来发展本地电商。', 'All profit from selling goes into growing local e-commerce.', '// Promise 3: a period''s profit goes into the growth fund.
vars {
  monetary $profit
}
send $profit (
  source = @profit:passed allowing unbounded overdraft
  destination = { remaining to @growth:fund }
)
', 0, 0, 0, 'founding', 'founding', 0, 'founders', 'founders', 0),
  ('P4', 1, 'host', '公职人员来直播带货，一分钱报酬都不拿。', 'A host who holds public office earns nothing here.', '// Promise 4: a host''s pay; nobody in public office gets any.
vars {
  account $cost      // commission of outside sellers, or the centre''s wages
  account $host
  account $agency
  monetary $pay
  monetary $part     // the agency''s, as the host agreed
}
send $pay (
  source = $cost allowing unbounded overdraft
  destination = {
    max $part to $agency
    remaining to $host
  }
)
', 0, 0, 0, 'founding', 'founding', 0, 'founders', 'founders', 0),
  ('P5', 1, 'outside', '外地商家只付约定好的佣金，别的一概不收。', 'Outside sellers pay the commission they agreed to, and nothing else.', '// Promise 5: what the buyer paid for an outside seller''s goods.
vars {
  account $held      // holds the seller''s part until the buyer has paid
  account $producer
  monetary $paid     // what is held: the price, and what the centre adds
  monetary $owed     // the price less the commission, or the agreed price
  monetary $commission
  monetary $loss     // sold below the agreed price: the centre adds this
}
send $paid (
  source = { $held @commission:pending @trade:pending:outside }
  destination = {
    max $owed to $producer
    max $commission to @commission:earned
    remaining to @trade:margin:outside
  }
)
send $loss (
  source = @trade:loss:outside allowing unbounded overdraft
  destination = @trade:pending:outside
)
', 0, 0, 0, 'founding', 'founding', 0, 'founders', 'founders', 0);
-- +goose StatementEnd

-- Commission plans of outside sellers' products. A plan never changes; it ends.
CREATE TABLE commission_plan (
  id         TEXT PRIMARY KEY,
  product_id TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('open','targeted','exclusive')),
  host_id    TEXT NOT NULL DEFAULT '',-- '' for an open plan
  rate_bp    BIGINT NOT NULL CHECK (rate_bp BETWEEN 0 AND 5000),
  starts_us  BIGINT NOT NULL,
  ends_us    BIGINT NOT NULL DEFAULT 0, -- 0: until somebody ends it
  created_by TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  CHECK ((kind = 'open') = (host_id = '')),
  CHECK (ends_us = 0 OR ends_us >= starts_us)
);
-- One rate per product and host.
CREATE UNIQUE INDEX commission_plan_one ON commission_plan (product_id, kind, host_id) WHERE ends_us = 0 AND kind <> 'exclusive';
CREATE UNIQUE INDEX commission_plan_exclusive ON commission_plan (product_id) WHERE ends_us = 0 AND kind = 'exclusive';
-- The fee snapshot of a share that pays commission: rate, base, who pays whom,
-- by which plan, and through which host it was sold.
CREATE TABLE order_fee (
  order_id       TEXT NOT NULL,
  reservation_id TEXT NOT NULL,
  plan_id        TEXT NOT NULL DEFAULT '', -- '' for the producer's own rate
  rate_bp        BIGINT NOT NULL,
  base_fen       BIGINT NOT NULL,
  fee_fen        BIGINT NOT NULL CHECK (fee_fen > 0),
  payer_id       TEXT NOT NULL,       -- the producer
  payee          TEXT NOT NULL CHECK (payee IN ('centre')),
  host_id        TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (order_id, reservation_id)
);
CREATE INDEX order_fee_host ON order_fee (host_id, order_id) WHERE host_id <> '';
INSERT INTO order_fee (order_id, reservation_id, rate_bp, base_fen, fee_fen, payer_id, payee)
SELECT order_id, reservation_id, commission_bp, goods_fen, commission_fen, producer_id, 'centre' FROM order_share WHERE commission_fen > 0;

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

CREATE TRIGGER official_host_append_only BEFORE UPDATE OR DELETE ON official_host FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER agency_consent_append_only BEFORE UPDATE OR DELETE ON agency_consent FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER donation_agreement_no_delete BEFORE DELETE ON donation_agreement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER donation_agreement_signed BEFORE UPDATE OF id, recipient, purpose, document, starts_day, ends_day, drafted_by, signed_by, signed_us ON donation_agreement
FOR EACH ROW WHEN (OLD.signed_us > 0) EXECUTE FUNCTION refuse_change();

CREATE TRIGGER ledger_hold_append_only BEFORE UPDATE OR DELETE ON ledger_hold FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_hold_line_append_only BEFORE UPDATE OR DELETE ON ledger_hold_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_hold_end_append_only BEFORE UPDATE OR DELETE ON ledger_hold_end FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER promise_version_signed BEFORE UPDATE OF no, version, scope, words_zh, words_en, script, notice_days, comment_days, start_us, drafted_by, drafted_name, drafted_us, signed_by, signed_name, signed_us ON promise_version
FOR EACH ROW WHEN (OLD.signed_by <> '') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER promise_version_no_delete BEFORE DELETE ON promise_version FOR EACH ROW WHEN (OLD.signed_by <> '') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER promise_comment_no_change BEFORE UPDATE OF id, no, version, author_id, author, body, at_us ON promise_comment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER promise_comment_no_delete BEFORE DELETE ON promise_comment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_fee_append_only BEFORE UPDATE OR DELETE ON order_fee FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commission_plan_no_change BEFORE UPDATE OF id, product_id, kind, host_id, rate_bp, starts_us ON commission_plan FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commission_plan_no_delete BEFORE DELETE ON commission_plan FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE order_fee;
DROP TABLE commission_plan;
DROP TABLE promise_comment;
DROP TABLE promise_version;
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
