-- +goose Up
-- Grades of enterprises: the head moves, steps are inserted only.
CREATE TABLE grades (
    id            text PRIMARY KEY,
    enterprise_id text NOT NULL REFERENCES enterprises (id),
    kind          text NOT NULL,
    period        text NOT NULL DEFAULT '',
    rule          text NOT NULL,
    state         text NOT NULL,
    level         text NOT NULL DEFAULT '',
    score         integer,
    day           text NOT NULL,
    due_on        text,
    decided_on    text,
    demo          boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    CHECK (kind IN ('capability', 'credit')),
    CHECK ((kind = 'credit') = (period <> ''))
);
CREATE UNIQUE INDEX grades_period ON grades (enterprise_id, period) WHERE period <> '';
CREATE INDEX grades_enterprise ON grades (enterprise_id, day, id);
CREATE INDEX grades_day ON grades (day, id);

CREATE TABLE grade_steps (
    id         text PRIMARY KEY,
    grade_id   text NOT NULL REFERENCES grades (id),
    kind       text NOT NULL,
    from_state text NOT NULL DEFAULT '',
    to_state   text NOT NULL,
    level      text NOT NULL DEFAULT '',
    score      integer,
    due_on     text,
    day        text NOT NULL,
    at         datetime NOT NULL,
    actor_id   text NOT NULL,
    actor_org  text NOT NULL,
    document   text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '',
    change_id  text NOT NULL REFERENCES changes (id)
);
CREATE INDEX grade_steps_grade ON grade_steps (grade_id, day, id);

-- +goose StatementBegin
CREATE TRIGGER grade_steps_update BEFORE UPDATE ON grade_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of grade_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grade_steps_delete BEFORE DELETE ON grade_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of grade_steps are never changed or deleted');
END;
-- +goose StatementEnd
