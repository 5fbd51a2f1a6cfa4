-- +goose Up
-- Steps of parks in the pilot, inserted only. The day is the one on which a step took
-- place; a state that was typed in before this release has none.
CREATE TABLE pilot_steps (
    id            uuid PRIMARY KEY,
    park_id       uuid NOT NULL REFERENCES parks (id),
    from_state    text NOT NULL,
    to_state      text NOT NULL,
    day           date NOT NULL,
    at            timestamptz NOT NULL,
    actor_id      uuid NOT NULL,
    actor_org     text NOT NULL,
    document      text NOT NULL DEFAULT '',
    reason        text NOT NULL DEFAULT '',
    assessment_id uuid,
    change_id     uuid NOT NULL REFERENCES changes (id),
    CHECK (to_state IN ('nominated', 'designated', 'plan_agreed', 'building', 'self_assessed', 'district_checked', 'accredited', 'returned', 'lapsed'))
);
CREATE INDEX pilot_steps_park ON pilot_steps (park_id, day DESC, id DESC);

CREATE TRIGGER pilot_steps_frozen BEFORE UPDATE OR DELETE ON pilot_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER pilot_steps_truncate BEFORE TRUNCATE ON pilot_steps EXECUTE FUNCTION frozen();
