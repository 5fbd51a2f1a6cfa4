-- +goose Up
-- An import whose rows a job writes: since when, and for whom.
ALTER TABLE imports ADD COLUMN asked_at datetime;
ALTER TABLE imports ADD COLUMN asked_by text;
