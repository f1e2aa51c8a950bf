-- +goose Up
-- The whole address sealed as orders keep it, so that placing an order copies a
-- text instead of opening three and sealing one; '' of addresses saved before.
ALTER TABLE user_address ADD COLUMN label_enc TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE user_address DROP COLUMN label_enc;
