-- +goose Up
-- SQLite files whose orders are whose some thousand orders at a time
-- (order.File). Here the index of (buyer, key) tells, as before.
SELECT 1;

-- +goose Down
SELECT 1;
