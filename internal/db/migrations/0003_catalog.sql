-- +goose Up
CREATE TABLE producer (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('household','coop','firm')),
  name       TEXT NOT NULL,
  village    TEXT NOT NULL,
  district   TEXT NOT NULL,
  local      BOOLEAN NOT NULL,        -- of the county: never pays commission
  phone_enc  TEXT NOT NULL DEFAULT '',
  licence_no TEXT NOT NULL DEFAULT '',-- '' for a household selling its own harvest (E-Commerce Law art. 10)
  story      TEXT NOT NULL DEFAULT '',
  picture_id TEXT NOT NULL DEFAULT '',
  commission_bp BIGINT NOT NULL DEFAULT 0 CHECK (commission_bp BETWEEN 0 AND 5000),
  state      TEXT NOT NULL CHECK (state IN ('active','paused')),
  created_us BIGINT NOT NULL,
  CHECK (NOT local OR commission_bp = 0)
);
CREATE TABLE product (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  category      TEXT NOT NULL CHECK (category IN ('fruit','mushroom','grain','nut','honey','vegetable','meat','processed','craft')),
  dried         BOOLEAN NOT NULL DEFAULT FALSE, -- dried or otherwise made to keep: never 'fresh'
  summary       TEXT NOT NULL DEFAULT '',
  sell_unit     TEXT NOT NULL,        -- 'box', as words: "盒", "袋"
  base_unit     TEXT NOT NULL CHECK (base_unit IN ('g','piece')),
  base_per_unit BIGINT NOT NULL CHECK (base_per_unit > 0), -- lots count in base units
  net_weight_g  BIGINT NOT NULL CHECK (net_weight_g >= 0),
  gross_weight_g BIGINT NOT NULL CHECK (gross_weight_g > 0), -- for freight
  price_fen     BIGINT NOT NULL CHECK (price_fen > 0),
  market_price_fen BIGINT NOT NULL DEFAULT 0 CHECK (market_price_fen >= 0), -- the crossed-out one; 0 for none
  return_rule   TEXT NOT NULL CHECK (return_rule IN ('seven_day','fresh','confirmed')),
  return_ground TEXT NOT NULL DEFAULT '' CHECK (return_ground IN ('','perishable','opened','near_expiry','made_to_order')), -- in law
  storage       TEXT NOT NULL DEFAULT '',
  cold_chain    BOOLEAN NOT NULL DEFAULT FALSE,
  settlement    TEXT NOT NULL CHECK (settlement IN ('resale','split')),
  state         TEXT NOT NULL CHECK (state IN ('draft','on','off')),
  created_us    BIGINT NOT NULL
);
CREATE TABLE picture (
  id         TEXT PRIMARY KEY,
  owner_kind TEXT NOT NULL CHECK (owner_kind IN ('product','producer','show','user','lot')),
  owner_id   TEXT NOT NULL,
  pos        BIGINT NOT NULL,
  width      BIGINT NOT NULL,
  height     BIGINT NOT NULL,
  sizes      TEXT NOT NULL,           -- JSON: widths kept, [320,640,1280]
  alt        TEXT NOT NULL DEFAULT '',
  created_us BIGINT NOT NULL
);
CREATE INDEX picture_owner ON picture (owner_kind, owner_id, pos);

-- +goose Down
DROP TABLE picture;
DROP TABLE product;
DROP TABLE producer;
