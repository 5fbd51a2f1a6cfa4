-- +goose Up
-- The changes of the register among millions of others: which of its states a report
-- counts is the last of these up to a number. The kinds stand in the words of
-- models/registry/book.go: a planner compares the text.
CREATE INDEX changes_register ON changes (seq) WHERE object_kind IN ('park', 'enterprise', 'site', 'permit', 'facility', 'outlet') AND seq IS NOT NULL;
