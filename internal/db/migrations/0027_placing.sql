-- +goose Up
-- The orders of one transaction are booked together when they are placed:
-- ledger refs placed/<placing_id>/…; '' of orders that were booked one by one.
ALTER TABLE sale_order ADD COLUMN placing_id TEXT NOT NULL DEFAULT '';
-- By person, without the orders of crowds, which are found by their object.
DROP INDEX audit_event_actor;
CREATE INDEX audit_event_actor ON audit_event (actor_id, id) WHERE action <> 'order.place';
-- +goose Down
DROP INDEX audit_event_actor;
CREATE INDEX audit_event_actor ON audit_event (actor_id, id);
ALTER TABLE sale_order DROP COLUMN placing_id;
