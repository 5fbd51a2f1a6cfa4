-- +goose Up
-- A period that the bureau locked: nothing is filed into it until it is unlocked. The
-- head is unlocked once and never locked again; every move is a step.
CREATE TABLE period_locks (
    id           uuid PRIMARY KEY,
    number       text NOT NULL,
    from_on      date NOT NULL,
    to_on        date NOT NULL,
    park_id      uuid REFERENCES parks (id),
    jurisdiction text,
    reason       text NOT NULL,
    locked_by    uuid NOT NULL,
    unlocked_at  timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CHECK (from_on <= to_on)
);
CREATE UNIQUE INDEX period_locks_number ON period_locks (number);
CREATE INDEX period_locks_created ON period_locks (created_at DESC, id DESC);
-- Filing looks here each time; few locks stand at once.
CREATE INDEX period_locks_standing ON period_locks (to_on) WHERE unlocked_at IS NULL;

CREATE TABLE period_lock_steps (
    id        uuid PRIMARY KEY,
    lock_id   uuid NOT NULL REFERENCES period_locks (id),
    kind      text NOT NULL,
    at        timestamptz NOT NULL,
    actor_id  uuid NOT NULL,
    reason    text NOT NULL,
    change_id uuid NOT NULL REFERENCES changes (id),
    CHECK (kind IN ('locked', 'unlocked'))
);
CREATE UNIQUE INDEX period_lock_steps_kind ON period_lock_steps (lock_id, kind);

CREATE TRIGGER period_lock_steps_frozen BEFORE UPDATE OR DELETE ON period_lock_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER period_lock_steps_truncate BEFORE TRUNCATE ON period_lock_steps EXECUTE FUNCTION frozen();
-- +goose StatementBegin
CREATE FUNCTION period_lock_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'frozen: a period lock is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.unlocked_at IS NOT NULL AND NEW.unlocked_at IS DISTINCT FROM OLD.unlocked_at
        OR (NEW.number, NEW.from_on, NEW.to_on, NEW.park_id, NEW.reason, NEW.locked_by, NEW.created_at)
        IS DISTINCT FROM (OLD.number, OLD.from_on, OLD.to_on, OLD.park_id, OLD.reason, OLD.locked_by, OLD.created_at) THEN
        RAISE EXCEPTION 'frozen: a period lock is unlocked once and never altered' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER period_locks_kept BEFORE UPDATE OR DELETE ON period_locks FOR EACH ROW EXECUTE FUNCTION period_lock_kept();
