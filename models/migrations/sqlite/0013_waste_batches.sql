-- +goose Up
-- Hazardous waste by batch as the ledger stands. It follows from the filings: the row
-- moves with them, and what is taken is never more than what there is.
CREATE TABLE waste_batches (
    id            text PRIMARY KEY,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    owner_id      text NOT NULL,
    code          text NOT NULL,
    waste_code    text NOT NULL,
    class         text NOT NULL,
    facility_id   text,
    entry_id      text NOT NULL,
    quantity      integer NOT NULL,
    taken         integer NOT NULL DEFAULT 0,
    live          boolean NOT NULL,
    demo          boolean NOT NULL DEFAULT false,
    updated_at    datetime NOT NULL,
    CHECK (taken >= 0 AND taken <= quantity)
);
CREATE UNIQUE INDEX waste_batches_code ON waste_batches (owner_id, code);
CREATE INDEX waste_batches_entry ON waste_batches (entry_id);
CREATE INDEX waste_batches_park ON waste_batches (park_id, code);
