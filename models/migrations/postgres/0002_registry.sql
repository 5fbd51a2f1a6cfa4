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
    id                   uuid PRIMARY KEY,
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
    designated_on        date,
    operator_name        text NOT NULL DEFAULT '',
    operator_credit_code text NOT NULL DEFAULT '',
    body_name            text NOT NULL DEFAULT '',
    body_staff           integer,
    plan_eia_no          text NOT NULL DEFAULT '',
    plan_eia_on          date,
    tracking_on          date,
    emergency_plan_no    text NOT NULL DEFAULT '',
    emergency_filed_on   date,
    source               text NOT NULL,
    confidence           text NOT NULL,
    demo                 boolean NOT NULL DEFAULT false,
    edited               boolean NOT NULL DEFAULT false,
    closed_on            date,
    closed_reason        text NOT NULL DEFAULT '',
    version              bigint NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    CHECK (NOT pilot_confirmed OR (name IS NOT NULL AND jurisdiction IS NOT NULL))
);
CREATE UNIQUE INDEX parks_code ON parks (code);
CREATE UNIQUE INDEX parks_name ON parks (name) WHERE name IS NOT NULL;
CREATE INDEX parks_jurisdiction ON parks (jurisdiction, code);

CREATE TABLE phases (
    id            uuid PRIMARY KEY,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    number        text NOT NULL,
    name          text NOT NULL,
    floor_area    text NOT NULL DEFAULT '',
    state         text NOT NULL DEFAULT '',
    trial_from    date,
    closed_on     date,
    closed_reason text NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX phases_number ON phases (park_id, number) WHERE closed_on IS NULL;

CREATE TABLE enterprises (
    id             uuid PRIMARY KEY,
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
    closed_on      date,
    closed_reason  text NOT NULL DEFAULT '',
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX enterprises_credit_code ON enterprises (credit_code);
CREATE INDEX enterprises_name ON enterprises (name_sort, id);

CREATE TABLE enterprise_names (
    id            uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    name          text NOT NULL,
    from_on       date NOT NULL,
    until_on      date
);
CREATE INDEX enterprise_names_enterprise ON enterprise_names (enterprise_id, from_on);

CREATE TABLE sites (
    id            uuid PRIMARY KEY,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    process       text NOT NULL DEFAULT '',
    demo          boolean NOT NULL DEFAULT false,
    closed_on     date,
    closed_reason text NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX sites_enterprise_park ON sites (enterprise_id, park_id);
CREATE UNIQUE INDEX sites_park ON sites (park_id, id);
CREATE INDEX sites_jurisdiction ON sites (jurisdiction, enterprise_id);

CREATE TABLE tenancies (
    id            uuid PRIMARY KEY,
    site_id       uuid NOT NULL,
    park_id       uuid NOT NULL,
    jurisdiction  text,
    enterprise_id uuid NOT NULL,
    building      text NOT NULL,
    unit          text NOT NULL,
    area_m2       text NOT NULL DEFAULT '',
    purpose       text NOT NULL DEFAULT '',
    from_on       date NOT NULL,
    to_on         date,
    end_reason    text NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    CHECK (to_on IS NULL OR to_on >= from_on),
    CONSTRAINT tenancies_no_overlap EXCLUDE USING gist
        (park_id WITH =, building WITH =, unit WITH =, daterange(from_on, to_on, '[]') WITH &&)
);
CREATE INDEX tenancies_site ON tenancies (site_id, from_on);
CREATE INDEX tenancies_enterprise ON tenancies (enterprise_id, from_on);

CREATE TABLE permits (
    id             uuid PRIMARY KEY,
    site_id        uuid NOT NULL,
    park_id        uuid NOT NULL,
    jurisdiction   text,
    enterprise_id  uuid NOT NULL REFERENCES enterprises (id),
    number         text NOT NULL,
    kind           text NOT NULL,
    class          text NOT NULL,
    state          text NOT NULL,
    issued_on      date NOT NULL,
    valid_to       date NOT NULL,
    authority      text NOT NULL,
    amounts        text NOT NULL DEFAULT '[]',
    limits         text NOT NULL DEFAULT '[]',
    ledger_rules   text NOT NULL DEFAULT '[]',
    monitoring     text NOT NULL DEFAULT '[]',
    demo           boolean NOT NULL DEFAULT false,
    closed_on      date,
    closed_reason  text NOT NULL DEFAULT '',
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    CHECK (valid_to >= issued_on)
);
CREATE UNIQUE INDEX permits_number ON permits (number, kind) WHERE closed_on IS NULL;
CREATE INDEX permits_site ON permits (site_id, issued_on);
CREATE INDEX permits_park_expiry ON permits (park_id, valid_to, id);
CREATE INDEX permits_jurisdiction_expiry ON permits (jurisdiction, valid_to, id);

CREATE TABLE facilities (
    id            uuid PRIMARY KEY,
    site_id       uuid,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid,
    code          text NOT NULL,
    kind          text NOT NULL,
    name          text NOT NULL,
    medium        text NOT NULL DEFAULT '',
    capacity      text NOT NULL DEFAULT '',
    capacity_unit text NOT NULL DEFAULT '',
    process       text NOT NULL DEFAULT '',
    supplier      text NOT NULL DEFAULT '',
    built_on      date,
    in_use        boolean NOT NULL DEFAULT true,
    demo          boolean NOT NULL DEFAULT false,
    closed_on     date,
    closed_reason text NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE UNIQUE INDEX facilities_site_code ON facilities (site_id, code) WHERE site_id IS NOT NULL AND closed_on IS NULL;
CREATE UNIQUE INDEX facilities_park_code ON facilities (park_id, code) WHERE site_id IS NULL AND closed_on IS NULL;
CREATE UNIQUE INDEX facilities_park ON facilities (park_id, id);
CREATE INDEX facilities_enterprise ON facilities (enterprise_id) WHERE enterprise_id IS NOT NULL;
CREATE INDEX facilities_jurisdiction ON facilities (jurisdiction, id);

CREATE TABLE outlets (
    id              uuid PRIMARY KEY,
    facility_id     uuid,
    site_id         uuid,
    park_id         uuid NOT NULL REFERENCES parks (id),
    jurisdiction    text,
    enterprise_id   uuid,
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
    closed_on       date,
    closed_reason   text NOT NULL DEFAULT '',
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
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
    id         uuid PRIMARY KEY,
    outlet_id  uuid NOT NULL REFERENCES outlets (id),
    pollutant  text NOT NULL,
    minimum    text NOT NULL DEFAULT '',
    maximum    text NOT NULL DEFAULT '',
    unit       text NOT NULL,
    basis      text NOT NULL,
    standard   text NOT NULL,
    valid_from date NOT NULL,
    valid_to   date,
    created_at timestamptz NOT NULL
);
CREATE INDEX outlet_limits_outlet ON outlet_limits (outlet_id, pollutant, valid_from);

CREATE TABLE streams (
    id            uuid PRIMARY KEY,
    site_id       uuid,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid,
    facility_id   uuid,
    name          text NOT NULL,
    kind          text NOT NULL,
    class_one     boolean NOT NULL DEFAULT false,
    volume_m3d    text NOT NULL DEFAULT '',
    demo          boolean NOT NULL DEFAULT false,
    closed_on     date,
    closed_reason text NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    FOREIGN KEY (park_id, facility_id) REFERENCES facilities (park_id, id),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id)
);
CREATE INDEX streams_park ON streams (park_id, id);
CREATE INDEX streams_enterprise ON streams (enterprise_id) WHERE enterprise_id IS NOT NULL;

-- What a registry row said and when: inserted with every write, never changed.
CREATE TABLE registry_versions (
    id          uuid PRIMARY KEY,
    object_kind text NOT NULL,
    object_id   uuid NOT NULL,
    version     bigint NOT NULL,
    valid_from  timestamptz NOT NULL,
    change_id   uuid NOT NULL REFERENCES changes (id),
    data        text NOT NULL
);
CREATE UNIQUE INDEX registry_versions_object ON registry_versions (object_id, version);

-- Fields about people, erasable: everything else holds only a salted commitment to the value.
CREATE TABLE personal_fields (
    object_kind text NOT NULL,
    object_id   uuid NOT NULL,
    field       text NOT NULL,
    value       text NOT NULL,
    salt        bytea NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (object_id, field)
);

CREATE TRIGGER registry_versions_update BEFORE UPDATE OR DELETE ON registry_versions FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER registry_versions_truncate BEFORE TRUNCATE ON registry_versions EXECUTE FUNCTION frozen();
