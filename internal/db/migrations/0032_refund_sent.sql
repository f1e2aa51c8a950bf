-- +goose Up
-- When a provider took a refund that is not with the buyer yet ("processing"): a
-- pending refund with this time is at the provider and is asked about, no longer
-- sent; a failed one is settled there.
ALTER TABLE refund ADD COLUMN sent_us BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE refund DROP COLUMN sent_us;
