-- +goose Up
-- When the first record of a chain of amendments was filed, on each that corrects it:
-- what is late follows from that, not from the correction. Empty on all others.
ALTER TABLE ledger_entries ADD COLUMN kept_at datetime;
