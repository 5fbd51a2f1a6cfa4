-- +goose Up
CREATE TABLE users (
    id                   text PRIMARY KEY,
    username             text NOT NULL,
    display_name         text NOT NULL,
    organisation         text NOT NULL DEFAULT '',
    password_hash        text NOT NULL,
    password_changed_at  datetime NOT NULL,
    password_expires_at  datetime,
    must_change_password boolean NOT NULL DEFAULT false,
    demo                 boolean NOT NULL DEFAULT false,
    disabled_at          datetime,
    disabled_reason      text NOT NULL DEFAULT '',
    version              integer NOT NULL DEFAULT 1,
    created_at           datetime NOT NULL,
    updated_at           datetime NOT NULL
);
CREATE UNIQUE INDEX users_username ON users (username);

CREATE TABLE assignments (
    id           text PRIMARY KEY,
    user_id      text NOT NULL REFERENCES users (id),
    role         text NOT NULL,
    jurisdiction text,
    park_id      text,
    enterprise_id text,
    starts_on    text NOT NULL,
    ends_on      text,
    granted_by   text,
    reason       text NOT NULL DEFAULT '',
    end_reason   text NOT NULL DEFAULT '',
    version      integer NOT NULL DEFAULT 1,
    created_at   datetime NOT NULL,
    updated_at   datetime NOT NULL,
    -- An assignment that was taken back before its first day ends the day before it: valid on no day.
    CHECK (ends_on IS NULL OR ends_on >= date(starts_on, '-1 day'))
);
CREATE INDEX assignments_user ON assignments (user_id);
CREATE INDEX assignments_park ON assignments (park_id) WHERE park_id IS NOT NULL;

-- An account that somebody without the right to make one asks for.
CREATE TABLE account_requests (
    id              text PRIMARY KEY,
    requested_by    text NOT NULL REFERENCES users (id),
    username        text NOT NULL,
    display_name    text NOT NULL,
    organisation    text NOT NULL DEFAULT '',
    role            text NOT NULL,
    jurisdiction    text,
    park_id         text,
    enterprise_id   text,
    starts_on       text NOT NULL,
    ends_on         text,
    reason          text NOT NULL,
    state           text NOT NULL,
    decided_by      text,
    decided_at      datetime,
    decision_reason text NOT NULL DEFAULT '',
    user_id         text REFERENCES users (id),
    version         integer NOT NULL DEFAULT 1,
    created_at      datetime NOT NULL,
    updated_at      datetime NOT NULL,
    CHECK (state IN ('requested', 'approved', 'refused'))
);
CREATE INDEX account_requests_created ON account_requests (created_at, id);
CREATE INDEX account_requests_by ON account_requests (requested_by, created_at, id);

CREATE TABLE sessions (
    id           text PRIMARY KEY,
    user_id      text NOT NULL REFERENCES users (id),
    token_hash   blob NOT NULL,
    kind         text NOT NULL,
    remote_addr  text NOT NULL DEFAULT '',
    user_agent   text NOT NULL DEFAULT '',
    created_at   datetime NOT NULL,
    last_seen_at datetime NOT NULL,
    expires_at   datetime NOT NULL,
    ended_at     datetime,
    end_reason   text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id, created_at DESC);

CREATE TABLE tokens (
    id           text PRIMARY KEY,
    user_id      text NOT NULL REFERENCES users (id),
    name         text NOT NULL,
    token_hash   blob NOT NULL,
    scopes       text NOT NULL,
    source_cidr  text NOT NULL DEFAULT '',
    created_at   datetime NOT NULL,
    expires_at   datetime NOT NULL,
    last_used_at datetime,
    revoked_at   datetime
);
CREATE UNIQUE INDEX tokens_hash ON tokens (token_hash);
CREATE INDEX tokens_user ON tokens (user_id, created_at DESC);

CREATE TABLE signin_attempts (
    id       text PRIMARY KEY,
    account  text NOT NULL,
    network  text NOT NULL,
    address  text NOT NULL,
    outcome  text NOT NULL,
    at       datetime NOT NULL
);
CREATE INDEX signin_attempts_account ON signin_attempts (account, at);
CREATE INDEX signin_attempts_address ON signin_attempts (address, at);

CREATE TABLE settings (
    name       text PRIMARY KEY,
    value      text NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    updated_at datetime NOT NULL
);

-- One row per business write: the leaf of the log. Numbered (seq) after commit by one sequencer.
CREATE TABLE changes (
    id            text PRIMARY KEY,
    at            datetime NOT NULL,
    actor_id      text NOT NULL,
    action        text NOT NULL,
    object_kind   text NOT NULL,
    object_id     text NOT NULL,
    park_id       text,
    jurisdiction  text,
    enterprise_id text,
    about_on      text NOT NULL,
    counts        text NOT NULL DEFAULT '{}',
    leaf          blob NOT NULL,
    leaf_hash     blob NOT NULL,
    algorithm     text NOT NULL,
    seq           integer,
    sealed_at     datetime
);
CREATE UNIQUE INDEX changes_seq ON changes (seq) WHERE seq IS NOT NULL;
CREATE INDEX changes_unsealed ON changes (at, id) WHERE seq IS NULL;
CREATE INDEX changes_object ON changes (object_id, id);

-- Who did what, from where, with what outcome: writes, sign-ins, permission changes, refusals, exports.
CREATE TABLE audit_records (
    id            text PRIMARY KEY,
    at            datetime NOT NULL,
    actor_id      text,
    actor_name    text NOT NULL DEFAULT '',
    via           text NOT NULL DEFAULT '',
    remote_addr   text NOT NULL DEFAULT '',
    user_agent    text NOT NULL DEFAULT '',
    request_id    text NOT NULL DEFAULT '',
    action        text NOT NULL,
    outcome       text NOT NULL,
    object_kind   text NOT NULL DEFAULT '',
    object_id     text NOT NULL DEFAULT '',
    park_id       text,
    jurisdiction  text,
    enterprise_id text,
    reason        text NOT NULL DEFAULT '',
    before_values text NOT NULL DEFAULT '',
    after_values  text NOT NULL DEFAULT '',
    change_id     text
);
CREATE INDEX audit_records_at ON audit_records (at DESC, id DESC);
CREATE INDEX audit_records_actor ON audit_records (actor_id, at DESC, id DESC);
CREATE INDEX audit_records_object ON audit_records (object_id, at DESC, id DESC);

CREATE TABLE idempotency_keys (
    actor_id    text NOT NULL,
    route       text NOT NULL,
    key         text NOT NULL,
    fingerprint blob NOT NULL,
    status      integer,
    headers     text NOT NULL DEFAULT '',
    body        blob,
    created_at  datetime NOT NULL,
    PRIMARY KEY (actor_id, route, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- The next number of each kind and year, taken in blocks.
CREATE TABLE numbers (
    kind text NOT NULL,
    year integer NOT NULL,
    next integer NOT NULL,
    PRIMARY KEY (kind, year)
);

CREATE TABLE attachments (
    id            text PRIMARY KEY,
    park_id       text NOT NULL,
    jurisdiction  text,
    enterprise_id text,
    owner_kind    text NOT NULL DEFAULT '',
    owner_id      text,
    name          text NOT NULL,
    media_type    text NOT NULL,
    size          integer NOT NULL,
    sha256        blob NOT NULL,
    uploaded_by   text NOT NULL,
    uploaded_at   datetime NOT NULL,
    version       integer NOT NULL DEFAULT 1
);
CREATE INDEX attachments_owner ON attachments (owner_id) WHERE owner_id IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER audit_records_update BEFORE UPDATE ON audit_records FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of audit_records are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_records_delete BEFORE DELETE ON audit_records FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of audit_records are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER changes_update BEFORE UPDATE ON changes FOR EACH ROW
WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.sealed_at IS NULL
    OR NEW.id IS NOT OLD.id
    OR NEW.at IS NOT OLD.at
    OR NEW.actor_id IS NOT OLD.actor_id
    OR NEW.action IS NOT OLD.action
    OR NEW.object_kind IS NOT OLD.object_kind
    OR NEW.object_id IS NOT OLD.object_id
    OR NEW.park_id IS NOT OLD.park_id
    OR NEW.jurisdiction IS NOT OLD.jurisdiction
    OR NEW.enterprise_id IS NOT OLD.enterprise_id
    OR NEW.about_on IS NOT OLD.about_on
    OR NEW.counts IS NOT OLD.counts
    OR NEW.leaf IS NOT OLD.leaf
    OR NEW.leaf_hash IS NOT OLD.leaf_hash
    OR NEW.algorithm IS NOT OLD.algorithm
BEGIN
    SELECT RAISE(ABORT, 'frozen: a change is numbered once and never altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER changes_delete BEFORE DELETE ON changes FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of changes are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER assignments_separate_insert BEFORE INSERT ON assignments FOR EACH ROW
WHEN NEW.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND EXISTS (SELECT 1 FROM assignments a WHERE a.user_id = NEW.user_id AND a.id <> NEW.id
    AND a.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND a.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND NEW.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND CASE WHEN a.role IN ('admin', 'security_admin', 'auditor') THEN a.role ELSE 'business' END
        <> CASE WHEN NEW.role IN ('admin', 'security_admin', 'auditor') THEN NEW.role ELSE 'business' END)
BEGIN
    SELECT RAISE(ABORT, 'overlap: accounts, assignments, audit and business are kept apart');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER assignments_once_insert BEFORE INSERT ON assignments FOR EACH ROW
WHEN NEW.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND EXISTS (SELECT 1 FROM assignments a WHERE a.user_id = NEW.user_id AND a.id <> NEW.id
    AND a.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND a.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND NEW.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND a.role = NEW.role
    AND COALESCE(a.jurisdiction, a.park_id, a.enterprise_id, '') = COALESCE(NEW.jurisdiction, NEW.park_id, NEW.enterprise_id, ''))
BEGIN
    SELECT RAISE(ABORT, 'overlap: the same assignment twice');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER assignments_separate_update BEFORE UPDATE OF user_id, role, starts_on, ends_on ON assignments FOR EACH ROW
WHEN NEW.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND EXISTS (SELECT 1 FROM assignments a WHERE a.user_id = NEW.user_id AND a.id <> NEW.id
    AND a.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND a.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND NEW.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND CASE WHEN a.role IN ('admin', 'security_admin', 'auditor') THEN a.role ELSE 'business' END
        <> CASE WHEN NEW.role IN ('admin', 'security_admin', 'auditor') THEN NEW.role ELSE 'business' END)
BEGIN
    SELECT RAISE(ABORT, 'overlap: accounts, assignments, audit and business are kept apart');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER assignments_once_update BEFORE UPDATE OF user_id, role, starts_on, ends_on ON assignments FOR EACH ROW
WHEN NEW.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND EXISTS (SELECT 1 FROM assignments a WHERE a.user_id = NEW.user_id AND a.id <> NEW.id
    AND a.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND a.starts_on <= COALESCE(NEW.ends_on, '9999-12-31') AND NEW.starts_on <= COALESCE(a.ends_on, '9999-12-31')
    AND a.role = NEW.role
    AND COALESCE(a.jurisdiction, a.park_id, a.enterprise_id, '') = COALESCE(NEW.jurisdiction, NEW.park_id, NEW.enterprise_id, ''))
BEGIN
    SELECT RAISE(ABORT, 'overlap: the same assignment twice');
END;
-- +goose StatementEnd
