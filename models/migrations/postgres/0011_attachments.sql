-- +goose Up
-- The table that was made ahead never held a row.
DROP TABLE attachments;
CREATE TABLE attachments (
    id            uuid PRIMARY KEY,
    site_id       uuid,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid,
    owner_kind    text NOT NULL DEFAULT '',
    owner_id      uuid,
    name          text NOT NULL,
    media_type    text NOT NULL,
    size          bigint NOT NULL,
    sha256        bytea NOT NULL,
    algorithm     text NOT NULL,
    width         bigint NOT NULL DEFAULT 0,
    height        bigint NOT NULL DEFAULT 0,
    uploaded_by   uuid NOT NULL,
    uploaded_at   timestamptz NOT NULL,
    discarded_at  timestamptz,
    change_id     uuid NOT NULL,
    version       bigint NOT NULL DEFAULT 1,
    CHECK ((owner_kind = '') = (owner_id IS NULL)),
    CHECK (owner_id IS NULL OR discarded_at IS NULL),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE INDEX attachments_owner ON attachments (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX attachments_sha256 ON attachments (sha256);
CREATE INDEX attachments_unused ON attachments (uploaded_at) WHERE owner_id IS NULL AND discarded_at IS NULL;

-- +goose StatementBegin
CREATE FUNCTION attachment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'frozen: an attachment is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.owner_id IS NOT NULL AND (NEW.owner_id, NEW.owner_kind) IS DISTINCT FROM (OLD.owner_id, OLD.owner_kind)
        OR OLD.discarded_at IS NOT NULL AND NEW.discarded_at IS DISTINCT FROM OLD.discarded_at
        OR (NEW.id, NEW.site_id, NEW.park_id, NEW.enterprise_id, NEW.name, NEW.media_type, NEW.size, NEW.sha256, NEW.algorithm,
            NEW.width, NEW.height, NEW.uploaded_by, NEW.uploaded_at, NEW.change_id)
        IS DISTINCT FROM (OLD.id, OLD.site_id, OLD.park_id, OLD.enterprise_id, OLD.name, OLD.media_type, OLD.size, OLD.sha256, OLD.algorithm,
            OLD.width, OLD.height, OLD.uploaded_by, OLD.uploaded_at, OLD.change_id) THEN
        RAISE EXCEPTION 'frozen: what an attachment is never changes, and it is attached once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER attachments_kept BEFORE UPDATE OR DELETE ON attachments FOR EACH ROW EXECUTE FUNCTION attachment_kept();

ALTER TABLE ledger_entries ADD COLUMN attachments text NOT NULL DEFAULT '[]';
ALTER TABLE ledger_filings ADD COLUMN attachments text NOT NULL DEFAULT '[]';
