-- +goose Up
-- A period that the bureau locked: nothing is filed into it until it is unlocked. The
-- head is unlocked once and never locked again; every move is a step.
CREATE TABLE period_locks (
    id           text PRIMARY KEY,
    number       text NOT NULL,
    from_on      text NOT NULL,
    to_on        text NOT NULL,
    park_id      text REFERENCES parks (id),
    jurisdiction text,
    reason       text NOT NULL,
    locked_by    text NOT NULL,
    unlocked_at  datetime,
    version      integer NOT NULL DEFAULT 1,
    created_at   datetime NOT NULL,
    updated_at   datetime NOT NULL,
    CHECK (from_on <= to_on)
);
CREATE UNIQUE INDEX period_locks_number ON period_locks (number);
CREATE INDEX period_locks_created ON period_locks (created_at DESC, id DESC);
-- Filing looks here each time; few locks stand at once.
CREATE INDEX period_locks_standing ON period_locks (to_on) WHERE unlocked_at IS NULL;

CREATE TABLE period_lock_steps (
    id        text PRIMARY KEY,
    lock_id   text NOT NULL REFERENCES period_locks (id),
    kind      text NOT NULL,
    at        datetime NOT NULL,
    actor_id  text NOT NULL,
    reason    text NOT NULL,
    change_id text NOT NULL REFERENCES changes (id),
    CHECK (kind IN ('locked', 'unlocked'))
);
CREATE UNIQUE INDEX period_lock_steps_kind ON period_lock_steps (lock_id, kind);

-- +goose StatementBegin
CREATE TRIGGER period_lock_steps_update BEFORE UPDATE ON period_lock_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of period_lock_steps are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER period_lock_steps_delete BEFORE DELETE ON period_lock_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of period_lock_steps are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER period_locks_delete BEFORE DELETE ON period_locks FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: a period lock is never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER period_locks_update BEFORE UPDATE ON period_locks FOR EACH ROW
WHEN OLD.unlocked_at IS NOT NULL AND NEW.unlocked_at IS NOT OLD.unlocked_at
    OR NEW.number IS NOT OLD.number
    OR NEW.from_on IS NOT OLD.from_on
    OR NEW.to_on IS NOT OLD.to_on
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.reason IS NOT OLD.reason
    OR NEW.locked_by IS NOT OLD.locked_by
    OR NEW.created_at IS NOT OLD.created_at
BEGIN
    SELECT RAISE(ABORT, 'frozen: a period lock is unlocked once and never altered');
END;
-- +goose StatementEnd
