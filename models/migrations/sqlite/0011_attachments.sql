-- +goose Up
-- The table that was made ahead never held a row.
DROP TABLE attachments;
CREATE TABLE attachments (
    id            text PRIMARY KEY,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    owner_kind    text NOT NULL DEFAULT '',
    owner_id      text,
    name          text NOT NULL,
    media_type    text NOT NULL,
    size          integer NOT NULL,
    sha256        blob NOT NULL,
    algorithm     text NOT NULL,
    width         integer NOT NULL DEFAULT 0,
    height        integer NOT NULL DEFAULT 0,
    uploaded_by   text NOT NULL,
    uploaded_at   datetime NOT NULL,
    discarded_at  datetime,
    change_id     text NOT NULL,
    version       integer NOT NULL DEFAULT 1,
    CHECK ((owner_kind = '') = (owner_id IS NULL)),
    CHECK (owner_id IS NULL OR discarded_at IS NULL),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE INDEX attachments_owner ON attachments (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX attachments_sha256 ON attachments (sha256);
CREATE INDEX attachments_unused ON attachments (uploaded_at) WHERE owner_id IS NULL AND discarded_at IS NULL;

-- +goose StatementBegin
CREATE TRIGGER attachments_delete BEFORE DELETE ON attachments FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: an attachment is never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER attachments_update BEFORE UPDATE ON attachments FOR EACH ROW
WHEN OLD.owner_id IS NOT NULL AND (NEW.owner_id IS NOT OLD.owner_id OR NEW.owner_kind IS NOT OLD.owner_kind)
    OR OLD.discarded_at IS NOT NULL AND NEW.discarded_at IS NOT OLD.discarded_at
    OR NEW.id IS NOT OLD.id
    OR NEW.site_id IS NOT OLD.site_id
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.enterprise_id IS NOT OLD.enterprise_id
    OR NEW.name IS NOT OLD.name
    OR NEW.media_type IS NOT OLD.media_type
    OR NEW.size IS NOT OLD.size
    OR NEW.sha256 IS NOT OLD.sha256
    OR NEW.algorithm IS NOT OLD.algorithm
    OR NEW.width IS NOT OLD.width
    OR NEW.height IS NOT OLD.height
    OR NEW.uploaded_by IS NOT OLD.uploaded_by
    OR NEW.uploaded_at IS NOT OLD.uploaded_at
    OR NEW.change_id IS NOT OLD.change_id
BEGIN
    SELECT RAISE(ABORT, 'frozen: what an attachment is never changes, and it is attached once');
END;
-- +goose StatementEnd

ALTER TABLE ledger_entries ADD COLUMN attachments text NOT NULL DEFAULT '[]';
ALTER TABLE ledger_filings ADD COLUMN attachments text NOT NULL DEFAULT '[]';
