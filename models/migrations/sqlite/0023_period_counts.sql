-- +goose Up
-- The day counts by months and by years of both days, so that a sum over all days reads few rows (ADR 0028).
CREATE TABLE park_period_counts (
    span         text NOT NULL,
    about_in     text NOT NULL,
    known_in     text NOT NULL,
    park_id      text NOT NULL REFERENCES parks (id),
    measure      text NOT NULL,
    jurisdiction text,
    n            integer NOT NULL,
    PRIMARY KEY (span, about_in, known_in, park_id, measure)
);
CREATE INDEX park_period_counts_known ON park_period_counts (span, known_in);
-- The days at the ends of a sum.
CREATE INDEX park_day_counts_about ON park_day_counts (measure, about_on);
CREATE INDEX park_day_counts_known ON park_day_counts (known_on);
INSERT INTO park_period_counts (span, about_in, known_in, park_id, measure, jurisdiction, n)
SELECT 'month', substr(about_on, 1, 7), substr(known_on, 1, 7), park_id, measure, MAX(jurisdiction), SUM(n) FROM park_day_counts GROUP BY 2, 3, 4, 5;
INSERT INTO park_period_counts (span, about_in, known_in, park_id, measure, jurisdiction, n)
SELECT 'year', substr(about_on, 1, 4), substr(known_on, 1, 4), park_id, measure, MAX(jurisdiction), SUM(n) FROM park_day_counts GROUP BY 2, 3, 4, 5;
