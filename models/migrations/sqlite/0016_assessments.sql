-- +goose Up
-- Assessments of parks: the head moves, steps and marks are inserted only.
CREATE TABLE assessments (
    id            text PRIMARY KEY,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    year          integer NOT NULL,
    checklist     text NOT NULL,
    state         text NOT NULL,
    round         integer NOT NULL,
    started_by    text NOT NULL,
    submitted_by  text,
    submitted_org text NOT NULL DEFAULT '',
    submitted_on  text,
    checked_by    text,
    checked_org   text NOT NULL DEFAULT '',
    checked_on    text,
    score         integer,
    level         text NOT NULL DEFAULT '',
    vetoed        boolean NOT NULL DEFAULT false,
    demo          boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    CHECK (state IN ('draft', 'self_assessed', 'district_checked', 'returned')),
    CHECK (year BETWEEN 2021 AND 2100)
);
CREATE UNIQUE INDEX assessments_park ON assessments (park_id, year);
CREATE INDEX assessments_year ON assessments (year, id);
CREATE INDEX assessments_updated ON assessments (updated_at, id);
CREATE INDEX assessments_jurisdiction ON assessments (jurisdiction, year, id);

-- A completion holds what the assessment came to, for good: reports of a past day read it.
CREATE TABLE assessment_steps (
    id            text PRIMARY KEY,
    assessment_id text NOT NULL REFERENCES assessments (id),
    kind          text NOT NULL,
    round         integer NOT NULL,
    day           text NOT NULL,
    at            datetime NOT NULL,
    actor_id      text NOT NULL,
    actor_org     text NOT NULL,
    reason        text NOT NULL DEFAULT '',
    outcome       text NOT NULL DEFAULT 'null',
    change_id     text NOT NULL REFERENCES changes (id)
);
CREATE INDEX assessment_steps_assessment ON assessment_steps (assessment_id, id);
CREATE INDEX assessment_steps_kind ON assessment_steps (kind, day);

CREATE TABLE assessment_marks (
    id            text PRIMARY KEY,
    assessment_id text NOT NULL REFERENCES assessments (id),
    round         integer NOT NULL,
    side          text NOT NULL,
    item          text NOT NULL,
    applies       boolean NOT NULL,
    points        integer NOT NULL,
    veto          boolean NOT NULL,
    numerator     integer,
    denominator   integer,
    reason        text NOT NULL DEFAULT '',
    evidence      text NOT NULL DEFAULT '',
    evidence_on   text,
    attachments   text NOT NULL DEFAULT '[]',
    actor_id      text NOT NULL,
    actor_org     text NOT NULL,
    at            datetime NOT NULL,
    change_id     text NOT NULL REFERENCES changes (id),
    CHECK (side IN ('self', 'district', 'bureau')),
    CHECK (points >= 0),
    CHECK ((numerator IS NULL) = (denominator IS NULL))
);
CREATE INDEX assessment_marks_assessment ON assessment_marks (assessment_id, round, at, id);

-- +goose StatementBegin
CREATE TRIGGER assessment_steps_update BEFORE UPDATE ON assessment_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of assessment_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER assessment_steps_delete BEFORE DELETE ON assessment_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of assessment_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER assessment_marks_update BEFORE UPDATE ON assessment_marks FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of assessment_marks are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER assessment_marks_delete BEFORE DELETE ON assessment_marks FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of assessment_marks are never changed or deleted');
END;
-- +goose StatementEnd
