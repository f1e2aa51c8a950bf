-- +goose Up
-- A page of its own for every order in a flash sale. How many unpaid orders a
-- buyer has is counted among the buyer's orders, found by (buyer_id, idem_key).
DROP INDEX sale_order_debtor;

-- +goose Down
CREATE INDEX sale_order_debtor ON sale_order (buyer_id) WHERE state = 'unpaid';
