-- +goose Up
-- Random selection of units and officers: the lists are written first and stay, the seed
-- comes after them, once; what was drawn stands in draw_tasks.
CREATE TABLE draws (
    id           text PRIMARY KEY,
    number       text NOT NULL,
    jurisdiction text,
    park_id      text REFERENCES parks (id),
    quarter      text NOT NULL,
    lists        text NOT NULL,
    digest       blob NOT NULL,
    created_by   text NOT NULL,
    created_org  text NOT NULL,
    seed         text NOT NULL DEFAULT '',
    seed_source  text NOT NULL DEFAULT '',
    drawn_at     datetime,
    drawn_by     text,
    version      integer NOT NULL DEFAULT 1,
    created_at   datetime NOT NULL,
    updated_at   datetime NOT NULL,
    CHECK ((drawn_at IS NULL) = (seed = ''))
);
CREATE UNIQUE INDEX draws_number ON draws (number);
CREATE INDEX draws_created ON draws (created_at DESC, id DESC);
CREATE INDEX draws_quarter ON draws (quarter, jurisdiction);

CREATE TABLE draw_tasks (
    draw_id        text NOT NULL REFERENCES draws (id),
    site_id        text NOT NULL REFERENCES sites (id),
    park_id        text NOT NULL,
    enterprise_id  text NOT NULL,
    place          integer NOT NULL,
    first_officer  text NOT NULL,
    second_officer text NOT NULL,
    change_id      text NOT NULL REFERENCES changes (id),
    PRIMARY KEY (draw_id, site_id),
    CHECK (first_officer <> second_officer)
);
CREATE INDEX draw_tasks_first ON draw_tasks (first_officer);
CREATE INDEX draw_tasks_second ON draw_tasks (second_officer);

-- +goose StatementBegin
CREATE TRIGGER draw_tasks_update BEFORE UPDATE ON draw_tasks FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of draw_tasks are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER draw_tasks_delete BEFORE DELETE ON draw_tasks FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of draw_tasks are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER draws_delete BEFORE DELETE ON draws FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: a draw is never deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER draws_update BEFORE UPDATE ON draws FOR EACH ROW
WHEN OLD.drawn_at IS NOT NULL AND (NEW.drawn_at IS NOT OLD.drawn_at OR NEW.drawn_by IS NOT OLD.drawn_by OR NEW.seed IS NOT OLD.seed OR NEW.seed_source IS NOT OLD.seed_source)
    OR NEW.number IS NOT OLD.number
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.quarter IS NOT OLD.quarter
    OR NEW.lists IS NOT OLD.lists
    OR NEW.digest IS NOT OLD.digest
    OR NEW.created_by IS NOT OLD.created_by
    OR NEW.created_org IS NOT OLD.created_org
    OR NEW.created_at IS NOT OLD.created_at
BEGIN
    SELECT RAISE(ABORT, 'frozen: the lists of a draw never change, and its seed is given once');
END;
-- +goose StatementEnd
