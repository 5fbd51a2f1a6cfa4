-- +goose Up
-- The readings of filings that were over their limits: an index to what the filings
-- keep of their judgements (ADR 0021), written with them. Filings of before have none.
CREATE TABLE ledger_exceedances (
    id        text PRIMARY KEY,
    filing_id text NOT NULL REFERENCES ledger_filings (id),
    path      text NOT NULL,
    entry_id  text NOT NULL REFERENCES ledger_entries (id),
    filing    integer NOT NULL,
    park_id   text NOT NULL,
    outlet_id text,
    class     text NOT NULL,
    day       text NOT NULL,
    pollutant text NOT NULL,
    grave     boolean NOT NULL
);
CREATE INDEX ledger_exceedances_day ON ledger_exceedances (day DESC, id DESC);
CREATE INDEX ledger_exceedances_park ON ledger_exceedances (park_id, day DESC, id DESC);
CREATE INDEX ledger_exceedances_entry ON ledger_exceedances (entry_id);
-- +goose StatementBegin
CREATE TRIGGER ledger_exceedances_update BEFORE UPDATE ON ledger_exceedances FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_exceedances are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_exceedances_delete BEFORE DELETE ON ledger_exceedances FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_exceedances are never changed or deleted');
END;
-- +goose StatementEnd
