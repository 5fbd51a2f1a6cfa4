-- +goose Up
-- Steps of parks in the pilot, inserted only. The day is the one on which a step took
-- place; a state that was typed in before this release has none.
CREATE TABLE pilot_steps (
    id            text PRIMARY KEY,
    park_id       text NOT NULL REFERENCES parks (id),
    from_state    text NOT NULL,
    to_state      text NOT NULL,
    day           text NOT NULL,
    at            datetime NOT NULL,
    actor_id      text NOT NULL,
    actor_org     text NOT NULL,
    document      text NOT NULL DEFAULT '',
    reason        text NOT NULL DEFAULT '',
    assessment_id text,
    change_id     text NOT NULL REFERENCES changes (id),
    CHECK (to_state IN ('nominated', 'designated', 'plan_agreed', 'building', 'self_assessed', 'district_checked', 'accredited', 'returned', 'lapsed'))
);
CREATE INDEX pilot_steps_park ON pilot_steps (park_id, day DESC, id DESC);

-- +goose StatementBegin
CREATE TRIGGER pilot_steps_update BEFORE UPDATE ON pilot_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of pilot_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pilot_steps_delete BEFORE DELETE ON pilot_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of pilot_steps are never changed or deleted');
END;
-- +goose StatementEnd
