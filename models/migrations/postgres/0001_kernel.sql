-- +goose Up
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE users (
    id                   uuid PRIMARY KEY,
    username             text NOT NULL,
    display_name         text NOT NULL,
    organisation         text NOT NULL DEFAULT '',
    password_hash        text NOT NULL,
    password_changed_at  timestamptz NOT NULL,
    password_expires_at  timestamptz,
    must_change_password boolean NOT NULL DEFAULT false,
    demo                 boolean NOT NULL DEFAULT false,
    disabled_at          timestamptz,
    disabled_reason      text NOT NULL DEFAULT '',
    version              bigint NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_username ON users (username);

CREATE TABLE assignments (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id),
    role         text NOT NULL,
    jurisdiction text,
    park_id      uuid,
    enterprise_id uuid,
    starts_on    date NOT NULL,
    ends_on      date,
    granted_by   uuid,
    reason       text NOT NULL DEFAULT '',
    end_reason   text NOT NULL DEFAULT '',
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    -- An assignment that was taken back before its first day ends the day before it: valid on no day.
    CHECK (ends_on IS NULL OR ends_on >= starts_on - 1),
    -- Accounts, assignments and audit are three rights that nobody holds together or beside business (S-AZ11).
    CONSTRAINT assignments_separate EXCLUDE USING gist (user_id WITH =,
        (CASE WHEN role IN ('admin', 'security_admin', 'auditor') THEN role ELSE 'business' END) WITH <>,
        daterange(starts_on, ends_on + 1, '[)') WITH &&),
    CONSTRAINT assignments_once EXCLUDE USING gist (user_id WITH =, role WITH =,
        (COALESCE(jurisdiction, park_id::text, enterprise_id::text, '')) WITH =,
        daterange(starts_on, ends_on + 1, '[)') WITH &&)
);
CREATE INDEX assignments_user ON assignments (user_id);
CREATE INDEX assignments_park ON assignments (park_id) WHERE park_id IS NOT NULL;

-- An account that somebody without the right to make one asks for.
CREATE TABLE account_requests (
    id              uuid PRIMARY KEY,
    requested_by    uuid NOT NULL REFERENCES users (id),
    username        text NOT NULL,
    display_name    text NOT NULL,
    organisation    text NOT NULL DEFAULT '',
    role            text NOT NULL,
    jurisdiction    text,
    park_id         uuid,
    enterprise_id   uuid,
    starts_on       date NOT NULL,
    ends_on         date,
    reason          text NOT NULL,
    state           text NOT NULL,
    decided_by      uuid,
    decided_at      timestamptz,
    decision_reason text NOT NULL DEFAULT '',
    user_id         uuid REFERENCES users (id),
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK (state IN ('requested', 'approved', 'refused'))
);
CREATE INDEX account_requests_created ON account_requests (created_at, id);
CREATE INDEX account_requests_by ON account_requests (requested_by, created_at, id);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id),
    token_hash   bytea NOT NULL,
    kind         text NOT NULL,
    remote_addr  text NOT NULL DEFAULT '',
    user_agent   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    end_reason   text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id, created_at DESC);

CREATE TABLE tokens (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id),
    name         text NOT NULL,
    token_hash   bytea NOT NULL,
    scopes       text NOT NULL,
    source_cidr  text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE UNIQUE INDEX tokens_hash ON tokens (token_hash);
CREATE INDEX tokens_user ON tokens (user_id, created_at DESC);

CREATE TABLE signin_attempts (
    id       uuid PRIMARY KEY,
    account  text NOT NULL,
    network  text NOT NULL,
    address  text NOT NULL,
    outcome  text NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX signin_attempts_account ON signin_attempts (account, at);
CREATE INDEX signin_attempts_address ON signin_attempts (address, at);

CREATE TABLE settings (
    name       text PRIMARY KEY,
    value      text NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL
);

-- One row per business write: the leaf of the log. Numbered (seq) after commit by one sequencer.
CREATE TABLE changes (
    id            uuid PRIMARY KEY,
    at            timestamptz NOT NULL,
    actor_id      uuid NOT NULL,
    action        text NOT NULL,
    object_kind   text NOT NULL,
    object_id     uuid NOT NULL,
    park_id       uuid,
    jurisdiction  text,
    enterprise_id uuid,
    about_on      date NOT NULL,
    counts        text NOT NULL DEFAULT '{}',
    leaf          bytea NOT NULL,
    leaf_hash     bytea NOT NULL,
    algorithm     text NOT NULL,
    seq           bigint,
    sealed_at     timestamptz
);
CREATE UNIQUE INDEX changes_seq ON changes (seq) WHERE seq IS NOT NULL;
CREATE INDEX changes_unsealed ON changes (at, id) WHERE seq IS NULL;
CREATE INDEX changes_object ON changes (object_id, id);

-- Who did what, from where, with what outcome: writes, sign-ins, permission changes, refusals, exports.
CREATE TABLE audit_records (
    id            uuid PRIMARY KEY,
    at            timestamptz NOT NULL,
    actor_id      uuid,
    actor_name    text NOT NULL DEFAULT '',
    via           text NOT NULL DEFAULT '',
    remote_addr   text NOT NULL DEFAULT '',
    user_agent    text NOT NULL DEFAULT '',
    request_id    text NOT NULL DEFAULT '',
    action        text NOT NULL,
    outcome       text NOT NULL,
    object_kind   text NOT NULL DEFAULT '',
    object_id     text NOT NULL DEFAULT '',
    park_id       uuid,
    jurisdiction  text,
    enterprise_id uuid,
    reason        text NOT NULL DEFAULT '',
    before_values text NOT NULL DEFAULT '',
    after_values  text NOT NULL DEFAULT '',
    change_id     uuid
);
CREATE INDEX audit_records_at ON audit_records (at DESC, id DESC);
CREATE INDEX audit_records_actor ON audit_records (actor_id, at DESC, id DESC);
CREATE INDEX audit_records_object ON audit_records (object_id, at DESC, id DESC);

CREATE TABLE idempotency_keys (
    actor_id    uuid NOT NULL,
    route       text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    status      integer,
    headers     text NOT NULL DEFAULT '',
    body        bytea,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (actor_id, route, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- The next number of each kind and year, taken in blocks.
CREATE TABLE numbers (
    kind text NOT NULL,
    year integer NOT NULL,
    next bigint NOT NULL,
    PRIMARY KEY (kind, year)
);

CREATE TABLE attachments (
    id            uuid PRIMARY KEY,
    park_id       uuid NOT NULL,
    jurisdiction  text,
    enterprise_id uuid,
    owner_kind    text NOT NULL DEFAULT '',
    owner_id      uuid,
    name          text NOT NULL,
    media_type    text NOT NULL,
    size          bigint NOT NULL,
    sha256        bytea NOT NULL,
    uploaded_by   uuid NOT NULL,
    uploaded_at   timestamptz NOT NULL,
    version       bigint NOT NULL DEFAULT 1
);
CREATE INDEX attachments_owner ON attachments (owner_id) WHERE owner_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'frozen: rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION changes_sealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.sealed_at IS NULL
        OR (NEW.id, NEW.at, NEW.actor_id, NEW.action, NEW.object_kind, NEW.object_id, NEW.about_on, NEW.counts, NEW.leaf, NEW.leaf_hash, NEW.algorithm)
           IS DISTINCT FROM
           (OLD.id, OLD.at, OLD.actor_id, OLD.action, OLD.object_kind, OLD.object_id, OLD.about_on, OLD.counts, OLD.leaf, OLD.leaf_hash, OLD.algorithm)
        OR NEW.park_id IS DISTINCT FROM OLD.park_id OR NEW.jurisdiction IS DISTINCT FROM OLD.jurisdiction
        OR NEW.enterprise_id IS DISTINCT FROM OLD.enterprise_id THEN
        RAISE EXCEPTION 'frozen: a change is numbered once and never altered' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER changes_update BEFORE UPDATE ON changes FOR EACH ROW EXECUTE FUNCTION changes_sealed_once();
CREATE TRIGGER changes_delete BEFORE DELETE ON changes FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER changes_truncate BEFORE TRUNCATE ON changes EXECUTE FUNCTION frozen();
CREATE TRIGGER audit_records_update BEFORE UPDATE ON audit_records FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER audit_records_delete BEFORE DELETE ON audit_records FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER audit_records_truncate BEFORE TRUNCATE ON audit_records EXECUTE FUNCTION frozen();
