-- +goose Up
-- What the wordings of a permit refer to: 1次/班, 1次/日或批次, 周期小于1天的按日.
ALTER TABLE facilities ADD COLUMN shifts text NOT NULL DEFAULT '[]';
ALTER TABLE facilities ADD COLUMN operation text NOT NULL DEFAULT '';
ALTER TABLE facilities ADD COLUMN cycle_hours integer;

-- Times without production or operation: of a site, or of one facility.
CREATE TABLE shutdowns (
    id            uuid PRIMARY KEY,
    site_id       uuid,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid,
    facility_id   uuid,
    from_on       date NOT NULL,
    to_on         date,
    reason        text NOT NULL,
    demo          boolean NOT NULL DEFAULT false,
    closed_on     date,
    closed_reason text NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    FOREIGN KEY (park_id, facility_id) REFERENCES facilities (park_id, id),
    CHECK (site_id IS NOT NULL OR facility_id IS NOT NULL),
    CHECK (to_on IS NULL OR to_on >= from_on),
    CONSTRAINT shutdowns_once EXCLUDE USING gist
        ((COALESCE(facility_id, site_id)) WITH =, daterange(from_on, to_on, '[]') WITH &&) WHERE (closed_on IS NULL)
);
CREATE INDEX shutdowns_park ON shutdowns (park_id, from_on DESC, id DESC);
CREATE INDEX shutdowns_jurisdiction ON shutdowns (jurisdiction, from_on DESC, id DESC);
CREATE INDEX shutdowns_enterprise ON shutdowns (enterprise_id, from_on DESC, id DESC) WHERE enterprise_id IS NOT NULL;
