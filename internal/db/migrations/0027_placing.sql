-- +goose Up
-- The orders of one transaction are booked together when they are placed:
-- ledger refs placed/<placing_id>/…; '' of orders that were booked one by one.
ALTER TABLE sale_order ADD COLUMN placing_id TEXT NOT NULL DEFAULT '';
-- +goose Down
ALTER TABLE sale_order DROP COLUMN placing_id;
