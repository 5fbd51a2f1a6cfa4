-- +goose Up
-- A second factor of an account: the secret is derived from the salt and a key file.
ALTER TABLE users ADD COLUMN factor_salt blob;
ALTER TABLE users ADD COLUMN factor_since datetime;
ALTER TABLE users ADD COLUMN factor_step integer NOT NULL DEFAULT 0;
