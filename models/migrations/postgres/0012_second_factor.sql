-- +goose Up
-- A second factor of an account: the secret is derived from the salt and a key file.
ALTER TABLE users ADD COLUMN factor_salt bytea;
ALTER TABLE users ADD COLUMN factor_since timestamptz;
ALTER TABLE users ADD COLUMN factor_step bigint NOT NULL DEFAULT 0;
