-- +goose Up
-- Audit records that no leaf of their own write commits to: sign-ins, refusals, exports,
-- and everything from before leaves did. change_id is the leaf that commits to them
-- together, given once.
CREATE TABLE audit_seals (
    record_id uuid PRIMARY KEY REFERENCES audit_records (id),
    change_id uuid REFERENCES changes (id)
);
CREATE INDEX audit_seals_waiting ON audit_seals (record_id) WHERE change_id IS NULL;
CREATE INDEX audit_seals_change ON audit_seals (change_id) WHERE change_id IS NOT NULL;

INSERT INTO audit_seals (record_id) SELECT id FROM audit_records;

-- +goose StatementBegin
CREATE FUNCTION audit_sealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.change_id IS NOT NULL OR NEW.change_id IS NULL OR NEW.record_id IS DISTINCT FROM OLD.record_id THEN
        RAISE EXCEPTION 'frozen: an audit record is sealed once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_seals_update BEFORE UPDATE ON audit_seals FOR EACH ROW EXECUTE FUNCTION audit_sealed_once();
CREATE TRIGGER audit_seals_delete BEFORE DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER audit_seals_truncate BEFORE TRUNCATE ON audit_seals EXECUTE FUNCTION frozen();
