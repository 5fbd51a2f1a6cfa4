-- +goose Up
-- Files of rows that were brought to be imported: the head, and what happened to it.
CREATE TABLE imports (
    id            uuid PRIMARY KEY,
    site_id       uuid,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid,
    class         text NOT NULL,
    class_version integer NOT NULL,
    file_id       uuid NOT NULL REFERENCES attachments (id),
    name          text NOT NULL,
    size          bigint NOT NULL,
    sha256        bytea NOT NULL,
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
    committed_at  timestamptz,
    undone_at     timestamptz,
    created_by    uuid NOT NULL,
    change_id     uuid NOT NULL,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK (state IN ('checked', 'committed', 'undone')),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE INDEX imports_park ON imports (park_id, created_at, id);
CREATE INDEX imports_enterprise ON imports (enterprise_id, created_at, id) WHERE enterprise_id IS NOT NULL;
CREATE INDEX imports_same ON imports (park_id, class, sha256);

CREATE TABLE import_steps (
    id        uuid PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES imports (id),
    number    integer NOT NULL,
    kind      text NOT NULL,
    at        timestamptz NOT NULL,
    actor_id  uuid NOT NULL,
    cells     text NOT NULL,
    report    text NOT NULL,
    entries   text NOT NULL,
    change_id uuid NOT NULL REFERENCES changes (id)
);
CREATE UNIQUE INDEX import_steps_number ON import_steps (import_id, number);

CREATE TRIGGER import_steps_frozen BEFORE UPDATE OR DELETE ON import_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER import_steps_truncate BEFORE TRUNCATE ON import_steps EXECUTE FUNCTION frozen();
-- +goose StatementBegin
CREATE FUNCTION import_head_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'frozen: an import is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.park_id, NEW.site_id, NEW.class, NEW.class_version, NEW.file_id, NEW.name, NEW.size, NEW.sha256, NEW.created_by)
        IS DISTINCT FROM (OLD.park_id, OLD.site_id, OLD.class, OLD.class_version, OLD.file_id, OLD.name, OLD.size, OLD.sha256, OLD.created_by) THEN
        RAISE EXCEPTION 'frozen: what was brought never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER imports_kept BEFORE UPDATE OR DELETE ON imports FOR EACH ROW EXECUTE FUNCTION import_head_kept();
