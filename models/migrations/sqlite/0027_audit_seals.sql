-- +goose Up
-- Audit records that no leaf of their own write commits to: sign-ins, refusals, exports,
-- and everything from before leaves did. change_id is the leaf that commits to them
-- together, given once.
CREATE TABLE audit_seals (
    record_id text PRIMARY KEY REFERENCES audit_records (id),
    change_id text REFERENCES changes (id)
);
CREATE INDEX audit_seals_waiting ON audit_seals (record_id) WHERE change_id IS NULL;
CREATE INDEX audit_seals_change ON audit_seals (change_id) WHERE change_id IS NOT NULL;

INSERT INTO audit_seals (record_id) SELECT id FROM audit_records;

-- +goose StatementBegin
CREATE TRIGGER audit_seals_update BEFORE UPDATE ON audit_seals FOR EACH ROW
WHEN OLD.change_id IS NOT NULL OR NEW.change_id IS NULL OR NEW.record_id IS NOT OLD.record_id
BEGIN
    SELECT RAISE(ABORT, 'frozen: an audit record is sealed once');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_seals_delete BEFORE DELETE ON audit_seals FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of audit_seals are never changed or deleted');
END;
-- +goose StatementEnd
