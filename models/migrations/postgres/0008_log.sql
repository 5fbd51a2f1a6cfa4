-- +goose Up
-- The hashes of the Merkle log by stored index (golang.org/x/mod/sumdb/tlog): those of
-- the leaves and of every complete subtree, just under two a leaf.
CREATE TABLE log_hashes (
    position bigint PRIMARY KEY,
    hash     bytea NOT NULL
);

-- What the log was at one moment, signed.
CREATE TABLE checkpoints (
    id     uuid PRIMARY KEY,
    size   bigint NOT NULL,
    root   bytea NOT NULL,
    at     timestamptz NOT NULL,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    note   text NOT NULL
);
CREATE INDEX checkpoints_size ON checkpoints (size, id);

CREATE TRIGGER log_hashes_update BEFORE UPDATE ON log_hashes FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER log_hashes_delete BEFORE DELETE ON log_hashes FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER log_hashes_truncate BEFORE TRUNCATE ON log_hashes EXECUTE FUNCTION frozen();
CREATE TRIGGER checkpoints_update BEFORE UPDATE ON checkpoints FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER checkpoints_delete BEFORE DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER checkpoints_truncate BEFORE TRUNCATE ON checkpoints EXECUTE FUNCTION frozen();
