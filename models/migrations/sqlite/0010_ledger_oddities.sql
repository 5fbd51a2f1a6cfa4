-- +goose Up
-- What the screen found odd when an entry was filed. The head says whether its last
-- filing had any, so that a list finds them without reading the others.
CREATE TABLE ledger_oddities (
    entry_id text NOT NULL REFERENCES ledger_entries (id),
    filing   integer NOT NULL,
    rule     text NOT NULL,
    pointer  text NOT NULL,
    rules    integer NOT NULL,
    args     text NOT NULL,
    PRIMARY KEY (entry_id, filing, rule, pointer)
);
-- +goose StatementBegin
CREATE TRIGGER ledger_oddities_update BEFORE UPDATE ON ledger_oddities FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_oddities are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_oddities_delete BEFORE DELETE ON ledger_oddities FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_oddities are never changed or deleted');
END;
-- +goose StatementEnd

ALTER TABLE ledger_entries ADD COLUMN odd boolean NOT NULL DEFAULT false;
CREATE INDEX ledger_entries_odd_park ON ledger_entries (park_id, day DESC, id DESC) WHERE odd;
CREATE INDEX ledger_entries_odd_jurisdiction ON ledger_entries (jurisdiction, day DESC, id DESC) WHERE odd;
CREATE INDEX ledger_entries_odd_day ON ledger_entries (day DESC, id DESC) WHERE odd;
