-- +goose Up
-- Files of rows that were brought to be imported: the head, and what happened to it.
CREATE TABLE imports (
    id            text PRIMARY KEY,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    class         text NOT NULL,
    class_version integer NOT NULL,
    file_id       text NOT NULL REFERENCES attachments (id),
    name          text NOT NULL,
    size          integer NOT NULL,
    sha256        blob NOT NULL,
    state         text NOT NULL,
    checks        integer NOT NULL,
    rows          integer NOT NULL,
    good          integer NOT NULL,
    bad           integer NOT NULL,
    unchanged     integer NOT NULL,
    faults        integer NOT NULL,
    warnings      integer NOT NULL,
    selection     text NOT NULL DEFAULT '',
    filed         boolean NOT NULL DEFAULT false,
    entries       integer NOT NULL DEFAULT 0,
    committed_at  datetime,
    undone_at     datetime,
    created_by    text NOT NULL,
    change_id     text NOT NULL,
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    CHECK (state IN ('checked', 'committed', 'undone')),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE INDEX imports_park ON imports (park_id, created_at, id);
CREATE INDEX imports_enterprise ON imports (enterprise_id, created_at, id) WHERE enterprise_id IS NOT NULL;
CREATE INDEX imports_same ON imports (park_id, class, sha256);

CREATE TABLE import_steps (
    id        text PRIMARY KEY,
    import_id text NOT NULL REFERENCES imports (id),
    number    integer NOT NULL,
    kind      text NOT NULL,
    at        datetime NOT NULL,
    actor_id  text NOT NULL,
    cells     text NOT NULL,
    report    text NOT NULL,
    entries   text NOT NULL,
    change_id text NOT NULL REFERENCES changes (id)
);
CREATE UNIQUE INDEX import_steps_number ON import_steps (import_id, number);

-- +goose StatementBegin
CREATE TRIGGER import_steps_update BEFORE UPDATE ON import_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of import_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER import_steps_delete BEFORE DELETE ON import_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of import_steps are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER imports_delete BEFORE DELETE ON imports FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: an import is never deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER imports_update BEFORE UPDATE ON imports FOR EACH ROW
WHEN NEW.park_id IS NOT OLD.park_id
    OR NEW.site_id IS NOT OLD.site_id
    OR NEW.class IS NOT OLD.class
    OR NEW.class_version IS NOT OLD.class_version
    OR NEW.file_id IS NOT OLD.file_id
    OR NEW.name IS NOT OLD.name
    OR NEW.size IS NOT OLD.size
    OR NEW.sha256 IS NOT OLD.sha256
    OR NEW.created_by IS NOT OLD.created_by
BEGIN
    SELECT RAISE(ABORT, 'frozen: what was brought never changes');
END;
-- +goose StatementEnd
