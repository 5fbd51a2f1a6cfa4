-- +goose Up
-- What was filed after its grace, so that a list finds it without reading the rest.
-- It is no column: it follows from the day and the filing, and stands here in the
-- words of models/ledger/late.go.
CREATE INDEX ledger_entries_late_park ON ledger_entries (park_id, day DESC, id DESC) WHERE filed_at >= datetime(day, '+40 hours');
CREATE INDEX ledger_entries_late_jurisdiction ON ledger_entries (jurisdiction, day DESC, id DESC) WHERE filed_at >= datetime(day, '+40 hours');
CREATE INDEX ledger_entries_late_day ON ledger_entries (day DESC, id DESC) WHERE filed_at >= datetime(day, '+40 hours');
