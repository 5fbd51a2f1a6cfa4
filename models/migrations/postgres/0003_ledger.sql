-- +goose Up
-- The head moves; filings and steps are inserted only.
CREATE TABLE ledger_entries (
    id            uuid PRIMARY KEY,
    number        text NOT NULL,
    class         text NOT NULL,
    class_version integer NOT NULL,
    condition     text NOT NULL,
    site_id       uuid,
    park_id       uuid NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id uuid,
    facility_id   uuid,
    outlet_id     uuid,
    day           date NOT NULL,
    slot          text NOT NULL DEFAULT '',
    state         text NOT NULL,
    draft         text NOT NULL DEFAULT '',
    occurred_at   timestamptz,
    recorded_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    filed_at      timestamptz,
    filed_by      uuid,
    filed_as      text NOT NULL DEFAULT '',
    filings       integer NOT NULL DEFAULT 0,
    change_id     uuid,
    supersedes    uuid,
    superseded_by uuid,
    reason        text NOT NULL DEFAULT '',
    digest        bytea NOT NULL,
    created_by    uuid NOT NULL,
    demo          boolean NOT NULL DEFAULT false,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK (state IN ('draft', 'filed', 'returned', 'accepted', 'superseded', 'voided')),
    FOREIGN KEY (park_id, site_id) REFERENCES sites (park_id, id),
    FOREIGN KEY (park_id, facility_id) REFERENCES facilities (park_id, id),
    FOREIGN KEY (park_id, outlet_id) REFERENCES outlets (park_id, id)
);
CREATE UNIQUE INDEX ledger_entries_number ON ledger_entries (number);
CREATE UNIQUE INDEX ledger_entries_supersedes ON ledger_entries (supersedes) WHERE supersedes IS NOT NULL AND state <> 'voided';
-- An amendment takes the place of the entry that it amends when it is filed, not before.
CREATE UNIQUE INDEX ledger_entries_live ON ledger_entries
    (park_id, day, class, COALESCE(facility_id, outlet_id, site_id, park_id), slot)
    WHERE state NOT IN ('superseded', 'voided') AND (supersedes IS NULL OR filings > 0);
CREATE INDEX ledger_entries_park ON ledger_entries (park_id, day DESC, id DESC);
CREATE INDEX ledger_entries_jurisdiction ON ledger_entries (jurisdiction, day DESC, id DESC);
CREATE INDEX ledger_entries_enterprise ON ledger_entries (enterprise_id, day DESC, id DESC) WHERE enterprise_id IS NOT NULL;
CREATE INDEX ledger_entries_day ON ledger_entries (day DESC, id DESC);

CREATE TABLE ledger_filings (
    id          uuid PRIMARY KEY,
    entry_id    uuid NOT NULL REFERENCES ledger_entries (id),
    number      integer NOT NULL,
    payload     text NOT NULL,
    digest      bytea NOT NULL,
    occurred_at timestamptz,
    recorded_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    filed_at    timestamptz NOT NULL,
    filed_by    uuid NOT NULL,
    filed_as    text NOT NULL,
    change_id   uuid NOT NULL REFERENCES changes (id)
);
CREATE UNIQUE INDEX ledger_filings_number ON ledger_filings (entry_id, number);

CREATE TABLE ledger_steps (
    id        uuid PRIMARY KEY,
    entry_id  uuid NOT NULL REFERENCES ledger_entries (id),
    kind      text NOT NULL,
    at        timestamptz NOT NULL,
    actor_id  uuid NOT NULL,
    acted_as  text NOT NULL,
    reason    text NOT NULL DEFAULT '',
    change_id uuid NOT NULL REFERENCES changes (id)
);
CREATE INDEX ledger_steps_entry ON ledger_steps (entry_id, id);

-- The numbers of a filing, for sums and judgement: raw as entered, scaled × 10^6.
CREATE TABLE ledger_items (
    filing_id uuid NOT NULL REFERENCES ledger_filings (id),
    path      text NOT NULL,
    entry_id  uuid NOT NULL,
    park_id   uuid NOT NULL,
    day       date NOT NULL,
    item      text NOT NULL,
    raw       text NOT NULL,
    qualifier text NOT NULL DEFAULT '',
    scaled    bigint,
    unit      text NOT NULL DEFAULT '',
    PRIMARY KEY (filing_id, path)
);
CREATE INDEX ledger_items_item ON ledger_items (park_id, item, day);

CREATE TRIGGER ledger_filings_frozen BEFORE UPDATE OR DELETE ON ledger_filings FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER ledger_steps_frozen BEFORE UPDATE OR DELETE ON ledger_steps FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER ledger_items_frozen BEFORE UPDATE OR DELETE ON ledger_items FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER ledger_filings_truncate BEFORE TRUNCATE ON ledger_filings EXECUTE FUNCTION frozen();
CREATE TRIGGER ledger_steps_truncate BEFORE TRUNCATE ON ledger_steps EXECUTE FUNCTION frozen();
CREATE TRIGGER ledger_items_truncate BEFORE TRUNCATE ON ledger_items EXECUTE FUNCTION frozen();
-- +goose StatementBegin
CREATE FUNCTION ledger_head_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.filings > 0 THEN
            RAISE EXCEPTION 'frozen: a filed ledger entry is never deleted' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.filings > 0 AND (NEW.number, NEW.class, NEW.class_version, NEW.condition, NEW.day, NEW.slot,
        NEW.park_id, NEW.site_id, NEW.facility_id, NEW.outlet_id, NEW.supersedes, NEW.received_at, NEW.created_by)
        IS DISTINCT FROM (OLD.number, OLD.class, OLD.class_version, OLD.condition, OLD.day, OLD.slot,
        OLD.park_id, OLD.site_id, OLD.facility_id, OLD.outlet_id, OLD.supersedes, OLD.received_at, OLD.created_by) THEN
        RAISE EXCEPTION 'frozen: what a filed ledger entry is about never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_entries_kept BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_head_kept();
