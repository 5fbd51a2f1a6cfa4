-- +goose Up
-- Exports that are kept for their person for a while: the files lie in the data folder.
CREATE TABLE exports (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL,
    list       text NOT NULL,
    format     text NOT NULL,
    lang       text NOT NULL,
    filters    text NOT NULL,
    rights     text NOT NULL,
    state      text NOT NULL,
    expected   bigint NOT NULL,
    rows       integer NOT NULL DEFAULT 0,
    size       bigint NOT NULL DEFAULT 0,
    name       text NOT NULL DEFAULT '',
    ready_at   timestamptz,
    expires_at timestamptz,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (state IN ('waiting', 'ready', 'failed')),
    CHECK (format IN ('xlsx', 'csv'))
);
CREATE INDEX exports_person ON exports (user_id, created_at, id);
