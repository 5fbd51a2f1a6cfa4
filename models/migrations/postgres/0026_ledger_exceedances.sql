-- +goose Up
-- The readings of filings that were over their limits: an index to what the filings
-- keep of their judgements (ADR 0021), written with them. Filings of before have none.
CREATE TABLE ledger_exceedances (
    id        uuid PRIMARY KEY,
    filing_id uuid NOT NULL REFERENCES ledger_filings (id),
    path      text NOT NULL,
    entry_id  uuid NOT NULL REFERENCES ledger_entries (id),
    filing    integer NOT NULL,
    park_id   uuid NOT NULL,
    outlet_id uuid,
    class     text NOT NULL,
    day       date NOT NULL,
    pollutant text NOT NULL,
    grave     boolean NOT NULL
);
CREATE INDEX ledger_exceedances_day ON ledger_exceedances (day DESC, id DESC);
CREATE INDEX ledger_exceedances_park ON ledger_exceedances (park_id, day DESC, id DESC);
CREATE INDEX ledger_exceedances_entry ON ledger_exceedances (entry_id);
CREATE TRIGGER ledger_exceedances_frozen BEFORE UPDATE OR DELETE ON ledger_exceedances FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER ledger_exceedances_truncate BEFORE TRUNCATE ON ledger_exceedances EXECUTE FUNCTION frozen();
