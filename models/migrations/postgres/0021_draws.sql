-- +goose Up
-- Random selection of units and officers: the lists are written first and stay, the seed
-- comes after them, once; what was drawn stands in draw_tasks.
CREATE TABLE draws (
    id           uuid PRIMARY KEY,
    number       text NOT NULL,
    jurisdiction text,
    park_id      uuid REFERENCES parks (id),
    quarter      text NOT NULL,
    lists        text NOT NULL,
    digest       bytea NOT NULL,
    created_by   uuid NOT NULL,
    created_org  text NOT NULL,
    seed         text NOT NULL DEFAULT '',
    seed_source  text NOT NULL DEFAULT '',
    drawn_at     timestamptz,
    drawn_by     uuid,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CHECK ((drawn_at IS NULL) = (seed = ''))
);
CREATE UNIQUE INDEX draws_number ON draws (number);
CREATE INDEX draws_created ON draws (created_at DESC, id DESC);
CREATE INDEX draws_quarter ON draws (quarter, jurisdiction);

CREATE TABLE draw_tasks (
    draw_id        uuid NOT NULL REFERENCES draws (id),
    site_id        uuid NOT NULL REFERENCES sites (id),
    park_id        uuid NOT NULL,
    enterprise_id  uuid NOT NULL,
    place          integer NOT NULL,
    first_officer  uuid NOT NULL,
    second_officer uuid NOT NULL,
    change_id      uuid NOT NULL REFERENCES changes (id),
    PRIMARY KEY (draw_id, site_id),
    CHECK (first_officer <> second_officer)
);
CREATE INDEX draw_tasks_first ON draw_tasks (first_officer);
CREATE INDEX draw_tasks_second ON draw_tasks (second_officer);

CREATE TRIGGER draw_tasks_frozen BEFORE UPDATE OR DELETE ON draw_tasks FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER draw_tasks_truncate BEFORE TRUNCATE ON draw_tasks EXECUTE FUNCTION frozen();
-- +goose StatementBegin
CREATE FUNCTION draw_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'frozen: a draw is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.drawn_at IS NOT NULL AND (NEW.drawn_at, NEW.drawn_by, NEW.seed, NEW.seed_source) IS DISTINCT FROM (OLD.drawn_at, OLD.drawn_by, OLD.seed, OLD.seed_source)
        OR (NEW.number, NEW.park_id, NEW.quarter, NEW.lists, NEW.digest, NEW.created_by, NEW.created_org, NEW.created_at)
        IS DISTINCT FROM (OLD.number, OLD.park_id, OLD.quarter, OLD.lists, OLD.digest, OLD.created_by, OLD.created_org, OLD.created_at) THEN
        RAISE EXCEPTION 'frozen: the lists of a draw never change, and its seed is given once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER draws_kept BEFORE UPDATE OR DELETE ON draws FOR EACH ROW EXECUTE FUNCTION draw_kept();
