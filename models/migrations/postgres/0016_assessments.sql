-- +goose Up
-- Assessments of parks: the head moves, steps and marks are inserted only.
CREATE TABLE assessments (
    id            uuid PRIMARY KEY,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    year          bigint NOT NULL,
    checklist     text NOT NULL,
    state         text NOT NULL,
    round         bigint NOT NULL,
    started_by    uuid NOT NULL,
    submitted_by  uuid,
    submitted_org text NOT NULL DEFAULT '',
    submitted_on  date,
    checked_by    uuid,
    checked_org   text NOT NULL DEFAULT '',
    checked_on    date,
    score         bigint,
    level         text NOT NULL DEFAULT '',
    vetoed        boolean NOT NULL DEFAULT false,
    demo          boolean NOT NULL DEFAULT false,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK (state IN ('draft', 'self_assessed', 'district_checked', 'returned')),
    CHECK (year BETWEEN 2021 AND 2100)
);
CREATE UNIQUE INDEX assessments_park ON assessments (park_id, year);
CREATE INDEX assessments_year ON assessments (year, id);
CREATE INDEX assessments_updated ON assessments (updated_at, id);
CREATE INDEX assessments_jurisdiction ON assessments (jurisdiction, year, id);

-- A completion holds what the assessment came to, for good: reports of a past day read it.
CREATE TABLE assessment_steps (
    id            uuid PRIMARY KEY,
    assessment_id uuid NOT NULL REFERENCES assessments (id),
    kind          text NOT NULL,
    round         bigint NOT NULL,
    day           date NOT NULL,
    at            timestamptz NOT NULL,
    actor_id      uuid NOT NULL,
    actor_org     text NOT NULL,
    reason        text NOT NULL DEFAULT '',
    outcome       text NOT NULL DEFAULT 'null',
    change_id     uuid NOT NULL REFERENCES changes (id)
);
CREATE INDEX assessment_steps_assessment ON assessment_steps (assessment_id, id);
CREATE INDEX assessment_steps_kind ON assessment_steps (kind, day);

CREATE TABLE assessment_marks (
    id            uuid PRIMARY KEY,
    assessment_id uuid NOT NULL REFERENCES assessments (id),
    round         bigint NOT NULL,
    side          text NOT NULL,
    item          text NOT NULL,
    applies       boolean NOT NULL,
    points        bigint NOT NULL,
    veto          boolean NOT NULL,
    numerator     bigint,
    denominator   bigint,
    reason        text NOT NULL DEFAULT '',
    evidence      text NOT NULL DEFAULT '',
    evidence_on   date,
    attachments   text NOT NULL DEFAULT '[]',
    actor_id      uuid NOT NULL,
    actor_org     text NOT NULL,
    at            timestamptz NOT NULL,
    change_id     uuid NOT NULL REFERENCES changes (id),
    CHECK (side IN ('self', 'district', 'bureau')),
    CHECK (points >= 0),
    CHECK ((numerator IS NULL) = (denominator IS NULL))
);
CREATE INDEX assessment_marks_assessment ON assessment_marks (assessment_id, round, at, id);

CREATE TRIGGER assessment_steps_frozen BEFORE UPDATE OR DELETE ON assessment_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER assessment_steps_truncate BEFORE TRUNCATE ON assessment_steps EXECUTE FUNCTION frozen();
CREATE TRIGGER assessment_marks_frozen BEFORE UPDATE OR DELETE ON assessment_marks FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER assessment_marks_truncate BEFORE TRUNCATE ON assessment_marks EXECUTE FUNCTION frozen();
