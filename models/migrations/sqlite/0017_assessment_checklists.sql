-- +goose Up
-- Versions of the checklist of assessments that the bureau loaded, inserted only.
CREATE TABLE assessment_checklists (
    id        text PRIMARY KEY,
    name      text NOT NULL,
    content   text NOT NULL,
    loaded_by text NOT NULL,
    loaded_at datetime NOT NULL,
    change_id text NOT NULL REFERENCES changes (id)
);
CREATE UNIQUE INDEX assessment_checklists_name ON assessment_checklists (name);

-- +goose StatementBegin
CREATE TRIGGER assessment_checklists_update BEFORE UPDATE ON assessment_checklists FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of assessment_checklists are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER assessment_checklists_delete BEFORE DELETE ON assessment_checklists FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of assessment_checklists are never changed or deleted');
END;
-- +goose StatementEnd
