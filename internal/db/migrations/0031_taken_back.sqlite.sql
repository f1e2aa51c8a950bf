-- +goose Up
-- Pay of a host, and a cost of the centre, that was entered wrongly: a line
-- below zero beside it, once, never an edit.
CREATE TABLE host_earning_back (
  id         TEXT PRIMARY KEY,
  earning_id TEXT NOT NULL UNIQUE REFERENCES host_earning (id),
  day        BIGINT NOT NULL,
  host_fen   BIGINT NOT NULL CHECK (host_fen >= 0),
  agency_fen BIGINT NOT NULL CHECK (agency_fen >= 0),
  reason     TEXT NOT NULL CHECK (reason <> ''),
  by_id      TEXT NOT NULL,
  at_us      BIGINT NOT NULL,
  CHECK (host_fen + agency_fen > 0)
);
CREATE INDEX host_earning_back_day ON host_earning_back (day);
CREATE TABLE centre_cost_back (
  id      TEXT PRIMARY KEY,
  cost_id TEXT NOT NULL UNIQUE REFERENCES centre_cost (id),
  day     BIGINT NOT NULL,
  fen     BIGINT NOT NULL CHECK (fen > 0),
  reason  TEXT NOT NULL CHECK (reason <> ''),
  by_id   TEXT NOT NULL,
  at_us   BIGINT NOT NULL
);
CREATE INDEX centre_cost_back_day ON centre_cost_back (day);
-- +goose StatementBegin
CREATE TRIGGER host_earning_back_no_update BEFORE UPDATE ON host_earning_back BEGIN SELECT RAISE(ABORT, 'host_earning_back is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER host_earning_back_no_delete BEFORE DELETE ON host_earning_back BEGIN SELECT RAISE(ABORT, 'host_earning_back is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER centre_cost_back_no_update BEFORE UPDATE ON centre_cost_back BEGIN SELECT RAISE(ABORT, 'centre_cost_back is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER centre_cost_back_no_delete BEFORE DELETE ON centre_cost_back BEGIN SELECT RAISE(ABORT, 'centre_cost_back is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE centre_cost_back;
DROP TABLE host_earning_back;
