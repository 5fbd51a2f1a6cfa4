-- +goose Up
-- What the report of a park shows, with the digests of the bytes.
ALTER TABLE task_steps ADD COLUMN attachments text NOT NULL DEFAULT '[]';
