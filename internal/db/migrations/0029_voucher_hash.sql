-- +goose Up
-- What a voucher says is fixed with the disbursement: the public log names the
-- file by this. Empty for those drafted before.
ALTER TABLE disbursement ADD COLUMN voucher_sha256 TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE disbursement DROP COLUMN voucher_sha256;
