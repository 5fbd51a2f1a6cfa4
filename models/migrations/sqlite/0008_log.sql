-- +goose Up
-- The hashes of the Merkle log by stored index (golang.org/x/mod/sumdb/tlog): those of
-- the leaves and of every complete subtree, just under two a leaf.
CREATE TABLE log_hashes (
    position integer PRIMARY KEY,
    hash     blob NOT NULL
);

-- What the log was at one moment, signed.
CREATE TABLE checkpoints (
    id     text PRIMARY KEY,
    size   integer NOT NULL,
    root   blob NOT NULL,
    at     datetime NOT NULL,
    sealed blob NOT NULL,
    key_id text NOT NULL,
    note   text NOT NULL
);
CREATE INDEX checkpoints_size ON checkpoints (size, id);

-- +goose StatementBegin
CREATE TRIGGER log_hashes_update BEFORE UPDATE ON log_hashes FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of log_hashes are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER log_hashes_delete BEFORE DELETE ON log_hashes FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of log_hashes are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_update BEFORE UPDATE ON checkpoints FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of checkpoints are never changed or deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_delete BEFORE DELETE ON checkpoints FOR EACH ROW
BEGIN
    SELECT RAISE(ABORT, 'frozen: rows of checkpoints are never changed or deleted');
END;
-- +goose StatementEnd
