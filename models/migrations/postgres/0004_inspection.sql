-- +goose Up
CREATE TABLE patrols (
    id            uuid PRIMARY KEY,
    number        text NOT NULL,
    nature        text NOT NULL,
    kind          text NOT NULL,
    site_id       uuid,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid,
    planned_on    date,
    started_at    timestamptz,
    officers      text NOT NULL DEFAULT '[]',
    weather       text NOT NULL DEFAULT '',
    checklist     text NOT NULL,
    created_by    uuid NOT NULL,
    created_org   text NOT NULL,
    demo          boolean NOT NULL DEFAULT false,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK (nature IN ('patrol', 'inspection'))
);
CREATE UNIQUE INDEX patrols_number ON patrols (number);
CREATE INDEX patrols_park ON patrols (park_id, created_at DESC, id DESC);
CREATE INDEX patrols_jurisdiction ON patrols (jurisdiction, created_at DESC, id DESC);
CREATE INDEX patrols_created ON patrols (created_at DESC, id DESC);

-- A walk is the set of its events; ids are made by the device, so sending twice changes nothing.
CREATE TABLE patrol_events (
    patrol_id   uuid NOT NULL REFERENCES patrols (id),
    id          uuid NOT NULL,
    type        text NOT NULL,
    at          timestamptz NOT NULL,
    elapsed_ms  bigint,
    server_at   timestamptz,
    received_at timestamptz NOT NULL,
    clock_error_ms bigint,
    actor_id    uuid NOT NULL,
    body        text NOT NULL,
    digest      bytea NOT NULL,
    change_id   uuid NOT NULL REFERENCES changes (id),
    PRIMARY KEY (patrol_id, id)
);
CREATE INDEX patrol_events_patrol ON patrol_events (patrol_id, at, id);

-- Where an event happened is personal data: kept apart, so that it can be coarsened or
-- erased while the event, which holds a salted commitment to it, stays as it was sent.
CREATE TABLE patrol_positions (
    patrol_id  uuid NOT NULL,
    event_id   uuid NOT NULL,
    longitude  text NOT NULL,
    latitude   text NOT NULL,
    accuracy_m text NOT NULL DEFAULT '',
    datum      text NOT NULL,
    salt       bytea NOT NULL,
    PRIMARY KEY (patrol_id, event_id),
    FOREIGN KEY (patrol_id, event_id) REFERENCES patrol_events (patrol_id, id),
    CHECK (datum IN ('WGS-84', 'GCJ-02'))
);

CREATE TABLE findings (
    id             uuid PRIMARY KEY,
    number         text NOT NULL,
    site_id        uuid,
    park_id        uuid NOT NULL REFERENCES parks (id),
    jurisdiction   text,
    enterprise_id  uuid,
    facility_id    uuid,
    patrol_id      uuid REFERENCES patrols (id),
    dimension      integer NOT NULL,
    type           text NOT NULL DEFAULT '',
    description    text NOT NULL,
    place          text NOT NULL DEFAULT '',
    severity       text NOT NULL,
    state          text NOT NULL,
    recipient      text NOT NULL DEFAULT '',
    notified_on    date,
    notified_org   text NOT NULL DEFAULT '',
    due_on         date,
    first_due_on   date,
    extended       boolean NOT NULL DEFAULT false,
    returns        integer NOT NULL DEFAULT 0,
    opened_by      uuid NOT NULL,
    opened_org     text NOT NULL,
    opened_on      date NOT NULL,
    submitted_by   uuid,
    submitted_org  text NOT NULL DEFAULT '',
    submitted_on   date,
    acknowledged_at timestamptz,
    referral_requested boolean NOT NULL DEFAULT false,
    closed_on      date,
    demo           boolean NOT NULL DEFAULT false,
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CHECK (dimension BETWEEN 1 AND 6),
    CHECK (state IN ('open', 'notified', 'submitted', 'returned', 'closed', 'referred', 'withdrawn')),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    FOREIGN KEY (park_id, facility_id) REFERENCES facilities (park_id, id)
);
CREATE UNIQUE INDEX findings_number ON findings (number);
CREATE INDEX findings_park ON findings (park_id, opened_on DESC, id DESC);
CREATE INDEX findings_jurisdiction ON findings (jurisdiction, opened_on DESC, id DESC);
CREATE INDEX findings_enterprise ON findings (enterprise_id, opened_on DESC, id DESC) WHERE enterprise_id IS NOT NULL;
CREATE INDEX findings_opened ON findings (opened_on DESC, id DESC);
CREATE INDEX findings_due ON findings (park_id, (COALESCE(due_on, '9999-12-31')), id);
CREATE INDEX findings_due_jurisdiction ON findings (jurisdiction, (COALESCE(due_on, '9999-12-31')), id);
CREATE INDEX findings_due_all ON findings ((COALESCE(due_on, '9999-12-31')), id);

CREATE TABLE finding_steps (
    id         uuid PRIMARY KEY,
    finding_id uuid NOT NULL REFERENCES findings (id),
    kind       text NOT NULL,
    at         timestamptz NOT NULL,
    actor_id   uuid NOT NULL,
    actor_org  text NOT NULL,
    reason     text NOT NULL DEFAULT '',
    due_on     date,
    body       text NOT NULL DEFAULT '{}',
    change_id  uuid NOT NULL REFERENCES changes (id)
);
CREATE INDEX finding_steps_finding ON finding_steps (finding_id, id);

CREATE TRIGGER patrol_events_frozen BEFORE UPDATE OR DELETE ON patrol_events FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER finding_steps_frozen BEFORE UPDATE OR DELETE ON finding_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER patrol_events_truncate BEFORE TRUNCATE ON patrol_events EXECUTE FUNCTION frozen();
CREATE TRIGGER finding_steps_truncate BEFORE TRUNCATE ON finding_steps EXECUTE FUNCTION frozen();
-- +goose StatementBegin
CREATE FUNCTION finding_head_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'frozen: a finding is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.number, NEW.dimension, NEW.description, NEW.severity, NEW.park_id, NEW.type, NEW.place, NEW.site_id,
        NEW.enterprise_id, NEW.facility_id, NEW.patrol_id, NEW.opened_by, NEW.opened_org, NEW.opened_on)
        IS DISTINCT FROM (OLD.number, OLD.dimension, OLD.description, OLD.severity, OLD.park_id, OLD.type, OLD.place, OLD.site_id,
        OLD.enterprise_id, OLD.facility_id, OLD.patrol_id, OLD.opened_by, OLD.opened_org, OLD.opened_on) THEN
        RAISE EXCEPTION 'frozen: what was found never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER findings_kept BEFORE UPDATE OR DELETE ON findings FOR EACH ROW EXECUTE FUNCTION finding_head_kept();
-- +goose StatementBegin
CREATE FUNCTION patrol_head_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'frozen: a patrol is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.number, NEW.nature, NEW.kind, NEW.park_id, NEW.checklist, NEW.created_by, NEW.created_org)
        IS DISTINCT FROM (OLD.number, OLD.nature, OLD.kind, OLD.park_id, OLD.checklist, OLD.created_by, OLD.created_org) THEN
        RAISE EXCEPTION 'frozen: what a patrol is never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER patrols_kept BEFORE UPDATE OR DELETE ON patrols FOR EACH ROW EXECUTE FUNCTION patrol_head_kept();
