-- +goose Up
-- Grades of enterprises: the head moves, steps are inserted only.
CREATE TABLE grades (
    id            uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    kind          text NOT NULL,
    period        text NOT NULL DEFAULT '',
    rule          text NOT NULL,
    state         text NOT NULL,
    level         text NOT NULL DEFAULT '',
    score         bigint,
    day           date NOT NULL,
    due_on        date,
    decided_on    date,
    demo          boolean NOT NULL DEFAULT false,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK (kind IN ('capability', 'credit')),
    CHECK ((kind = 'credit') = (period <> ''))
);
CREATE UNIQUE INDEX grades_period ON grades (enterprise_id, period) WHERE period <> '';
CREATE INDEX grades_enterprise ON grades (enterprise_id, day, id);
CREATE INDEX grades_day ON grades (day, id);

CREATE TABLE grade_steps (
    id         uuid PRIMARY KEY,
    grade_id   uuid NOT NULL REFERENCES grades (id),
    kind       text NOT NULL,
    from_state text NOT NULL DEFAULT '',
    to_state   text NOT NULL,
    level      text NOT NULL DEFAULT '',
    score      bigint,
    due_on     date,
    day        date NOT NULL,
    at         timestamptz NOT NULL,
    actor_id   uuid NOT NULL,
    actor_org  text NOT NULL,
    document   text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '',
    change_id  uuid NOT NULL REFERENCES changes (id)
);
CREATE INDEX grade_steps_grade ON grade_steps (grade_id, day, id);

CREATE TRIGGER grade_steps_frozen BEFORE UPDATE OR DELETE ON grade_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER grade_steps_truncate BEFORE TRUNCATE ON grade_steps EXECUTE FUNCTION frozen();
