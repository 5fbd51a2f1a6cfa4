-- +goose Up
-- What was found of each reading when it was filed, as JSON; '' for a filing without
-- readings, and for those of releases that kept nothing. Frozen with its filing.
ALTER TABLE ledger_filings ADD COLUMN judged text NOT NULL DEFAULT '';

-- The candidate limits that readings were judged by, each set once: its id is the
-- SHA-256 of its content.
CREATE TABLE ledger_limit_sets (
    id      text PRIMARY KEY,
    content text NOT NULL
);
CREATE TRIGGER ledger_limit_sets_frozen BEFORE UPDATE OR DELETE ON ledger_limit_sets FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER ledger_limit_sets_truncate BEFORE TRUNCATE ON ledger_limit_sets EXECUTE FUNCTION frozen();
