-- +goose Up
-- One reminder for a person and a day.
CREATE TABLE reminders (
    user_id text NOT NULL REFERENCES users (id),
    day     text NOT NULL,
    at      datetime NOT NULL,
    waiting integer NOT NULL,
    overdue integer NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX reminders_day ON reminders (day);
