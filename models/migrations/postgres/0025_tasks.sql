-- +goose Up
-- The task table: documents that set tasks, tasks, and what happened to them.
CREATE TABLE programmes (
    id         uuid PRIMARY KEY,
    title      text NOT NULL,
    document   text NOT NULL DEFAULT '',
    issuer     text NOT NULL,
    issued_on  date NOT NULL,
    note       text NOT NULL DEFAULT '',
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    demo       boolean NOT NULL DEFAULT false,
    change_id  uuid NOT NULL REFERENCES changes (id)
);
CREATE INDEX programmes_issued ON programmes (issued_on, id);

CREATE TABLE tasks (
    id           uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programmes (id),
    number       text NOT NULL,
    title        text NOT NULL,
    goal         text NOT NULL,
    unit         text NOT NULL,
    park_id      uuid REFERENCES parks (id),
    jurisdiction text,
    person_id    uuid NOT NULL,
    due_on       date NOT NULL,
    binding      text NOT NULL DEFAULT 'null',
    state        text NOT NULL,
    override     text NOT NULL DEFAULT '',
    reported_by  uuid,
    demo         boolean NOT NULL DEFAULT false,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CHECK (state IN ('planned', 'in_progress', 'completed', 'verified', 'cancelled'))
);
CREATE UNIQUE INDEX tasks_number ON tasks (number);
CREATE INDEX tasks_due ON tasks (due_on, id);
CREATE INDEX tasks_programme ON tasks (programme_id, due_on, id);
CREATE INDEX tasks_person ON tasks (person_id, due_on) WHERE state IN ('planned', 'in_progress');

CREATE TABLE task_steps (
    id         uuid PRIMARY KEY,
    task_id    uuid NOT NULL REFERENCES tasks (id),
    kind       text NOT NULL,
    from_state text NOT NULL DEFAULT '',
    to_state   text NOT NULL,
    person_id  uuid NOT NULL,
    due_on     date NOT NULL,
    override   text NOT NULL DEFAULT '',
    day        date NOT NULL,
    at         timestamptz NOT NULL,
    actor_id   uuid NOT NULL,
    actor_org  text NOT NULL,
    evidence   text NOT NULL DEFAULT '[]',
    reason     text NOT NULL DEFAULT '',
    change_id  uuid NOT NULL REFERENCES changes (id)
);
CREATE INDEX task_steps_task ON task_steps (task_id, id);

CREATE TRIGGER programmes_frozen BEFORE UPDATE OR DELETE ON programmes FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER programmes_truncate BEFORE TRUNCATE ON programmes EXECUTE FUNCTION frozen();
CREATE TRIGGER task_steps_frozen BEFORE UPDATE OR DELETE ON task_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER task_steps_truncate BEFORE TRUNCATE ON task_steps EXECUTE FUNCTION frozen();
-- +goose StatementBegin
CREATE FUNCTION task_head_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'frozen: a task is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.number, NEW.programme_id, NEW.title, NEW.goal, NEW.unit, NEW.park_id, NEW.binding)
        IS DISTINCT FROM (OLD.number, OLD.programme_id, OLD.title, OLD.goal, OLD.unit, OLD.park_id, OLD.binding) THEN
        RAISE EXCEPTION 'frozen: what is to be done never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER tasks_kept BEFORE UPDATE OR DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION task_head_kept();
