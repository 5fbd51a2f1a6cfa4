-- +goose Up
-- Versions of the checklist of assessments that the bureau loaded, inserted only.
CREATE TABLE assessment_checklists (
    id        uuid PRIMARY KEY,
    name      text NOT NULL,
    content   text NOT NULL,
    loaded_by uuid NOT NULL,
    loaded_at timestamptz NOT NULL,
    change_id uuid NOT NULL REFERENCES changes (id)
);
CREATE UNIQUE INDEX assessment_checklists_name ON assessment_checklists (name);

CREATE TRIGGER assessment_checklists_frozen BEFORE UPDATE OR DELETE ON assessment_checklists FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER assessment_checklists_truncate BEFORE TRUNCATE ON assessment_checklists EXECUTE FUNCTION frozen();
