-- +goose Up
CREATE TABLE districts (
    slug       text PRIMARY KEY,
    name_zh    text NOT NULL,
    name_en    text NOT NULL,
    gb2260     text NOT NULL DEFAULT '',
    kind       text NOT NULL,
    branch_zh  text NOT NULL DEFAULT '',
    note       text NOT NULL DEFAULT '',
    position   integer NOT NULL,
    source     text NOT NULL,
    confidence text NOT NULL
);
CREATE TABLE streets (
    code         text PRIMARY KEY,
    name_zh      text NOT NULL,
    gb2260       text NOT NULL,
    jurisdiction text NOT NULL REFERENCES districts (slug),
    kind         text NOT NULL,
    source       text NOT NULL,
    confidence   text NOT NULL
);
-- Every other reference list (limits, waste codes, deadlines, …): one row an item, its fields as JSON.
CREATE TABLE reference_items (
    list       text NOT NULL,
    code       text NOT NULL,
    name_zh    text NOT NULL DEFAULT '',
    name_en    text NOT NULL DEFAULT '',
    data       text NOT NULL,
    digest     text NOT NULL,
    edited     boolean NOT NULL DEFAULT false,
    position   integer NOT NULL,
    source     text NOT NULL,
    confidence text NOT NULL,
    PRIMARY KEY (list, code)
);

CREATE TABLE parks (
    id                   text PRIMARY KEY,
    code                 text NOT NULL,
    name                 text,
    name_sort            text NOT NULL DEFAULT '',
    search               text NOT NULL DEFAULT '',
    aliases              text NOT NULL DEFAULT '[]',
    jurisdiction         text REFERENCES districts (slug),
    street_code          text,
    address              text NOT NULL DEFAULT '',
    area_km2             text NOT NULL DEFAULT '',
    longitude            text NOT NULL DEFAULT '',
    latitude             text NOT NULL DEFAULT '',
    datum                text NOT NULL DEFAULT '',
    basin                text NOT NULL DEFAULT '',
    control_units        text NOT NULL DEFAULT '[]',
    sectors              text NOT NULL DEFAULT '[]',
    pilot_batch          text NOT NULL DEFAULT '',
    pilot_state          text NOT NULL DEFAULT '',
    pilot_confirmed      boolean NOT NULL DEFAULT false,
    designated_on        text,
    operator_name        text NOT NULL DEFAULT '',
    operator_credit_code text NOT NULL DEFAULT '',
    body_name            text NOT NULL DEFAULT '',
    body_staff           integer,
    plan_eia_no          text NOT NULL DEFAULT '',
    plan_eia_on          text,
    tracking_on          text,
    emergency_plan_no    text NOT NULL DEFAULT '',
    emergency_filed_on   text,
    source               text NOT NULL,
    confidence           text NOT NULL,
    demo                 boolean NOT NULL DEFAULT false,
    edited               boolean NOT NULL DEFAULT false,
    closed_on            text,
    closed_reason        text NOT NULL DEFAULT '',
    version              integer NOT NULL DEFAULT 1,
    created_at           datetime NOT NULL,
    updated_at           datetime NOT NULL,
    CHECK (NOT pilot_confirmed OR (name IS NOT NULL AND jurisdiction IS NOT NULL))
);
CREATE UNIQUE INDEX parks_code ON parks (code);
CREATE UNIQUE INDEX parks_name ON parks (name) WHERE name IS NOT NULL;
CREATE INDEX parks_jurisdiction ON parks (jurisdiction, code);

CREATE TABLE phases (
    id            text PRIMARY KEY,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    number        text NOT NULL,
    name          text NOT NULL,
    floor_area    text NOT NULL DEFAULT '',
    state         text NOT NULL DEFAULT '',
    trial_from    text,
    closed_on     text,
    closed_reason text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL
);
CREATE UNIQUE INDEX phases_number ON phases (park_id, number) WHERE closed_on IS NULL;

CREATE TABLE enterprises (
    id             text PRIMARY KEY,
    credit_code    text NOT NULL,
    name           text NOT NULL,
    name_sort      text NOT NULL DEFAULT '',
    search         text NOT NULL DEFAULT '',
    aliases        text NOT NULL DEFAULT '[]',
    industries     text NOT NULL DEFAULT '[]',
    main_industry  text NOT NULL DEFAULT '',
    permit_class   text NOT NULL DEFAULT '',
    risk_level     text NOT NULL DEFAULT '',
    key_years      text NOT NULL DEFAULT '[]',
    discharges     boolean NOT NULL DEFAULT false,
    demo           boolean NOT NULL DEFAULT false,
    closed_on      text,
    closed_reason  text NOT NULL DEFAULT '',
    version        integer NOT NULL DEFAULT 1,
    created_at     datetime NOT NULL,
    updated_at     datetime NOT NULL
);
CREATE UNIQUE INDEX enterprises_credit_code ON enterprises (credit_code);
CREATE INDEX enterprises_name ON enterprises (name_sort, id);

CREATE TABLE enterprise_names (
    id            text PRIMARY KEY,
    enterprise_id text NOT NULL REFERENCES enterprises (id),
    name          text NOT NULL,
    from_on       text NOT NULL,
    until_on      text
);
CREATE INDEX enterprise_names_enterprise ON enterprise_names (enterprise_id, from_on);

CREATE TABLE sites (
    id            text PRIMARY KEY,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text NOT NULL REFERENCES enterprises (id),
    process       text NOT NULL DEFAULT '',
    demo          boolean NOT NULL DEFAULT false,
    closed_on     text,
    closed_reason text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL
);
CREATE UNIQUE INDEX sites_enterprise_park ON sites (enterprise_id, park_id);
CREATE UNIQUE INDEX sites_park ON sites (park_id, id);
CREATE INDEX sites_jurisdiction ON sites (jurisdiction, enterprise_id);

CREATE TABLE tenancies (
    id            text PRIMARY KEY,
    site_id       text NOT NULL,
    park_id       text NOT NULL,
    jurisdiction  text,
    enterprise_id text NOT NULL,
    building      text NOT NULL,
    unit          text NOT NULL,
    area_m2       text NOT NULL DEFAULT '',
    purpose       text NOT NULL DEFAULT '',
    from_on       text NOT NULL,
    to_on         text,
    end_reason    text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    CHECK (to_on IS NULL OR to_on >= from_on)
);
CREATE INDEX tenancies_site ON tenancies (site_id, from_on);
CREATE INDEX tenancies_enterprise ON tenancies (enterprise_id, from_on);

CREATE TABLE permits (
    id             text PRIMARY KEY,
    site_id        text NOT NULL,
    park_id        text NOT NULL,
    jurisdiction   text,
    enterprise_id  text NOT NULL REFERENCES enterprises (id),
    number         text NOT NULL,
    kind           text NOT NULL,
    class          text NOT NULL,
    state          text NOT NULL,
    issued_on      text NOT NULL,
    valid_to       text NOT NULL,
    authority      text NOT NULL,
    amounts        text NOT NULL DEFAULT '[]',
    limits         text NOT NULL DEFAULT '[]',
    ledger_rules   text NOT NULL DEFAULT '[]',
    monitoring     text NOT NULL DEFAULT '[]',
    demo           boolean NOT NULL DEFAULT false,
    closed_on      text,
    closed_reason  text NOT NULL DEFAULT '',
    version        integer NOT NULL DEFAULT 1,
    created_at     datetime NOT NULL,
    updated_at     datetime NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    CHECK (valid_to >= issued_on)
);
CREATE UNIQUE INDEX permits_number ON permits (number, kind) WHERE closed_on IS NULL;
CREATE INDEX permits_site ON permits (site_id, issued_on);
CREATE INDEX permits_park_expiry ON permits (park_id, valid_to, id);
CREATE INDEX permits_jurisdiction_expiry ON permits (jurisdiction, valid_to, id);

CREATE TABLE facilities (
    id            text PRIMARY KEY,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    code          text NOT NULL,
    kind          text NOT NULL,
    name          text NOT NULL,
    medium        text NOT NULL DEFAULT '',
    capacity      text NOT NULL DEFAULT '',
    capacity_unit text NOT NULL DEFAULT '',
    process       text NOT NULL DEFAULT '',
    supplier      text NOT NULL DEFAULT '',
    built_on      text,
    in_use        boolean NOT NULL DEFAULT true,
    demo          boolean NOT NULL DEFAULT false,
    closed_on     text,
    closed_reason text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE UNIQUE INDEX facilities_site_code ON facilities (site_id, code) WHERE site_id IS NOT NULL AND closed_on IS NULL;
CREATE UNIQUE INDEX facilities_park_code ON facilities (park_id, code) WHERE site_id IS NULL AND closed_on IS NULL;
CREATE UNIQUE INDEX facilities_park ON facilities (park_id, id);
CREATE INDEX facilities_enterprise ON facilities (enterprise_id) WHERE enterprise_id IS NOT NULL;
CREATE INDEX facilities_jurisdiction ON facilities (jurisdiction, id);

CREATE TABLE outlets (
    id              text PRIMARY KEY,
    facility_id     text,
    site_id         text,
    park_id         text NOT NULL REFERENCES parks (id),
    jurisdiction    text,
    enterprise_id   text,
    code            text NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL DEFAULT '',
    regime          text NOT NULL,
    destination     text NOT NULL DEFAULT '',
    receiving_plant text NOT NULL DEFAULT '',
    receiving_water text NOT NULL DEFAULT '',
    longitude       text NOT NULL DEFAULT '',
    latitude        text NOT NULL DEFAULT '',
    datum           text NOT NULL DEFAULT '',
    demo            boolean NOT NULL DEFAULT false,
    closed_on       text,
    closed_reason   text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 1,
    created_at      datetime NOT NULL,
    updated_at      datetime NOT NULL,
    FOREIGN KEY (park_id, facility_id) REFERENCES facilities (park_id, id),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE UNIQUE INDEX outlets_site_code ON outlets (site_id, code) WHERE site_id IS NOT NULL AND closed_on IS NULL;
CREATE UNIQUE INDEX outlets_park_code ON outlets (park_id, code) WHERE site_id IS NULL AND closed_on IS NULL;
CREATE UNIQUE INDEX outlets_park ON outlets (park_id, id);
CREATE INDEX outlets_facility ON outlets (facility_id) WHERE facility_id IS NOT NULL;
CREATE INDEX outlets_enterprise ON outlets (enterprise_id) WHERE enterprise_id IS NOT NULL;

-- Limits in force at an outlet, each with its basis and dates; candidates stay side by side.
CREATE TABLE outlet_limits (
    id         text PRIMARY KEY,
    outlet_id  text NOT NULL REFERENCES outlets (id),
    pollutant  text NOT NULL,
    minimum    text NOT NULL DEFAULT '',
    maximum    text NOT NULL DEFAULT '',
    unit       text NOT NULL,
    basis      text NOT NULL,
    standard   text NOT NULL,
    valid_from text NOT NULL,
    valid_to   text,
    created_at datetime NOT NULL
);
CREATE INDEX outlet_limits_outlet ON outlet_limits (outlet_id, pollutant, valid_from);

CREATE TABLE streams (
    id            text PRIMARY KEY,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    facility_id   text,
    name          text NOT NULL,
    kind          text NOT NULL,
    class_one     boolean NOT NULL DEFAULT false,
    volume_m3d    text NOT NULL DEFAULT '',
    demo          boolean NOT NULL DEFAULT false,
    closed_on     text,
    closed_reason text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    FOREIGN KEY (park_id, facility_id) REFERENCES facilities (park_id, id),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE INDEX streams_park ON streams (park_id, id);
CREATE INDEX streams_enterprise ON streams (enterprise_id) WHERE enterprise_id IS NOT NULL;

-- What a registry row said and when: inserted with every write, never changed.
CREATE TABLE registry_versions (
    id          text PRIMARY KEY,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    version     integer NOT NULL,
    valid_from  datetime NOT NULL,
    change_id   text NOT NULL REFERENCES changes (id),
    data        text NOT NULL
);
CREATE UNIQUE INDEX registry_versions_object ON registry_versions (object_id, version);

-- Fields about people, erasable: everything else holds only a salted commitment to the value.
CREATE TABLE personal_fields (
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    field       text NOT NULL,
    value       text NOT NULL,
    salt        blob NOT NULL,
    updated_at  datetime NOT NULL,
    PRIMARY KEY (object_id, field)
);

-- +goose StatementBegin
CREATE TRIGGER registry_versions_update BEFORE UPDATE ON registry_versions FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of registry_versions are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER registry_versions_delete BEFORE DELETE ON registry_versions FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of registry_versions are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tenancies_no_overlap_insert BEFORE INSERT ON tenancies FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM tenancies t WHERE t.park_id = NEW.park_id AND t.building = NEW.building AND t.unit = NEW.unit AND t.id <> NEW.id
    AND t.from_on <= COALESCE(NEW.to_on, '9999-12-31') AND NEW.from_on <= COALESCE(t.to_on, '9999-12-31'))
BEGIN
    SELECT RAISE(ABORT, 'overlap: the unit is let twice');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tenancies_no_overlap_update BEFORE UPDATE OF building, unit, from_on, to_on ON tenancies FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM tenancies t WHERE t.park_id = NEW.park_id AND t.building = NEW.building AND t.unit = NEW.unit AND t.id <> NEW.id
    AND t.from_on <= COALESCE(NEW.to_on, '9999-12-31') AND NEW.from_on <= COALESCE(t.to_on, '9999-12-31'))
BEGIN
    SELECT RAISE(ABORT, 'overlap: the unit is let twice');
END;
-- +goose StatementEnd
