-- +goose Up
-- The task table: documents that set tasks, tasks, and what happened to them.
CREATE TABLE programmes (
    id         text PRIMARY KEY,
    title      text NOT NULL,
    document   text NOT NULL DEFAULT '',
    issuer     text NOT NULL,
    issued_on  text NOT NULL,
    note       text NOT NULL DEFAULT '',
    created_by text NOT NULL,
    created_at datetime NOT NULL,
    demo       boolean NOT NULL DEFAULT false,
    change_id  text NOT NULL REFERENCES changes (id)
);
CREATE INDEX programmes_issued ON programmes (issued_on, id);

CREATE TABLE tasks (
    id           text PRIMARY KEY,
    programme_id text NOT NULL REFERENCES programmes (id),
    number       text NOT NULL,
    title        text NOT NULL,
    goal         text NOT NULL,
    unit         text NOT NULL,
    park_id      text REFERENCES parks (id),
    jurisdiction text,
    person_id    text NOT NULL,
    due_on       text NOT NULL,
    binding      text NOT NULL DEFAULT 'null',
    state        text NOT NULL,
    override     text NOT NULL DEFAULT '',
    reported_by  text,
    demo         boolean NOT NULL DEFAULT false,
    version      integer NOT NULL DEFAULT 1,
    created_at   datetime NOT NULL,
    updated_at   datetime NOT NULL,
    CHECK (state IN ('planned', 'in_progress', 'completed', 'verified', 'cancelled'))
);
CREATE UNIQUE INDEX tasks_number ON tasks (number);
CREATE INDEX tasks_due ON tasks (due_on, id);
CREATE INDEX tasks_programme ON tasks (programme_id, due_on, id);
CREATE INDEX tasks_person ON tasks (person_id, due_on) WHERE state IN ('planned', 'in_progress');

CREATE TABLE task_steps (
    id         text PRIMARY KEY,
    task_id    text NOT NULL REFERENCES tasks (id),
    kind       text NOT NULL,
    from_state text NOT NULL DEFAULT '',
    to_state   text NOT NULL,
    person_id  text NOT NULL,
    due_on     text NOT NULL,
    override   text NOT NULL DEFAULT '',
    day        text NOT NULL,
    at         datetime NOT NULL,
    actor_id   text NOT NULL,
    actor_org  text NOT NULL,
    evidence   text NOT NULL DEFAULT '[]',
    reason     text NOT NULL DEFAULT '',
    change_id  text NOT NULL REFERENCES changes (id)
);
CREATE INDEX task_steps_task ON task_steps (task_id, id);

-- +goose StatementBegin
CREATE TRIGGER programmes_update BEFORE UPDATE ON programmes FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of programmes are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER programmes_delete BEFORE DELETE ON programmes FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of programmes are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER task_steps_update BEFORE UPDATE ON task_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of task_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER task_steps_delete BEFORE DELETE ON task_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of task_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tasks_delete BEFORE DELETE ON tasks FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: a task is never deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tasks_update BEFORE UPDATE ON tasks FOR EACH ROW
WHEN NEW.number IS NOT OLD.number
    OR NEW.programme_id IS NOT OLD.programme_id
    OR NEW.title IS NOT OLD.title
    OR NEW.goal IS NOT OLD.goal
    OR NEW.unit IS NOT OLD.unit
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.binding IS NOT OLD.binding
BEGIN
    SELECT RAISE(ABORT, 'frozen: what is to be done never changes');
END;
-- +goose StatementEnd
