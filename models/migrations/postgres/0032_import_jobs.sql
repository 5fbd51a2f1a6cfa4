-- +goose Up
-- An import whose rows a job writes: since when, and for whom.
ALTER TABLE imports ADD COLUMN asked_at timestamptz;
ALTER TABLE imports ADD COLUMN asked_by uuid;
