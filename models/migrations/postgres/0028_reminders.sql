-- +goose Up
-- One reminder for a person and a day.
CREATE TABLE reminders (
    user_id uuid NOT NULL REFERENCES users (id),
    day     date NOT NULL,
    at      timestamptz NOT NULL,
    waiting bigint NOT NULL,
    overdue bigint NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX reminders_day ON reminders (day);
