-- +goose Up
-- Exports that are kept for their person for a while: the files lie in the data folder.
CREATE TABLE exports (
    id         text PRIMARY KEY,
    user_id    text NOT NULL,
    list       text NOT NULL,
    format     text NOT NULL,
    lang       text NOT NULL,
    filters    text NOT NULL,
    rights     text NOT NULL,
    state      text NOT NULL,
    expected   integer NOT NULL,
    rows       integer NOT NULL DEFAULT 0,
    size       integer NOT NULL DEFAULT 0,
    name       text NOT NULL DEFAULT '',
    ready_at   datetime,
    expires_at datetime,
    version    integer NOT NULL DEFAULT 1,
    created_at datetime NOT NULL,
    updated_at datetime NOT NULL,
    CHECK (state IN ('waiting', 'ready', 'failed')),
    CHECK (format IN ('xlsx', 'csv'))
);
CREATE INDEX exports_person ON exports (user_id, created_at, id);
