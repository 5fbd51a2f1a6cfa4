-- +goose Up
-- Additive in both times: how a measure of a park changed, by the day it is about and the day it was known.
CREATE TABLE park_day_counts (
    park_id      text NOT NULL REFERENCES parks (id),
    measure      text NOT NULL,
    about_on     text NOT NULL,
    known_on     text NOT NULL,
    jurisdiction text,
    n            integer NOT NULL,
    PRIMARY KEY (park_id, measure, about_on, known_on)
);
