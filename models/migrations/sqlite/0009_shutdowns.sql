-- +goose Up
-- What the wordings of a permit refer to: 1次/班, 1次/日或批次, 周期小于1天的按日.
ALTER TABLE facilities ADD COLUMN shifts text NOT NULL DEFAULT '[]';
ALTER TABLE facilities ADD COLUMN operation text NOT NULL DEFAULT '';
ALTER TABLE facilities ADD COLUMN cycle_hours integer;

-- Times without production or operation: of a site, or of one facility.
CREATE TABLE shutdowns (
    id            text PRIMARY KEY,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    facility_id   text,
    from_on       text NOT NULL,
    to_on         text,
    reason        text NOT NULL,
    demo          boolean NOT NULL DEFAULT false,
    closed_on     text,
    closed_reason text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    FOREIGN KEY (park_id, facility_id) REFERENCES facilities (park_id, id),
    CHECK (site_id IS NOT NULL OR facility_id IS NOT NULL),
    CHECK (to_on IS NULL OR to_on >= from_on)
);
CREATE INDEX shutdowns_park ON shutdowns (park_id, from_on DESC, id DESC);
CREATE INDEX shutdowns_jurisdiction ON shutdowns (jurisdiction, from_on DESC, id DESC);
CREATE INDEX shutdowns_enterprise ON shutdowns (enterprise_id, from_on DESC, id DESC) WHERE enterprise_id IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER shutdowns_once_insert BEFORE INSERT ON shutdowns FOR EACH ROW
WHEN NEW.closed_on IS NULL AND EXISTS (SELECT 1 FROM shutdowns s WHERE s.park_id = NEW.park_id AND s.closed_on IS NULL AND s.id <> NEW.id
    AND COALESCE(s.facility_id, s.site_id) = COALESCE(NEW.facility_id, NEW.site_id)
    AND s.from_on <= COALESCE(NEW.to_on, '9999-12-31') AND NEW.from_on <= COALESCE(s.to_on, '9999-12-31'))
BEGIN
    SELECT RAISE(ABORT, 'overlap: shut down twice');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER shutdowns_once_update BEFORE UPDATE ON shutdowns FOR EACH ROW
WHEN NEW.closed_on IS NULL AND EXISTS (SELECT 1 FROM shutdowns s WHERE s.park_id = NEW.park_id AND s.closed_on IS NULL AND s.id <> NEW.id
    AND COALESCE(s.facility_id, s.site_id) = COALESCE(NEW.facility_id, NEW.site_id)
    AND s.from_on <= COALESCE(NEW.to_on, '9999-12-31') AND NEW.from_on <= COALESCE(s.to_on, '9999-12-31'))
BEGIN
    SELECT RAISE(ABORT, 'overlap: shut down twice');
END;
-- +goose StatementEnd
