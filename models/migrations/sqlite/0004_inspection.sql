-- +goose Up
CREATE TABLE patrols (
    id            text PRIMARY KEY,
    number        text NOT NULL,
    nature        text NOT NULL,
    kind          text NOT NULL,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    planned_on    text,
    started_at    datetime,
    officers      text NOT NULL DEFAULT '[]',
    weather       text NOT NULL DEFAULT '',
    checklist     text NOT NULL,
    created_by    text NOT NULL,
    created_org   text NOT NULL,
    demo          boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    CHECK (nature IN ('patrol', 'inspection'))
);
CREATE UNIQUE INDEX patrols_number ON patrols (number);
CREATE INDEX patrols_park ON patrols (park_id, created_at DESC, id DESC);
CREATE INDEX patrols_jurisdiction ON patrols (jurisdiction, created_at DESC, id DESC);
CREATE INDEX patrols_created ON patrols (created_at DESC, id DESC);

-- A walk is the set of its events; ids are made by the device, so sending twice changes nothing.
CREATE TABLE patrol_events (
    patrol_id   text NOT NULL REFERENCES patrols (id),
    id          text NOT NULL,
    type        text NOT NULL,
    at          datetime NOT NULL,
    elapsed_ms  integer,
    server_at   datetime,
    received_at datetime NOT NULL,
    clock_error_ms integer,
    actor_id    text NOT NULL,
    body        text NOT NULL,
    digest      blob NOT NULL,
    change_id   text NOT NULL REFERENCES changes (id),
    PRIMARY KEY (patrol_id, id)
);
CREATE INDEX patrol_events_patrol ON patrol_events (patrol_id, at, id);

-- Where an event happened is personal data: kept apart, so that it can be coarsened or
-- erased while the event, which holds a salted commitment to it, stays as it was sent.
CREATE TABLE patrol_positions (
    patrol_id  text NOT NULL,
    event_id   text NOT NULL,
    longitude  text NOT NULL,
    latitude   text NOT NULL,
    accuracy_m text NOT NULL DEFAULT '',
    datum      text NOT NULL,
    salt       blob NOT NULL,
    PRIMARY KEY (patrol_id, event_id),
    FOREIGN KEY (patrol_id, event_id) REFERENCES patrol_events (patrol_id, id),
    CHECK (datum IN ('WGS-84', 'GCJ-02'))
);

CREATE TABLE findings (
    id             text PRIMARY KEY,
    number         text NOT NULL,
    site_id        text,
    park_id        text NOT NULL REFERENCES parks (id),
    jurisdiction   text,
    enterprise_id  text,
    facility_id    text,
    patrol_id      text REFERENCES patrols (id),
    dimension      integer NOT NULL,
    type           text NOT NULL DEFAULT '',
    description    text NOT NULL,
    place          text NOT NULL DEFAULT '',
    severity       text NOT NULL,
    state          text NOT NULL,
    recipient      text NOT NULL DEFAULT '',
    notified_on    text,
    notified_org   text NOT NULL DEFAULT '',
    due_on         text,
    first_due_on   text,
    extended       boolean NOT NULL DEFAULT false,
    returns        integer NOT NULL DEFAULT 0,
    opened_by      text NOT NULL,
    opened_org     text NOT NULL,
    opened_on      text NOT NULL,
    submitted_by   text,
    submitted_org  text NOT NULL DEFAULT '',
    submitted_on   text,
    acknowledged_at datetime,
    referral_requested boolean NOT NULL DEFAULT false,
    closed_on      text,
    demo           boolean NOT NULL DEFAULT false,
    version        integer NOT NULL DEFAULT 1,
    created_at     datetime NOT NULL,
    updated_at     datetime NOT NULL,
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
    id         text PRIMARY KEY,
    finding_id text NOT NULL REFERENCES findings (id),
    kind       text NOT NULL,
    at         datetime NOT NULL,
    actor_id   text NOT NULL,
    actor_org  text NOT NULL,
    reason     text NOT NULL DEFAULT '',
    due_on     text,
    body       text NOT NULL DEFAULT '{}',
    change_id  text NOT NULL REFERENCES changes (id)
);
CREATE INDEX finding_steps_finding ON finding_steps (finding_id, id);

-- +goose StatementBegin
CREATE TRIGGER patrol_events_update BEFORE UPDATE ON patrol_events FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of patrol_events are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER patrol_events_delete BEFORE DELETE ON patrol_events FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of patrol_events are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER finding_steps_update BEFORE UPDATE ON finding_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of finding_steps are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER finding_steps_delete BEFORE DELETE ON finding_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of finding_steps are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER findings_delete BEFORE DELETE ON findings FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: a finding is never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER findings_update BEFORE UPDATE ON findings FOR EACH ROW
WHEN NEW.number IS NOT OLD.number
    OR NEW.dimension IS NOT OLD.dimension
    OR NEW.description IS NOT OLD.description
    OR NEW.severity IS NOT OLD.severity
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.type IS NOT OLD.type
    OR NEW.place IS NOT OLD.place
    OR NEW.site_id IS NOT OLD.site_id
    OR NEW.enterprise_id IS NOT OLD.enterprise_id
    OR NEW.facility_id IS NOT OLD.facility_id
    OR NEW.patrol_id IS NOT OLD.patrol_id
    OR NEW.opened_by IS NOT OLD.opened_by
    OR NEW.opened_org IS NOT OLD.opened_org
    OR NEW.opened_on IS NOT OLD.opened_on
BEGIN
    SELECT RAISE(ABORT, 'frozen: what was found never changes');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER patrols_delete BEFORE DELETE ON patrols FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: a patrol is never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER patrols_update BEFORE UPDATE ON patrols FOR EACH ROW
WHEN NEW.number IS NOT OLD.number
    OR NEW.nature IS NOT OLD.nature
    OR NEW.kind IS NOT OLD.kind
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.checklist IS NOT OLD.checklist
    OR NEW.created_by IS NOT OLD.created_by
    OR NEW.created_org IS NOT OLD.created_org
BEGIN
    SELECT RAISE(ABORT, 'frozen: what a patrol is never changes');
END;
-- +goose StatementEnd
