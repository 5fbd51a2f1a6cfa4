-- +goose Up
-- The head moves; filings and steps are inserted only.
CREATE TABLE ledger_entries (
    id            text PRIMARY KEY,
    number        text NOT NULL,
    class         text NOT NULL,
    class_version integer NOT NULL,
    condition     text NOT NULL,
    site_id       text,
    park_id       text NOT NULL REFERENCES parks (id),
    jurisdiction  text,
    enterprise_id text,
    facility_id   text,
    outlet_id     text,
    day           text NOT NULL,
    slot          text NOT NULL DEFAULT '',
    state         text NOT NULL,
    draft         text NOT NULL DEFAULT '',
    occurred_at   datetime,
    recorded_at   datetime NOT NULL,
    received_at   datetime NOT NULL,
    filed_at      datetime,
    filed_by      text,
    filed_as      text NOT NULL DEFAULT '',
    filings       integer NOT NULL DEFAULT 0,
    change_id     text,
    supersedes    text,
    superseded_by text,
    reason        text NOT NULL DEFAULT '',
    digest        blob NOT NULL,
    created_by    text NOT NULL,
    demo          boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
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
    id          text PRIMARY KEY,
    entry_id    text NOT NULL REFERENCES ledger_entries (id),
    number      integer NOT NULL,
    payload     text NOT NULL,
    digest      blob NOT NULL,
    occurred_at datetime,
    recorded_at datetime NOT NULL,
    received_at datetime NOT NULL,
    filed_at    datetime NOT NULL,
    filed_by    text NOT NULL,
    filed_as    text NOT NULL,
    change_id   text NOT NULL REFERENCES changes (id)
);
CREATE UNIQUE INDEX ledger_filings_number ON ledger_filings (entry_id, number);

CREATE TABLE ledger_steps (
    id        text PRIMARY KEY,
    entry_id  text NOT NULL REFERENCES ledger_entries (id),
    kind      text NOT NULL,
    at        datetime NOT NULL,
    actor_id  text NOT NULL,
    acted_as  text NOT NULL,
    reason    text NOT NULL DEFAULT '',
    change_id text NOT NULL REFERENCES changes (id)
);
CREATE INDEX ledger_steps_entry ON ledger_steps (entry_id, id);

-- The numbers of a filing, for sums and judgement: raw as entered, scaled × 10^6.
CREATE TABLE ledger_items (
    filing_id text NOT NULL REFERENCES ledger_filings (id),
    path      text NOT NULL,
    entry_id  text NOT NULL,
    park_id   text NOT NULL,
    day       text NOT NULL,
    item      text NOT NULL,
    raw       text NOT NULL,
    qualifier text NOT NULL DEFAULT '',
    scaled    integer,
    unit      text NOT NULL DEFAULT '',
    PRIMARY KEY (filing_id, path)
);
CREATE INDEX ledger_items_item ON ledger_items (park_id, item, day);

-- +goose StatementBegin
CREATE TRIGGER ledger_filings_update BEFORE UPDATE ON ledger_filings FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_filings are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_filings_delete BEFORE DELETE ON ledger_filings FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_filings are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_steps_update BEFORE UPDATE ON ledger_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_steps are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_steps_delete BEFORE DELETE ON ledger_steps FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_steps are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_items_update BEFORE UPDATE ON ledger_items FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_items are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_items_delete BEFORE DELETE ON ledger_items FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of ledger_items are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_entries_delete BEFORE DELETE ON ledger_entries FOR EACH ROW
WHEN OLD.filings > 0
BEGIN
    SELECT RAISE(ABORT, 'frozen: a filed ledger entry is never deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_entries_update BEFORE UPDATE ON ledger_entries FOR EACH ROW
WHEN OLD.filings > 0 AND (NEW.number IS NOT OLD.number
    OR NEW.class IS NOT OLD.class
    OR NEW.class_version IS NOT OLD.class_version
    OR NEW.condition IS NOT OLD.condition
    OR NEW.day IS NOT OLD.day
    OR NEW.slot IS NOT OLD.slot
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.site_id IS NOT OLD.site_id
    OR NEW.facility_id IS NOT OLD.facility_id
    OR NEW.outlet_id IS NOT OLD.outlet_id
    OR NEW.supersedes IS NOT OLD.supersedes
    OR NEW.received_at IS NOT OLD.received_at
    OR NEW.created_by IS NOT OLD.created_by)
BEGIN
    SELECT RAISE(ABORT, 'frozen: what a filed ledger entry is about never changes');
END;
-- +goose StatementEnd
