-- +goose Up
-- Columns …_enc are sealed by vault, …_idx are blind indexes.
CREATE TABLE user_account (
  id         TEXT PRIMARY KEY,
  phone_enc  TEXT NOT NULL,
  phone_idx  TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,           -- the name shown in a room, chosen by the person
  lang       TEXT NOT NULL DEFAULT 'zh-CN',
  large_type BOOLEAN NOT NULL DEFAULT FALSE,
  local_host BOOLEAN NOT NULL DEFAULT FALSE, -- a host of the county itself
  state      TEXT NOT NULL CHECK (state IN ('active','disabled')),
  created_us BIGINT NOT NULL
);
CREATE TABLE user_role (
  user_id    TEXT NOT NULL REFERENCES user_account (id),
  role       TEXT NOT NULL CHECK (role IN ('host','operator','moderator','selector','packer','service','finance','teacher','overseer','producer','admin')),
  granted_us BIGINT NOT NULL,
  granted_by TEXT NOT NULL,
  PRIMARY KEY (user_id, role)
);
-- The producers a person may see the money of.
CREATE TABLE user_producer (
  user_id     TEXT NOT NULL REFERENCES user_account (id),
  producer_id TEXT NOT NULL,
  PRIMARY KEY (user_id, producer_id)
);
CREATE TABLE login_code (
  id         TEXT PRIMARY KEY,        -- in the form that asks for the code
  phone_idx  TEXT NOT NULL,
  phone_enc  TEXT NOT NULL,
  addr_idx   TEXT NOT NULL,           -- of the asker's network; '' for none
  code_hash  TEXT NOT NULL,
  tries      BIGINT NOT NULL DEFAULT 0,
  created_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  used_us    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX login_code_phone ON login_code (phone_idx, created_us);
CREATE INDEX login_code_addr ON login_code (addr_idx, created_us);
CREATE INDEX login_code_created ON login_code (created_us);
-- Makes two askers of the same phone or address count one after the other.
CREATE TABLE login_gate (
  key   TEXT PRIMARY KEY,
  at_us BIGINT NOT NULL
);
CREATE TABLE user_session (
  id         TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,    -- SHA-256 of the cookie or bearer token
  user_id    TEXT NOT NULL REFERENCES user_account (id),
  kind       TEXT NOT NULL CHECK (kind IN ('web','api')),
  agent      TEXT NOT NULL,           -- shortened User-Agent
  addr       TEXT NOT NULL,           -- network of the address, last part cut
  created_us BIGINT NOT NULL,
  seen_us    BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  revoked_us BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX user_session_user ON user_session (user_id, created_us);
CREATE TABLE user_address (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES user_account (id),
  name_enc   TEXT NOT NULL,
  phone_enc  TEXT NOT NULL,
  province   TEXT NOT NULL,           -- freight depends on it
  city       TEXT NOT NULL,
  district   TEXT NOT NULL,
  detail_enc TEXT NOT NULL,
  is_default BOOLEAN NOT NULL,
  created_us BIGINT NOT NULL,
  deleted_us BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX user_address_user ON user_address (user_id, created_us);
CREATE UNIQUE INDEX user_address_default ON user_address (user_id) WHERE is_default AND deleted_us = 0;
CREATE TABLE user_follow (
  user_id    TEXT NOT NULL REFERENCES user_account (id),
  host_id    TEXT NOT NULL REFERENCES user_account (id),
  created_us BIGINT NOT NULL,
  PRIMARY KEY (user_id, host_id)
);
CREATE INDEX user_follow_host ON user_follow (host_id, created_us);

-- +goose Down
DROP TABLE user_follow;
DROP TABLE user_address;
DROP TABLE user_session;
DROP TABLE login_gate;
DROP TABLE login_code;
DROP TABLE user_producer;
DROP TABLE user_role;
DROP TABLE user_account;
